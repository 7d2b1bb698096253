/**
 * From here on a head mark beside the database says which event is the latest. Events up to this
 * one are from before that.
 */
export const unmarked = `
CREATE TABLE unmarked (seq INTEGER NOT NULL) STRICT;
INSERT INTO unmarked SELECT coalesce(max(seq), 0) FROM event;
`

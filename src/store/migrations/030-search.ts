/**
 * The text index merges its segments when it is told to, in small pieces, and not by itself amid an insert: that took up
 * to 20 ms, during which every agent's answer waited.
 */
export const search = `
INSERT INTO event_text (event_text, rank) VALUES ('automerge', 0);
INSERT INTO event_text (event_text, rank) VALUES ('crisismerge', 1900);
`

/** The journal and its signed heads. */
export const journal = `
CREATE TABLE event (
  seq INTEGER PRIMARY KEY, at INTEGER NOT NULL, actor TEXT NOT NULL, type TEXT NOT NULL,
  subject TEXT NOT NULL, body TEXT NOT NULL, prev TEXT NOT NULL, hash TEXT NOT NULL
) STRICT;
CREATE TRIGGER event_is_never_changed BEFORE UPDATE ON event
  BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;
CREATE TRIGGER event_is_never_deleted BEFORE DELETE ON event
  BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;
CREATE INDEX event_by_subject ON event (subject, seq);
CREATE INDEX event_by_type ON event (type, seq);
CREATE INDEX event_by_subject_and_type ON event (subject, type, seq);
CREATE TABLE checkpoint (
  seq INTEGER PRIMARY KEY, hash TEXT NOT NULL, at INTEGER NOT NULL, keyId TEXT NOT NULL,
  signature TEXT NOT NULL
) STRICT;
`

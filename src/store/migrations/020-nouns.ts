/** One table a noun: a row is the JSON that doors see; what is searched by is a column computed from it. Written by folds only. */
export const nouns = `
CREATE TABLE agent (id TEXT PRIMARY KEY, row TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE approval (
  id TEXT PRIMARY KEY, row TEXT NOT NULL,
  state TEXT NOT NULL AS (row ->> 'state'), agent TEXT NOT NULL AS (row ->> 'agent'), askedAt INTEGER NOT NULL AS (row ->> 'askedAt')
) STRICT;
CREATE INDEX approval_by_state ON approval (state, askedAt);
CREATE INDEX approval_by_time ON approval (askedAt);
CREATE TABLE lease (id TEXT PRIMARY KEY, row TEXT NOT NULL, state TEXT NOT NULL AS (row ->> 'state')) STRICT;
CREATE INDEX lease_by_state ON lease (state);
CREATE TABLE session (id TEXT PRIMARY KEY, row TEXT NOT NULL, state TEXT NOT NULL AS (row ->> 'state')) STRICT;
CREATE INDEX session_by_state ON session (state);
CREATE TABLE precedent (id TEXT PRIMARY KEY, row TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE policy_use (id TEXT PRIMARY KEY, row TEXT NOT NULL) STRICT, WITHOUT ROWID;
`

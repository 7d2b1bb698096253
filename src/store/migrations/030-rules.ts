/** What policy learns: rules, how often each answered, playbooks, and how often the operator wants to be interrupted. */
export const rules = `
CREATE TABLE rule (
  id TEXT PRIMARY KEY, row TEXT NOT NULL,
  status TEXT NOT NULL AS (row ->> '$.rule.status'), changedAt INTEGER NOT NULL AS (row ->> 'changedAt')
) STRICT;
CREATE INDEX rule_by_status ON rule (status, changedAt);
CREATE INDEX event_by_rule ON event (body ->> '$.stored.rule.id', seq) WHERE type >= 'rule.' AND type < 'rule/';
CREATE TABLE rule_use (id TEXT PRIMARY KEY, row TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE playbook (id TEXT PRIMARY KEY, row TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE budget (id TEXT PRIMARY KEY, row TEXT NOT NULL) STRICT, WITHOUT ROWID;
`

import type { Rows } from '../../journal/tables/rows.ts'
import { readJson, writeJson, type JsonObject } from '../../clawpolicy/files/json.ts'
import type { Playbook, Rule } from '../../clawpolicy/types.ts'
import { rehashed, revised } from '../../clawpolicy/files/records.ts'
import type { StoredPlaybook, StoredRule } from './types.ts'

/** Outcomes of a rule that are kept: the engine's gates read the last three. */
export const OUTCOMES_KEPT = 20

/** A stored rule in the engine's form. */
export function toRule({ rule, extra, kinds }: Pick<StoredRule, 'rule' | 'extra' | 'kinds'>): Rule {
  if (extra === undefined && kinds === undefined) return rule
  return {
    ...rule,
    ...(extra === undefined ? {} : { extra: readJson(extra) as JsonObject }),
    ...(kinds === undefined ? {} : { kinds }),
  }
}

/** A rule of the engine in the form of events and tables. */
export function toStored(
  { extra, kinds, ...rule }: Rule,
  { expiresAt, by }: Pick<StoredRule, 'expiresAt' | 'by'>,
): StoredRule {
  return {
    rule,
    ...(extra === undefined ? {} : { extra: writeJson(extra) }),
    ...(kinds === undefined ? {} : { kinds }),
    expiresAt,
    by,
  }
}

export function toPlaybook({ playbook, extra, kinds }: StoredPlaybook): Playbook {
  return {
    ...playbook,
    ...(extra === undefined ? {} : { extra: readJson(extra) as JsonObject }),
    ...(kinds === undefined ? {} : { kinds }),
  }
}

export function toStoredPlaybook({ extra, kinds, ...playbook }: Playbook): StoredPlaybook {
  return {
    playbook,
    ...(extra === undefined ? {} : { extra: writeJson(extra) }),
    ...(kinds === undefined ? {} : { kinds }),
  }
}

/** A rule with some fields changed and a new hash. */
export function withChange(stored: StoredRule, change: Partial<Rule>): StoredRule {
  return toStored(rehashed(revised(toRule(stored), change)), stored)
}

/** The subject of a rule's events: its agent, or '' if there is none of that name. */
export function eventSubject(
  rows: Pick<Rows, 'get'>,
  { scope, scope_key }: Pick<Rule, 'scope' | 'scope_key'>,
): string {
  return scope === 'project' && rows.get('agent', scope_key) !== undefined ? scope_key : ''
}

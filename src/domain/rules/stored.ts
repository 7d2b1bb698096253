import type { Rows } from '../../journal/tables/rows.ts'
import { readJson, writeJson, type JsonObject } from '../../clawpolicy/files/json.ts'
import type { Playbook, Rule } from '../../clawpolicy/types.ts'
import { rehashed, revised } from '../../clawpolicy/files/records.ts'
import type { StoredPlaybook, StoredRule } from './types.ts'

/** How many outcomes of a rule are kept: the gates look back on three. */
export const OUTCOMES_KEPT = 20

/** A rule as the engine works with it. */
export function ruleOf({ rule, extra, kinds }: Pick<StoredRule, 'rule' | 'extra' | 'kinds'>): Rule {
  if (extra === undefined && kinds === undefined) return rule
  return {
    ...rule,
    ...(extra === undefined ? {} : { extra: readJson(extra) as JsonObject }),
    ...(kinds === undefined ? {} : { kinds }),
  }
}

/** The same as events and tables carry it. */
export function storedOf(
  { extra, kinds, ...rule }: Rule,
  keeping: Pick<StoredRule, 'expiresAt' | 'by'>,
): StoredRule {
  return {
    rule,
    ...(extra === undefined ? {} : { extra: writeJson(extra) }),
    ...(kinds === undefined ? {} : { kinds }),
    expiresAt: keeping.expiresAt,
    by: keeping.by,
  }
}

export function playbookOf({ playbook, extra, kinds }: StoredPlaybook): Playbook {
  return {
    ...playbook,
    ...(extra === undefined ? {} : { extra: readJson(extra) as JsonObject }),
    ...(kinds === undefined ? {} : { kinds }),
  }
}

export function storedPlaybook({ extra, kinds, ...playbook }: Playbook): StoredPlaybook {
  return {
    playbook,
    ...(extra === undefined ? {} : { extra: writeJson(extra) }),
    ...(kinds === undefined ? {} : { kinds }),
  }
}

/** A rule with some fields changed, and its hash; what belongs to its row alone stays behind. */
export function moved(stored: StoredRule, change: Partial<Rule>): StoredRule {
  return storedOf(rehashed(revised(ruleOf(stored), change)), stored)
}

/** Where events about a rule belong: to its agent, if there is one of that name. */
export function subjectOf(
  rows: Pick<Rows, 'get'>,
  { scope, scope_key }: Pick<Rule, 'scope' | 'scope_key'>,
): string {
  return scope === 'project' && rows.get('agent', scope_key) !== undefined ? scope_key : ''
}

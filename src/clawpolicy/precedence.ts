import type { Corrections } from './corrections.ts'
import { latestFirst, parseTime } from './times.ts'
import type { Rule, ScopeName } from './types.ts'

/** Which rule decides, if any, and by what right. */
export interface Selection {
  rule: Rule | undefined
  resolution: string
}

const NARROWEST_FIRST: ScopeName[] = ['project', 'domain', 'global']
export const AMBIGUOUS = 'ambiguous_same_scope_conflict'

/**
 * Of rules that match, are confirmed and have a decision: only those of the narrowest scope compete. The latest wins if all
 * agree, or if who disagrees is strictly older; else none does, and wider scopes are not asked.
 */
export function select(rules: readonly Rule[], corrections: Corrections): Selection {
  const scope = NARROWEST_FIRST.find((name) => rules.some((rule) => rule.scope === name))
  if (scope === undefined) return { rule: undefined, resolution: 'heuristic_default' }
  const inside = latestFirst(
    rules.filter((rule) => rule.scope === scope),
    (rule) => rule.last_seen_at,
    corrections,
  )
  const top = inside[0] as Rule
  const rival = inside.find((rule) => rule.policy_decision !== top.policy_decision)
  if (
    rival !== undefined &&
    parseTime(rival.last_seen_at).micros >= parseTime(top.last_seen_at).micros
  )
    return { rule: undefined, resolution: AMBIGUOUS }
  const wider = NARROWEST_FIRST.slice(NARROWEST_FIRST.indexOf(scope) + 1).find((name) =>
    rules.some((rule) => rule.scope === name),
  )
  if (wider !== undefined) return { rule: top, resolution: `${scope}_over_${wider}` }
  if (rival !== undefined) return { rule: top, resolution: 'same_scope_newer_confirmed' }
  return {
    rule: top,
    resolution: inside.length === 1 ? `${scope}_confirmed_rule` : 'same_scope_consistent_confirmed',
  }
}

import { Fault } from '../../base/fault.ts'
import { CORRECTED, type Corrections } from '../corrections.ts'
import { parseTime } from '../times.ts'
import type { Rule, ScopeName } from '../types.ts'

/** The rule that decides, if any, and the label of how it was chosen. */
export interface Selection {
  rule: Rule | undefined
  resolution: string
}

const NARROWEST_FIRST: ScopeName[] = ['project', 'domain', 'global']
export const AMBIGUOUS = 'ambiguous_same_scope_conflict'

/** Chooses between matching rules by scope and recency. */
export class Precedence {
  readonly #naiveIsUtc: boolean

  constructor(corrections: Corrections = CORRECTED) {
    this.#naiveIsUtc = corrections['times-compare']
  }

  /**
   * Of confirmed, matching rules with a decision, only those of the narrowest scope compete. The
   * latest wins if all agree, or if those that disagree are strictly older; else none does, and
   * wider scopes are not asked.
   */
  select(rules: readonly Rule[]): Selection {
    const scope = NARROWEST_FIRST.find((name) => rules.some((rule) => rule.scope === name))
    if (scope === undefined) return { rule: undefined, resolution: 'heuristic_default' }
    const inside = this.latestFirst(rules.filter((rule) => rule.scope === scope))
    const top = inside[0] as Rule
    const rival = inside.find((rule) => rule.policy_decision !== top.policy_decision)
    if (rival !== undefined && seenAt(rival) >= seenAt(top))
      return { rule: undefined, resolution: AMBIGUOUS }
    const wider = NARROWEST_FIRST.slice(NARROWEST_FIRST.indexOf(scope) + 1).find((name) =>
      rules.some((rule) => rule.scope === name),
    )
    if (wider !== undefined) return { rule: top, resolution: `${scope}_over_${wider}` }
    if (rival !== undefined) return { rule: top, resolution: 'same_scope_newer_confirmed' }
    const only = inside.length === 1
    return {
      rule: top,
      resolution: only ? `${scope}_confirmed_rule` : 'same_scope_consistent_confirmed',
    }
  }

  /**
   * Rules by when they were last seen, latest first; equal times keep their order. Throws Fault
   * `not.possible` where times with and without an offset meet, unless that is corrected.
   */
  latestFirst(rules: readonly Rule[]): Rule[] {
    const timed = rules.map((rule) => ({ rule, time: parseTime(rule.last_seen_at) }))
    if (!this.#naiveIsUtc && new Set(timed.map(({ time }) => time.naive)).size > 1) {
      throw new Fault('not.possible', 'times with and without an offset cannot be compared', {
        hint: 'Write every time with its offset, such as +00:00.',
      })
    }
    return timed.sort((a, b) => descending(a.time.micros, b.time.micros)).map(({ rule }) => rule)
  }
}

function seenAt(rule: Rule): number {
  return parseTime(rule.last_seen_at).micros
}

/** Both may be -Infinity, whose difference is no number. */
function descending(a: number, b: number): number {
  if (a === b) return 0
  return a < b ? 1 : -1
}

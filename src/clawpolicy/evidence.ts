import type { Corrections } from './corrections.ts'
import type { Json, JsonObject } from './files/json.ts'
import { AUTO, type PolicyEvent } from './types.ts'

/** The log as the engine asks for it. */
export interface EvidenceLog {
  /** What was recorded about a decision when it was last evaluated, and the outcomes recorded for it. */
  decision(id: string): { record: JsonObject; replies: DecisionOutcome[] } | undefined
  /** Outcomes that a rule had part in, oldest first; where it is corrected, the one that it was made from as well. `pending` lines were written after this log was read. */
  outcomes(ruleId: string, pending: number): DecisionOutcome[]
}

/** What became of one decision. */
export interface DecisionOutcome {
  at: string
  decision: string
  override: string
  result: string
  confirmed: boolean
  rules: readonly string[]
  /** Whether the rule it is listed for learned from it. Unknown is yes. */
  applied?: boolean
}

/** Where an event of a rule comes from: the sweep, and a feedback that speaks against a candidate without changing it. */
export const ARCHIVE_SWEEP = 'lifecycle'
export const SET_BACK = 'set_back'
const UNLEARNED = new Set([ARCHIVE_SWEEP, SET_BACK])

const EVALUATED = 'decision_evaluated'
const REPLIED = 'decision_outcome'
const DECISIONS_BACK = 1000
const OUTCOMES_BACK = 2000

/** A log over the lines of a file; undefined stands for a line that holds no event. */
export function evidenceLog(
  lines: readonly (PolicyEvent | undefined)[],
  corrections: Corrections,
): EvidenceLog {
  const back = (type: string, many: number) => window(lines, type, many, corrections)
  const event = (place: number) => lines[place] as PolicyEvent
  return {
    decision(id) {
      const held = back(EVALUATED, DECISIONS_BACK).findLast(
        (place) => event(place).payload.get('decision_id') === id,
      )
      if (held === undefined) return undefined
      const replies = back(REPLIED, OUTCOMES_BACK)
        .map(event)
        .filter(({ payload }) => payload.get('decision_id') === id)
      return { record: event(held).payload, replies: replies.map(outcomeFromEvent) }
    },
    outcomes(ruleId, pending) {
      return back(REPLIED, OUTCOMES_BACK - pending).flatMap((place): DecisionOutcome[] => {
        const outcome = outcomeFromEvent(event(place))
        if (!corrections['setbacks-restart']) return outcome.rules.includes(ruleId) ? [outcome] : []
        const applied = learnedFrom(lines, place, ruleId)
        return applied || outcome.rules.includes(ruleId) ? [{ ...outcome, applied }] : []
      })
    },
  }
}

/** The places of the last lines of a type, oldest first: out of so many lines, or so many of that type. */
function window(
  lines: readonly (PolicyEvent | undefined)[],
  type: string,
  many: number,
  corrections: Corrections,
): number[] {
  const found: number[] = []
  const first = corrections['windows-count-evidence'] ? 0 : Math.max(0, lines.length - many)
  for (let i = lines.length - 1; i >= first && found.length < many; i--)
    if (lines[i]?.event_type === type) found.push(i)
  return found.reverse()
}

/** Whether a rule was changed by an outcome: what it changes is written right before it. */
function learnedFrom(
  lines: readonly (PolicyEvent | undefined)[],
  place: number,
  ruleId: string,
): boolean {
  for (let i = place - 1; i >= 0; i--) {
    const event = lines[i]
    if (event?.event_type.startsWith('rule_') !== true) return false
    if (event.payload.get('rule_id') === ruleId && !UNLEARNED.has(event.source_node_id)) return true
  }
  return false
}

export function outcomeFromEvent({ timestamp, payload }: PolicyEvent): DecisionOutcome {
  const matched = textList(payload.get('matched_rule_ids'))
  return {
    at: timestamp,
    decision: textField(payload, 'final_decision'),
    override: textField(payload, 'user_override'),
    result: textField(payload, 'execution_result'),
    confirmed: payload.get('was_confirmed') === true,
    rules: matched.length > 0 ? matched : textList(payload.get('rule_ids')),
  }
}

export function textField(record: JsonObject, key: string): string {
  const value = record.get(key)
  return typeof value === 'string' ? value : ''
}

export function textList(value: Json | undefined): string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : []
}

/** Overrides that say yes, no, and "you should have asked". */
export const APPROVING_OVERRIDES = new Set([
  'confirmed_after_prompt',
  'prefer_auto_execute',
  'forced_auto_execute',
])
export const DENYING_OVERRIDES = new Set(['prefer_confirmation', 'blocked_auto_execute'])
export const MISSED_CONFIRMATION = 'should_have_required_confirmation'
/** Yes that counts as a confirmation: forcing one's way does not. */
export const CONFIRMING_OVERRIDES = new Set(['confirmed_after_prompt', 'prefer_auto_execute'])

/** What the outcomes of a rule amount to, as the promotion gate counts them. */
export interface EvidenceSignals {
  explicit: boolean
  successes: number
  /** Successes that ran without a prompt and without a word from anyone. */
  accepted: number
  failures: number
}

export function signalsOf(outcomes: readonly DecisionOutcome[]): EvidenceSignals {
  return {
    explicit: outcomes.some(
      ({ override }) => CONFIRMING_OVERRIDES.has(override) || DENYING_OVERRIDES.has(override),
    ),
    successes: outcomes.filter(({ result }) => result === 'success').length,
    accepted: outcomes.filter(
      ({ result, decision, override }) =>
        result === 'success' && decision === AUTO && override === '',
    ).length,
    failures: outcomes.filter(({ result }) => isFailure(result)).length,
  }
}

export function isFailure(result: string): boolean {
  return result === 'failure' || result === 'rollback'
}

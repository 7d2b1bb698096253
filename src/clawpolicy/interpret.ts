import type { Corrections } from './corrections.ts'
import { MISSED, SAYS_NO, SAYS_YES, isBad, wordIn } from './evidence.ts'
import type { JsonObject } from './files/json.ts'
import type { Feedback } from './lifecycle.ts'
import { AUTO, ASK, type Verdict } from './types.ts'

/** What a feedback is evidence of. It becomes the source of a rule that is made from it. */
export type Evidence =
  | 'explicit_preference'
  | 'explicit_correction'
  | 'missed_confirmation'
  | 'repeated_failure'
  | 'repeated_success'
  | 'accepted_confirmation'

/** Undefined if a feedback teaches nothing. What a person said comes before what happened. */
export function evidenceOf(
  feedback: Feedback,
  record: JsonObject,
  corrections: Corrections,
): Evidence | undefined {
  const { override } = feedback
  if (override === 'prefer_auto_execute' || override === 'prefer_confirmation')
    return 'explicit_preference'
  if (SAYS_YES.has(override) || SAYS_NO.has(override)) return 'explicit_correction'
  return override === MISSED ? 'missed_confirmation' : byOutcome(feedback, record, corrections)
}

function byOutcome(
  { result, decision, prompted }: Feedback,
  record: JsonObject,
  corrections: Corrections,
): Evidence | undefined {
  if (isBad(result) && decision === AUTO) return 'repeated_failure'
  if (result !== 'success') return undefined
  if (decision === AUTO) return 'repeated_success'
  return corrections['confirmations-teach'] && prompted && !guarded(record)
    ? 'accepted_confirmation'
    : undefined
}

/** Whether a confirmed rule had asked: saying yes to its question does not speak against asking. */
function guarded(record: JsonObject): boolean {
  return matchedIn(record).some(
    (rule) => rule.get('status') === 'confirmed' && rule.get('policy_decision') === ASK,
  )
}

/** What the decision should have been, by this feedback. */
export function desiredOf(
  { override, result, decision }: Feedback,
  evidence: Evidence | undefined,
  corrections: Corrections,
): Verdict {
  if (SAYS_YES.has(override) || evidence === 'accepted_confirmation') return AUTO
  if (SAYS_NO.has(override)) return ASK
  if (override === MISSED && corrections['misses-guard']) return ASK
  return isBad(result) && decision === AUTO ? ASK : decision
}

/** The ids of the rules that had part in a decision. */
export function partakers(record: JsonObject): string[] {
  return matchedIn(record).map((rule) => wordIn(rule, 'id'))
}

function matchedIn(record: JsonObject): JsonObject[] {
  const listed = record.get('matched_rules')
  return Array.isArray(listed) ? listed.filter((rule) => rule instanceof Map) : []
}

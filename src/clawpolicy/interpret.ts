import type { Corrections } from './corrections.ts'
import {
  MISSED_CONFIRMATION,
  DENYING_OVERRIDES,
  APPROVING_OVERRIDES,
  isFailure,
  textField,
} from './evidence.ts'
import type { JsonObject } from './files/json.ts'
import type { Feedback } from './lifecycle.ts'
import { AUTO, ASK, type ExecutionMode } from './types.ts'

/** What a feedback is evidence of. It becomes the source of a rule that is made from it. */
export type EvidenceKind =
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
): EvidenceKind | undefined {
  const { override } = feedback
  if (override === 'prefer_auto_execute' || override === 'prefer_confirmation')
    return 'explicit_preference'
  if (APPROVING_OVERRIDES.has(override) || DENYING_OVERRIDES.has(override))
    return 'explicit_correction'
  return override === MISSED_CONFIRMATION
    ? 'missed_confirmation'
    : byOutcome(feedback, record, corrections)
}

function byOutcome(
  { result, decision, prompted }: Feedback,
  record: JsonObject,
  corrections: Corrections,
): EvidenceKind | undefined {
  if (isFailure(result) && decision === AUTO) return 'repeated_failure'
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
  evidence: EvidenceKind | undefined,
  corrections: Corrections,
): ExecutionMode {
  if (APPROVING_OVERRIDES.has(override) || evidence === 'accepted_confirmation') return AUTO
  if (DENYING_OVERRIDES.has(override)) return ASK
  if (override === MISSED_CONFIRMATION && corrections['misses-guard']) return ASK
  return isFailure(result) && decision === AUTO ? ASK : decision
}

/** The ids of the rules that had part in a decision. */
export function matchedRuleIds(record: JsonObject): string[] {
  return matchedIn(record).map((rule) => textField(rule, 'id'))
}

function matchedIn(record: JsonObject): JsonObject[] {
  const listed = record.get('matched_rules')
  return Array.isArray(listed) ? listed.filter((rule) => rule instanceof Map) : []
}

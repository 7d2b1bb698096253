import { CORRECTED, type Corrections } from '../corrections.ts'
import type { Feedback } from './direction.ts'
import {
  APPROVING_OVERRIDES,
  DENYING_OVERRIDES,
  MISSED_CONFIRMATION,
  isFailure,
  textField,
} from './evidence.ts'
import type { JsonObject } from '../files/json.ts'
import { ASK, AUTO, type ExecutionMode } from '../types.ts'

/** What a feedback is evidence of. It becomes the source of a rule that is made from it. */
export type EvidenceKind =
  | 'explicit_preference'
  | 'explicit_correction'
  | 'missed_confirmation'
  | 'repeated_failure'
  | 'repeated_success'
  | 'accepted_confirmation'

/** Tells what a feedback means. What a person said comes before what happened. */
export class FeedbackInterpreter {
  readonly #corrections: Corrections

  constructor(corrections: Corrections = CORRECTED) {
    this.#corrections = corrections
  }

  /**
   * What a feedback is evidence of; undefined if it teaches nothing. `record` is that of the
   * decision.
   */
  evidenceOf(feedback: Feedback, record: JsonObject): EvidenceKind | undefined {
    const { override } = feedback
    if (override === 'prefer_auto_execute' || override === 'prefer_confirmation')
      return 'explicit_preference'
    if (APPROVING_OVERRIDES.has(override) || DENYING_OVERRIDES.has(override))
      return 'explicit_correction'
    if (override === MISSED_CONFIRMATION) return 'missed_confirmation'
    return this.#evidenceOfResult(feedback, record)
  }

  /** What the decision should have been, by a feedback and what it is evidence of. */
  desiredMode(
    { override, result, decision }: Feedback,
    evidence: EvidenceKind | undefined,
  ): ExecutionMode {
    if (APPROVING_OVERRIDES.has(override) || evidence === 'accepted_confirmation') return AUTO
    if (DENYING_OVERRIDES.has(override)) return ASK
    if (override === MISSED_CONFIRMATION && this.#corrections['misses-guard']) return ASK
    return isFailure(result) && decision === AUTO ? ASK : decision
  }

  #evidenceOfResult(
    { result, decision, prompted }: Feedback,
    record: JsonObject,
  ): EvidenceKind | undefined {
    if (isFailure(result) && decision === AUTO) return 'repeated_failure'
    if (result !== 'success') return undefined
    if (decision === AUTO) return 'repeated_success'
    return this.#corrections['confirmations-teach'] && prompted && !askedByRule(record)
      ? 'accepted_confirmation'
      : undefined
  }
}

/** Whether a confirmed rule asked: approving its question does not speak against asking. */
function askedByRule(record: JsonObject): boolean {
  return matchedIn(record).some(
    (rule) => rule.get('status') === 'confirmed' && rule.get('policy_decision') === ASK,
  )
}

/** The ids of the rules that took part in a decision. */
export function matchedRuleIds(record: JsonObject): string[] {
  return matchedIn(record).map((rule) => textField(rule, 'id'))
}

function matchedIn(record: JsonObject): JsonObject[] {
  const listed = record.get('matched_rules')
  return Array.isArray(listed) ? listed.filter((rule) => rule instanceof Map) : []
}

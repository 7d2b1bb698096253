import { CORRECTED, type Corrections } from '../corrections.ts'
import type { Json, JsonObject } from '../files/json.ts'
import { AUTO, type PolicyEvent } from '../types.ts'

/** The log as the engine reads it. */
export interface EvidenceLog {
  /**
   * The latest record of a decision, and the outcomes that were recorded for it; undefined if it is
   * not known.
   */
  decision(id: string): { record: JsonObject; replies: DecisionOutcome[] } | undefined
  /**
   * Outcomes that a rule took part in, oldest first; where that is corrected, also the one that it
   * was made from. `pending` events will be written after those of this log.
   */
  outcomes(ruleId: string, pending: number): DecisionOutcome[]
}

/** The outcome of one decision. */
export interface DecisionOutcome {
  at: string
  decision: string
  override: string
  result: string
  confirmed: boolean
  rules: readonly string[]
  /** Whether the rule that it is listed for learned from it; undefined counts as yes. */
  applied?: boolean
}

/**
 * The source of events of the archive sweep, and of a setback that a candidate did not learn from.
 */
export const ARCHIVE_SWEEP = 'lifecycle'
export const SET_BACK = 'set_back'
const NOT_LEARNED_FROM = new Set([ARCHIVE_SWEEP, SET_BACK])

const EVALUATED = 'decision_evaluated'
const REPORTED = 'decision_outcome'
const DECISION_WINDOW = 1000
const OUTCOME_WINDOW = 2000

/** A log over the lines of a file; undefined stands for a line that holds no event. */
export class EventLog implements EvidenceLog {
  readonly #lines: readonly (PolicyEvent | undefined)[]
  readonly #corrections: Corrections

  constructor(lines: readonly (PolicyEvent | undefined)[], corrections: Corrections = CORRECTED) {
    this.#lines = lines
    this.#corrections = corrections
  }

  decision(id: string): { record: JsonObject; replies: DecisionOutcome[] } | undefined {
    const isAbout = (place: number) => this.#at(place).payload.get('decision_id') === id
    const found = this.#window(EVALUATED, DECISION_WINDOW).findLast(isAbout)
    if (found === undefined) return undefined
    const replies = this.#window(REPORTED, OUTCOME_WINDOW).filter(isAbout)
    return {
      record: this.#at(found).payload,
      replies: replies.map((place) => outcomeFromEvent(this.#at(place))),
    }
  }

  outcomes(ruleId: string, pending: number): DecisionOutcome[] {
    return this.#window(REPORTED, OUTCOME_WINDOW - pending).flatMap((place): DecisionOutcome[] => {
      const outcome = outcomeFromEvent(this.#at(place))
      if (!this.#corrections['setbacks-restart'])
        return outcome.rules.includes(ruleId) ? [outcome] : []
      const applied = this.#learnedFrom(place, ruleId)
      return applied || outcome.rules.includes(ruleId) ? [{ ...outcome, applied }] : []
    })
  }

  #at(place: number): PolicyEvent {
    return this.#lines[place] as PolicyEvent
  }

  /**
   * The places of the last events of a type, oldest first: within so many lines, or so many of that
   * type.
   */
  #window(type: string, size: number): number[] {
    const found: number[] = []
    const bySize = this.#corrections['windows-count-evidence']
    const first = bySize ? 0 : Math.max(0, this.#lines.length - size)
    for (let i = this.#lines.length - 1; i >= first && found.length < size; i--)
      if (this.#lines[i]?.event_type === type) found.push(i)
    return found.reverse()
  }

  /** Whether an outcome changed a rule: the events of such changes stand right before it. */
  #learnedFrom(place: number, ruleId: string): boolean {
    for (let i = place - 1; i >= 0; i--) {
      const event = this.#lines[i]
      if (event?.event_type.startsWith('rule_') !== true) return false
      if (event.payload.get('rule_id') === ruleId && !NOT_LEARNED_FROM.has(event.source_node_id))
        return true
    }
    return false
  }
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

/** A text of a record; empty where it holds none. */
export function textField(record: JsonObject, key: string): string {
  const value = record.get(key)
  return typeof value === 'string' ? value : ''
}

/** The texts of a list; other items are left out. */
export function textList(value: Json | undefined): string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : []
}

/** Overrides by which a person approves, or denies. */
export const APPROVING_OVERRIDES = new Set([
  'confirmed_after_prompt',
  'prefer_auto_execute',
  'forced_auto_execute',
])
export const DENYING_OVERRIDES = new Set(['prefer_confirmation', 'blocked_auto_execute'])
/** The override that says that a person should have been asked. */
export const MISSED_CONFIRMATION = 'should_have_required_confirmation'
/** Approvals that count as an explicit confirmation: a forced execution does not. */
export const CONFIRMING_OVERRIDES = new Set(['confirmed_after_prompt', 'prefer_auto_execute'])

/** What the outcomes of a rule amount to, as the promotion gate counts them. */
export interface EvidenceSignals {
  /** Whether a person confirmed explicitly. */
  explicit: boolean
  successes: number
  /** Successes without a prompt and without an override. */
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

/** Whether a result is a failure or a rollback. */
export function isFailure(result: string): boolean {
  return result === 'failure' || result === 'rollback'
}

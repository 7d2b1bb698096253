import { CORRECTED, type Corrections } from '../corrections.ts'
import { textField } from './evidence.ts'
import type { JsonObject } from '../files/json.ts'
import {
  STATUSES,
  AUTO,
  type PolicyEvent,
  type Rule,
  type RiskLevel,
  type ScopeName,
  type Status,
} from '../types.ts'

/** Rules by confidence, highest first: those about a task type, or without one those above 0.5. */
export function confidenceHistory(rules: Iterable<Rule>, taskType?: string): Rule[] {
  const wanted =
    taskType === undefined || taskType === ''
      ? (rule: Rule) => rule.confidence > 0.5
      : (rule: Rule) =>
          rule.trigger.includes(taskType) || rule.trigger.includes(`task_type:${taskType}`)
  return [...rules].filter(wanted).sort((a, b) => b.confidence - a.confidence)
}

/** The lines of a log; undefined stands for a line that holds no event. */
export type EventLines = readonly (PolicyEvent | undefined)[]

/** The last lines of a log. 0 means all of them; a negative limit skips so many from the start. */
export function lastLines(lines: EventLines, limit: number): EventLines {
  return limit === 0 ? lines : lines.slice(-limit)
}

const DECISION_EVENTS = new Set(['decision_evaluated', 'decision_outcome'])
/** What an outcome adds to the decision it is about. */
const OUTCOME_KEYS = [
  'execution_result',
  'user_override',
  'rollback_happened',
  'lifecycle_transition',
] as const

/** Reads decisions from a log. */
export class DecisionHistory {
  readonly #leavesOutPartial: boolean

  constructor(corrections: Corrections = CORRECTED) {
    this.#leavesOutPartial = corrections['partial-decisions-left-out']
  }

  /** The latest decisions first, each with the outcome that was reported for it, if any. */
  recentDecisions(lines: EventLines, limit: number): JsonObject[] {
    const found = new Map<string, { record: JsonObject; evaluated: boolean }>()
    for (const event of lastLines(lines, limit * 10)) {
      if (event === undefined || !DECISION_EVENTS.has(event.event_type)) continue
      const evaluated = event.event_type === 'decision_evaluated'
      const id = textField(event.payload, 'decision_id')
      const known = found.get(id) ?? { record: new Map([['decision_id', id]]), evaluated: false }
      const entries = evaluated
        ? [...event.payload]
        : OUTCOME_KEYS.map((key) => [key, event.payload.get(key) ?? ''] as const)
      for (const [key, value] of entries) known.record.set(key, value)
      found.set(id, { record: known.record, evaluated: known.evaluated || evaluated })
    }
    const whole = [...found.values()].filter(
      ({ evaluated }) => evaluated || !this.#leavesOutPartial,
    )
    const sorted = whole
      .map(({ record }) => record)
      .sort((a, b) => descending(textField(a, 'timestamp'), textField(b, 'timestamp')))
    return sorted.slice(0, limit)
  }
}

function descending(a: string, b: string): number {
  if (a === b) return 0
  return a < b ? 1 : -1
}

/** The types of events that change a rule's status. */
const LIFECYCLE_EVENTS: ReadonlySet<string> = new Set([
  'rule_promoted',
  'rule_suspended',
  'rule_reactivated',
  'rule_archived',
])

/** Lifecycle events among the last lines, latest first. */
export function recentTransitions(lines: EventLines, limit: number): PolicyEvent[] {
  return lastLines(lines, limit)
    .filter(
      (event): event is PolicyEvent =>
        event !== undefined && LIFECYCLE_EVENTS.has(event.event_type),
    )
    .reverse()
}

/** The state of all rules in numbers. */
export interface PolicyStatus {
  status_counts: Record<Status, number>
  /** Payloads, within the last 100 lines. */
  recent_promotions: JsonObject[]
  recent_suspensions: JsonObject[]
  risky_confirmed_rules: {
    id: string
    summary: string
    risk_level: RiskLevel
    scope: ScopeName
    scope_key: string
  }[]
  special_scopes: {
    id: string
    scope: ScopeName
    scope_key: string
    status: Status
    policy_decision: string
  }[]
}

const RECENT = 100

export function policyStatus(rules: Iterable<Rule>, lines: EventLines): PolicyStatus {
  const all = [...rules]
  const recent = lastLines(lines, RECENT)
  const payloads = (type: string) =>
    recent
      .filter((event) => event?.event_type === type)
      .map((event) => (event as PolicyEvent).payload)
  return {
    status_counts: Object.fromEntries(
      STATUSES.map((status) => [status, all.filter((rule) => rule.status === status).length]),
    ) as Record<Status, number>,
    recent_promotions: payloads('rule_promoted'),
    recent_suspensions: payloads('rule_suspended'),
    risky_confirmed_rules: riskyRules(all).map(({ id, summary, risk_level, scope, scope_key }) => ({
      id,
      summary,
      risk_level: risk_level as RiskLevel,
      scope,
      scope_key,
    })),
    special_scopes: all
      .filter(
        ({ scope, status }) =>
          scope !== 'global' && (status === 'confirmed' || status === 'suspended'),
      )
      .map(({ id, scope, scope_key, status, policy_decision }) => ({
        id,
        scope,
        scope_key,
        status,
        policy_decision,
      })),
  }
}

/** Confirmed rules that allow tasks of high or critical risk. */
export function riskyRules(rules: Iterable<Rule>): Rule[] {
  return [...rules].filter(
    ({ status, policy_decision, risk_level }) =>
      status === 'confirmed' &&
      policy_decision === AUTO &&
      (risk_level === 'high' || risk_level === 'critical'),
  )
}

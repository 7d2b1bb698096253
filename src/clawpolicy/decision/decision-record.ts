import type { ConfirmationDecision } from './decision.ts'
import type { Json, JsonObject } from '../files/json.ts'
import { numberValue } from '../files/records.ts'
import type { TaskContext } from '../matching/matching.ts'
import { DEFAULT_TYPE, filesOf, taskSummary, textOf } from '../task.ts'
import { Float, fixed2 } from '../text.ts'
import { AUTO, type Rule } from '../types.ts'

/** A decision without its record. */
type DecisionFacts = Omit<ConfirmationDecision, 'record'>

/** Further facts of a record. */
interface RecordContext {
  context: TaskContext
  /** The matched rules that have a decision, latest first. */
  listed: readonly Rule[]
  at: string
  /** Whether a suspended match is explained as the cause of asking. */
  failClosed: boolean
}

/** A decision as it is logged, keys in order. */
export function decisionRecord(
  decision: DecisionFacts,
  { context, listed, at, failClosed }: RecordContext,
): JsonObject {
  const { task, domain } = context
  const { id, verdict, reason, resolution, fallback, risk, matched, selected } = decision
  const scope = selected ?? context.scope
  const confidence = confidenceSummary(matched)
  const rules = listed.map(matchedRuleJson)
  return new Map<string, Json>([
    ['decision_id', id],
    ['task_summary', taskSummary(task)],
    ['task_description', textOf(task, 'task_description')],
    ['task_type', textOf(task, 'task_type') || DEFAULT_TYPE],
    ['command', textOf(task, 'command')],
    ['files', filesOf(task)],
    ['risk_level', risk.level],
    ['heuristic_basis', risk.basis],
    ['matched_rules', rules],
    ['final_decision', verdict],
    ['reason', reason],
    ['resolution', resolution],
    ['confidence', confidence],
    ['fallback_reason', fallback],
    [
      'explanation',
      new Map<string, Json>([
        ['heuristic_basis', risk.basis],
        ['matched_rules', rules],
        ['resolution', resolution],
        ['final_decision', verdict],
        ['confidence', confidence],
        ['fallback_reason', fallback],
      ]),
    ],
    ['explanation_text', explanationText(decision, listed, failClosed)],
    ['timestamp', at],
    ['domain', domain],
    ['scope', scope.scope],
    ['scope_key', scope.scope_key],
  ])
}

/** A matched rule as a decision lists it. */
export function matchedRuleJson(rule: Rule): JsonObject {
  const { id, summary, status, scope, scope_key, source_type, policy_decision, last_seen_at } = rule
  return new Map<string, Json>(
    Object.entries({
      id,
      summary,
      status,
      scope,
      scope_key,
      source_type,
      evidence_count: numberValue(rule, 'evidence_count'),
      policy_decision,
      confidence: numberValue(rule, 'confidence'),
      success_streak: numberValue(rule, 'success_streak'),
      last_seen_at,
    }),
  )
}

/** The confidence over all matches, in file order; it gates nothing. */
export function confidenceSummary(matched: readonly Rule[]): JsonObject {
  const counts: JsonObject = new Map()
  for (const { status } of matched)
    counts.set(status, ((counts.get(status) as number | undefined) ?? 0) + 1)
  const best = matched.reduce<Rule | undefined>(
    (top, rule) => (top === undefined || rule.confidence > top.confidence ? rule : top),
    undefined,
  )
  const sum = matched.reduce((total, rule) => total + rule.confidence, 0)
  return new Map<string, Json>([
    ['max_confidence', best === undefined ? new Float(0) : numberValue(best, 'confidence')],
    ['avg_confidence', new Float(matched.length === 0 ? 0 : sum / matched.length)],
    ['matched_rule_count', matched.length],
    ['status_counts', counts],
  ])
}

function explanationText(
  { verdict, reason, resolution, fallback, risk, matched }: DecisionFacts,
  listed: readonly Rule[],
  failClosed: boolean,
): string {
  const lines = [
    `${verdict === AUTO ? 'Auto-execute' : 'Confirmation required'}: ${reason}`,
    `Heuristic basis: ${risk.basis.join('; ')}`,
  ]
  if (listed.length > 0) lines.push(`Matched rules: ${listed.map(shownMatch).join(', ')}`)
  if (failClosed && listed.some(({ status }) => status === 'suspended'))
    lines.push('Lifecycle: suspended rules matched, so confirmation stayed fail-closed')
  lines.push(`Resolution: ${resolution}`)
  if (fallback !== '') lines.push(`Fallback: ${fallback}`)
  const max = matched
    .map(({ confidence }) => confidence)
    .reduce((a, b) => Math.max(a, b), -Infinity)
  const shownMax = matched.length === 0 ? 0 : max
  lines.push(`Confidence: max=${fixed2(shownMax)}, matched=${matched.length}`)
  return lines.join('\n')
}

function shownMatch({ id, status, scope, policy_decision }: Rule): string {
  return `${id}[${status}/${scope}/${policy_decision}]`
}

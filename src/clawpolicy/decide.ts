import { BookDraft, type RuleBookView } from './book.ts'
import type { Corrections } from './corrections.ts'
import type { Json, JsonObject } from './files/json.ts'
import { AMBIGUOUS, select, type Selection } from './precedence.ts'
import { confidenceValue, newEvent, revised } from './files/records.ts'
import { riskOf } from './risk/risk.ts'
import type { TaskRisk } from './risk/level.ts'
import { matches, taskContext, type TaskContext } from './scope.ts'
import { DEFAULT_TYPE, filesOf, taskSummary, textOf } from './task.ts'
import { Float, fixed2 } from './text.ts'
import { latestFirst, isoTimestamp, type EngineSources } from './times.ts'
import {
  AUTO,
  ASK,
  type PolicyEvent,
  type RiskLevel,
  type Rule,
  type Task,
  type ExecutionMode,
} from './types.ts'

/** What the engine works with besides rules and log. */
export interface EngineContext {
  sources: EngineSources
  corrections: Corrections
  /** The key of the project that it serves, empty if it serves none. */
  project: string
  /** How risky a task is, where somebody knows more of it than its words; otherwise `riskOf`. */
  risk?: (task: Task) => TaskRisk
}

/** A verdict, with everything that led to it. */
export interface ConfirmationDecision {
  id: string
  verdict: ExecutionMode
  reason: string
  resolution: string
  /** Why no confirmed rule decided; empty if one did. */
  fallback: string
  risk: TaskRisk
  /** Every match, in file order: without decisions, losers and suspended ones too. */
  matched: Rule[]
  selected: Rule | undefined
  /** The same as it is recorded, keys in order. */
  record: JsonObject
}

/** What an operation changed, by key, and what it adds to the log, in order. */
export interface PolicyChange {
  rules: ReadonlyMap<string, Rule>
  events: PolicyEvent[]
}

/** Judges a task. Changes nothing. */
export function evaluate(
  task: Task,
  book: RuleBookView,
  engine: EngineContext,
): ConfirmationDecision {
  return judge(task, book, engine, isoTimestamp(engine.sources.now()))
}

/** Judges a task, marks the rules that matched, and records the decision. */
export function decide(
  task: Task,
  book: RuleBookView,
  engine: EngineContext,
): { decision: ConfirmationDecision } & PolicyChange {
  const at = isoTimestamp(engine.sources.now())
  const decision = judge(task, book, engine, at)
  const draft = new BookDraft(book)
  for (const { id } of decision.matched) {
    const stored = draft.get(id)
    if (stored !== undefined)
      draft.put(
        id,
        revised(
          stored,
          engine.corrections['reading-changes-nothing']
            ? { last_applied_at: at }
            : { last_applied_at: at, last_seen_at: at },
        ),
      )
  }
  return { decision, rules: draft.changed, events: [evaluated(decision, at)] }
}

function evaluated({ record, reason }: ConfirmationDecision, timestamp: string): PolicyEvent {
  return newEvent({
    timestamp,
    event_type: 'decision_evaluated',
    trigger_signals: [record.get('task_type') as string],
    changes: reason,
    source_node_id: 'confirmation_policy',
    payload: record,
  })
}

function judge(
  task: Task,
  book: RuleBookView,
  { corrections, project, sources, risk: judgeRisk }: EngineContext,
  at: string,
): ConfirmationDecision {
  const here = taskContext(task, project, corrections)
  const matched = book.candidates(here).filter((rule) => matches(rule, here))
  const listed = latestFirst(matched, (rule) => rule.last_seen_at, corrections)
  const risk = judgeRisk?.(task) ?? riskOf(task, corrections)
  const confirmed = matched.filter(
    (rule) => rule.status === 'confirmed' && rule.policy_decision !== '',
  )
  const selection = select(confirmed, corrections)
  const outcome = verdictOf(risk.level, matched, confirmed, selection, corrections)
  const id = `dec_${sources.uuid().replaceAll('-', '').slice(0, 12)}`
  const partial = { id, ...outcome, risk, matched, selected: selection.rule }
  let record: JsonObject | undefined
  // Made for whoever keeps it: most only want the verdict.
  return {
    ...partial,
    get record() {
      return (record ??= recordOf(task, here, partial, {
        listed: listed.filter((rule) => rule.policy_decision !== ''),
        at,
        corrections,
      }))
    },
  }
}

interface Outcome {
  verdict: ExecutionMode
  reason: string
  resolution: string
  fallback: string
}

/** The first row that applies. */
function verdictOf(
  risk: RiskLevel,
  matched: readonly Rule[],
  confirmed: readonly Rule[],
  { rule, resolution }: Selection,
  corrections: Corrections,
): Outcome {
  if (risk === 'critical') {
    const label = resolution === 'heuristic_default' ? 'critical_risk_override' : resolution
    return {
      verdict: ASK,
      reason: 'Critical risk heuristic requires confirmation',
      resolution: label,
      fallback: matched.length > 0 ? 'heuristic override' : '',
    }
  }
  if (rule !== undefined) return byRule(rule, risk, resolution, corrections)
  if (confirmed.length > 0)
    return {
      verdict: ASK,
      reason: 'Conflicting confirmed rules require confirmation',
      resolution: AMBIGUOUS,
      fallback: 'ambiguous confirmed conflict',
    }
  const suspended = matched.some(({ status }) => status === 'suspended')
  if (risk === 'low' && !(suspended && corrections['suspended-asks'])) {
    return {
      verdict: AUTO,
      reason: 'Low-risk heuristic fallback allows auto execution',
      resolution,
      fallback: 'first-time task; heuristic fallback',
    }
  }
  const fallback = suspended
    ? 'suspended rule requires confirmation'
    : matched.length > 0
      ? 'insufficient confidence'
      : 'first-time task'
  return { verdict: ASK, reason: 'No confirmed rule; confirmation required', resolution, fallback }
}

function byRule(
  rule: Rule,
  risk: RiskLevel,
  resolution: string,
  corrections: Corrections,
): Outcome {
  const verdict = rule.policy_decision as ExecutionMode
  if (verdict === ASK)
    return {
      verdict,
      reason: `Confirmed ${rule.scope} rule requires confirmation`,
      resolution,
      fallback: '',
    }
  if (
    corrections['risk-within-evidence'] &&
    risk === 'high' &&
    rule.risk_level !== 'high' &&
    rule.risk_level !== 'critical'
  ) {
    return {
      verdict: ASK,
      reason: `Confirmed ${rule.scope} rule was learned at a lower risk; confirmation required`,
      resolution,
      fallback: 'heuristic override',
    }
  }
  return {
    verdict,
    reason: `Confirmed ${rule.scope} rule allows auto execution`,
    resolution,
    fallback: '',
  }
}

interface Context {
  listed: readonly Rule[]
  at: string
  corrections: Corrections
}

function recordOf(
  task: Task,
  here: TaskContext,
  decision: Omit<ConfirmationDecision, 'record'>,
  { listed, at, corrections }: Context,
): JsonObject {
  const { id, verdict, reason, resolution, fallback, risk, matched, selected } = decision
  const scope = selected ?? here.scope
  const confidence = confidenceOf(matched)
  const rules = listed.map(listing)
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
    ['explanation_text', explanationText(decision, listed, corrections)],
    ['timestamp', at],
    ['domain', here.domain],
    ['scope', scope.scope],
    ['scope_key', scope.scope_key],
  ])
}

/** A rule as decisions list it. */
export function listing(rule: Rule): JsonObject {
  const {
    id,
    summary,
    status,
    scope,
    scope_key,
    source_type,
    evidence_count,
    policy_decision,
    success_streak,
    last_seen_at,
  } = rule
  return new Map<string, Json>(
    Object.entries({
      id,
      summary,
      status,
      scope,
      scope_key,
      source_type,
      evidence_count,
      policy_decision,
      confidence: confidenceValue(rule),
      success_streak,
      last_seen_at,
    }),
  )
}

/** Over all matches, in file order; it decides nothing. */
export function confidenceOf(matched: readonly Rule[]): JsonObject {
  const counts: JsonObject = new Map()
  for (const { status } of matched)
    counts.set(status, ((counts.get(status) as number | undefined) ?? 0) + 1)
  const best = matched.reduce<Rule | undefined>(
    (top, rule) => (top === undefined || rule.confidence > top.confidence ? rule : top),
    undefined,
  )
  const sum = matched.reduce((total, rule) => total + rule.confidence, 0)
  return new Map<string, Json>([
    ['max_confidence', best === undefined ? new Float(0) : confidenceValue(best)],
    ['avg_confidence', new Float(matched.length === 0 ? 0 : sum / matched.length)],
    ['matched_rule_count', matched.length],
    ['status_counts', counts],
  ])
}

function explanationText(
  { verdict, reason, resolution, fallback, risk, matched }: Omit<ConfirmationDecision, 'record'>,
  listed: readonly Rule[],
  corrections: Corrections,
): string {
  const lines = [
    `${verdict === AUTO ? 'Auto-execute' : 'Confirmation required'}: ${reason}`,
    `Heuristic basis: ${risk.basis.join('; ')}`,
  ]
  if (listed.length > 0)
    lines.push(
      `Matched rules: ${listed.map(({ id, status, scope, policy_decision }) => `${id}[${status}/${scope}/${policy_decision}]`).join(', ')}`,
    )
  const closed = verdict === ASK || !corrections['suspended-asks']
  if (closed && listed.some(({ status }) => status === 'suspended'))
    lines.push('Lifecycle: suspended rules matched, so confirmation stayed fail-closed')
  lines.push(`Resolution: ${resolution}`)
  if (fallback !== '') lines.push(`Fallback: ${fallback}`)
  lines.push(
    `Confidence: max=${fixed2(Math.max(0, ...matched.map(({ confidence }) => confidence)))}, matched=${matched.length}`,
  )
  return lines.join('\n')
}

import type { Json } from '../../../clawpolicy/files/json.ts'
import { confidenceSummary, matchedRuleJson } from '../../../clawpolicy/decision/decision-record.ts'
import { writeEvent } from '../../../clawpolicy/files/write.ts'
import { newEvent } from '../../../clawpolicy/files/records.ts'
import { isoTimestamp } from '../../../clawpolicy/times.ts'
import { AUTO, type Rule, type ExecutionMode } from '../../../clawpolicy/types.ts'
import type { Action, Reason, Risk } from '../../policy/types.ts'
import { domainOfTemplate, levelOf, taskOf } from '../task.ts'
import type { RuleOutcome } from '../types.ts'

/** A question as the log describes it. */
export interface LoggedQuestion {
  id: string
  agent: string
  template: string
  action: Action
  risk: Risk
}

/** How a question was decided, and the rules that existed then. */
interface LoggedDecision {
  decision: ExecutionMode
  reasons: readonly Reason[]
  at: number
  rules: ReadonlyMap<string, Rule>
}

/** The line of a decision. */
export function evaluatedLine(
  question: LoggedQuestion,
  { decision, reasons, at, rules }: LoggedDecision,
): string {
  const { summary, command, type, level, basis, domain } = taskFields(question)
  const timestamp = isoTimestamp(at * 1000)
  const reason = reasons.at(-1)?.text ?? ''
  const { by, ...explanation } = explain(decision, matchedRules(reasons, rules))
  const label = decision === AUTO ? 'Auto-execute' : 'Confirmation required'
  return writeEvent(
    newEvent({
      timestamp,
      event_type: 'decision_evaluated',
      trigger_signals: [type],
      changes: reason,
      source_node_id: 'confirmation_policy',
      payload: new Map<string, Json>([
        ['decision_id', question.id],
        ['task_summary', summary],
        ['task_description', ''],
        ['task_type', type],
        ['command', command],
        ['files', []],
        ['risk_level', level],
        ['heuristic_basis', basis],
        ['matched_rules', explanation.matched],
        ['final_decision', decision],
        ['reason', reason],
        ['resolution', explanation.resolution],
        ['confidence', explanation.confidence],
        ['fallback_reason', explanation.fallback],
        ['explanation', explanationJson(basis, decision, explanation)],
        ['explanation_text', `${label}: ${reason}`],
        ['timestamp', timestamp],
        ['domain', domain],
        ['scope', by?.scope ?? 'project'],
        ['scope_key', by?.scope_key ?? question.agent],
      ]),
    }),
  )
}

/** The rules that the reasons name, as they were then. */
function matchedRules(reasons: readonly Reason[], rules: ReadonlyMap<string, Rule>): Rule[] {
  const ids = reasons.filter(({ layer }) => layer === 'rule').map(({ id }) => id)
  return [...new Set(ids)].flatMap((id) => rules.get(id ?? '') ?? [])
}

interface DecisionExplanation {
  matched: Json
  resolution: string
  confidence: Json
  fallback: string
}

/** `by`: the rule that decided. */
function explain(
  decision: ExecutionMode,
  matched: readonly Rule[],
): DecisionExplanation & { by: Rule | undefined } {
  const by = matched.find(
    ({ status, policy_decision }) => status === 'confirmed' && policy_decision === decision,
  )
  return {
    by,
    matched: matched.map(matchedRuleJson),
    confidence: confidenceSummary(matched),
    resolution: by === undefined ? 'heuristic_default' : `${by.scope}_confirmed_rule`,
    fallback: by === undefined ? fallbackReason(matched) : '',
  }
}

function fallbackReason(matched: readonly Rule[]): string {
  return matched.length > 0 ? 'insufficient confidence' : 'first-time task'
}

function explanationJson(
  basis: Json,
  decision: ExecutionMode,
  { matched, resolution, confidence, fallback }: DecisionExplanation,
): Json {
  return new Map<string, Json>([
    ['heuristic_basis', basis],
    ['matched_rules', matched],
    ['resolution', resolution],
    ['final_decision', decision],
    ['confidence', confidence],
    ['fallback_reason', fallback],
  ])
}

/** An outcome, and the rules that learned from it, with their moves to other states. */
interface LoggedOutcome {
  of: string
  rules: string[]
  transitions: string[]
  outcome: RuleOutcome
}

/** The line of an outcome. */
export function outcomeLine(
  { of, rules, transitions, outcome }: LoggedOutcome,
  question: LoggedQuestion | undefined,
): string {
  const { at, decision, override, result, confirmed } = outcome
  const task = question === undefined ? NO_TASK : taskFields(question)
  return writeEvent(
    newEvent({
      timestamp: at,
      event_type: 'decision_outcome',
      trigger_signals: [task.type],
      changes: `Decision outcome: ${result}`,
      source_node_id: 'confirmation_policy',
      payload: new Map<string, Json>([
        ['decision_id', of],
        ['final_decision', decision],
        ['user_override', override],
        ['execution_result', result],
        ['was_confirmed', confirmed],
        ['rule_ids', rules],
        ['task_summary', task.summary],
        ['task_type', task.type],
        ['command', task.command],
        ['files', []],
        ['risk_level', task.level],
        ['scope', question === undefined ? '' : 'project'],
        ['scope_key', question?.agent ?? ''],
        ['heuristic_basis', task.basis],
        ['matched_rule_ids', [...rules]],
        ['explanation', ''],
        ['rollback_happened', result === 'rollback'],
        ['lifecycle_transition', transitions.join(',')],
      ]),
    }),
  )
}

const NO_TASK = { summary: '', command: '', type: '', level: '', basis: [] }

/** What the learner sees of a question. */
function taskFields({ action, agent, template, risk }: LoggedQuestion) {
  const command = String(taskOf(action, { name: agent, template })['command'])
  return {
    summary: [...command].slice(0, 120).join(''),
    command,
    type: action.type,
    level: levelOf(risk.score),
    basis: risk.factors.map(({ label, points }) => `${label} +${points}`),
    domain: domainOfTemplate(template),
  }
}

import type { Corrections } from './corrections.ts'
import type { EngineContext } from './decide.ts'
import { CONFIRMING_OVERRIDES, textList, textField } from './evidence.ts'
import type { EvidenceKind } from './interpret.ts'
import type { JsonObject } from './files/json.ts'
import type { Feedback } from './lifecycle.ts'
import { AMBIGUOUS } from './precedence.ts'
import { rehashed, unhashedRule } from './files/records.ts'
import { scopeOf } from './scope.ts'
import { DEFAULT_TYPE, asTyped, taskSummary, textOf } from './task.ts'
import { normalizeText } from './text.ts'
import { AUTO, type Rule, type Task, type ExecutionMode } from './types.ts'

/** What a rule is made from. */
export interface RuleOrigin {
  task: Task
  record: JsonObject
  feedback: Feedback
  desired: ExecutionMode
  engine: EngineContext
}

/** The task that a rule is made from. */
export function originTask({ task, record, engine: { corrections } }: RuleOrigin): Task {
  return corrections['feedback-fits-decision'] ? decided(record) : task
}

/** The candidate that a feedback without rules leaves behind: exactly this command, or exactly this task. */
export function candidateFor(origin: RuleOrigin, evidence: EvidenceKind): Rule {
  return rehashed(unhashedCandidate(origin, evidence))
}

/** The same before what it was made for is counted in: the hash is that of the rule then. */
export function unhashedCandidate(origin: RuleOrigin, evidence: EvidenceKind): Rule {
  const {
    record,
    feedback,
    desired,
    engine: { corrections, project, sources },
  } = origin
  const task = originTask(origin)
  const [summary, type, command] = [
    taskSummary(task),
    textOf(task, 'task_type') || DEFAULT_TYPE,
    textOf(task, 'command'),
  ]
  const [does, advice] =
    desired === AUTO
      ? ['Auto execute for', 'Prefer automatic execution for tasks matching:']
      : ['Require confirmation for', 'Require explicit confirmation for tasks matching:']
  const exactly = corrections['allowing-is-exact'] ? asTyped(command) : normalizeText(command)
  return unhashedRule({
    id: `policy_${sources.uuid().replaceAll('-', '').slice(0, 10)}`,
    summary: `${does} ${summary}`,
    category: 'harden',
    trigger: [
      `task_type:${type}`,
      exactly === '' ? `task:${normalizeText(summary)}` : `command:${exactly}`,
    ],
    strategy: `${advice} ${summary}`,
    validation: [
      `assert decision.final_decision == '${desired}' for task_type=${type} command=${command || summary}`,
    ],
    confidence: evidence.startsWith('explicit') ? 0.6 : 0.5,
    status: 'candidate',
    ...scopeOf(task, project, corrections),
    evidence_count: 1,
    source_type: evidence,
    policy_decision: desired,
    risk_level: riskLearned(
      { policy_decision: desired, risk_level: '' },
      textField(record, 'risk_level'),
      feedback.override,
      corrections,
    ),
  })
}

const NO_RULE = new Set(['heuristic_default', 'critical_risk_override', AMBIGUOUS])

/** The task that a decision was about, with the scope it was judged in, unless that was a rule's. */
function decided(record: JsonObject): Task {
  const said = (key: string) => textField(record, key)
  const task = {
    task_summary: said('task_summary'),
    task_description: said('task_description'),
    task_type: said('task_type'),
    command: said('command'),
    files: textList(record.get('files')),
    domain: said('domain'),
  }
  if (NO_RULE.has(said('resolution')))
    return {
      ...task,
      scope: said('scope'),
      scope_key: said('scope') === 'project' ? said('scope_key') : '',
    }
  return task
}

/** The risk that a rule stands for. A high one is learned by an explicit yes only, where that is corrected. */
export function riskLearned(
  rule: Pick<Rule, 'policy_decision' | 'risk_level'>,
  risk: string,
  override: string,
  corrections: Corrections,
): string {
  if (risk === '') return rule.risk_level
  if (
    !corrections['risk-within-evidence'] ||
    rule.policy_decision !== AUTO ||
    CONFIRMING_OVERRIDES.has(override)
  )
    return risk
  return risk === 'high' || risk === 'critical' ? rule.risk_level : risk
}

import type { Corrections } from '../corrections.ts'
import type { Feedback } from './direction.ts'
import { CONFIRMING_OVERRIDES, textField, textList } from './evidence.ts'
import type { JsonObject } from '../files/json.ts'
import { rehashed, unhashedRule } from '../files/records.ts'
import type { EvidenceKind } from './interpret.ts'
import type { TaskMatcher } from '../matching/matching.ts'
import { AMBIGUOUS } from '../decision/precedence.ts'
import { DEFAULT_TYPE, asTyped, taskSummary, textOf } from '../task.ts'
import { normalizeText } from '../text.ts'
import type { EngineSources } from '../times.ts'
import { AUTO, type ExecutionMode, type Rule, type Task } from '../types.ts'

/**
 * What a rule is made from: a task, the record of the decision about it, and the feedback on that.
 */
export interface RuleOrigin {
  task: Task
  record: JsonObject
  feedback: Feedback
  desired: ExecutionMode
}

interface CandidateParts {
  corrections: Corrections
  sources: EngineSources
  matcher: TaskMatcher
}

/** Makes rules from feedback. */
export class CandidateFactory {
  readonly #parts: CandidateParts

  constructor(parts: CandidateParts) {
    this.#parts = parts
  }

  /** The task that a rule is made from: the one that was decided, where that is corrected. */
  taskOf({ task, record }: RuleOrigin): Task {
    return this.#parts.corrections['feedback-fits-decision'] ? decidedTask(record) : task
  }

  /** A candidate about exactly this command, or exactly this task. */
  candidate(origin: RuleOrigin, evidence: EvidenceKind): Rule {
    return rehashed(this.unhashedCandidate(origin, evidence))
  }

  /** The same without its hash: for a caller that goes on to change it. */
  unhashedCandidate(origin: RuleOrigin, evidence: EvidenceKind): Rule {
    const { corrections, sources, matcher } = this.#parts
    const { record, feedback, desired } = origin
    const task = this.taskOf(origin)
    const summary = taskSummary(task)
    const type = textOf(task, 'task_type') || DEFAULT_TYPE
    const command = textOf(task, 'command')
    const exact = corrections['allowing-is-exact'] ? asTyped(command) : normalizeText(command)
    const about = exact === '' ? `task:${normalizeText(summary)}` : `command:${exact}`
    const { title, advice } = WORDING[desired]
    const risk = textField(record, 'risk_level')
    const shown = command || summary
    return unhashedRule({
      id: `policy_${sources.uuid().replaceAll('-', '').slice(0, 10)}`,
      summary: `${title} ${summary}`,
      category: 'harden',
      trigger: [`task_type:${type}`, about],
      strategy: `${advice} ${summary}`,
      validation: [
        `assert decision.final_decision == '${desired}' for task_type=${type} command=${shown}`,
      ],
      confidence: evidence.startsWith('explicit') ? 0.6 : 0.5,
      status: 'candidate',
      ...matcher.scopeOf(task),
      evidence_count: 1,
      source_type: evidence,
      policy_decision: desired,
      risk_level: this.riskLearned(
        { policy_decision: desired, risk_level: '' },
        risk,
        feedback.override,
      ),
    })
  }

  /**
   * The risk level of a rule after a feedback. Where that is corrected, only an explicit approval
   * teaches a high one.
   */
  riskLearned(
    rule: Pick<Rule, 'policy_decision' | 'risk_level'>,
    risk: string,
    override: string,
  ): string {
    if (risk === '') return rule.risk_level
    const anyTeaches =
      !this.#parts.corrections['risk-within-evidence'] || rule.policy_decision !== AUTO
    if (anyTeaches || CONFIRMING_OVERRIDES.has(override)) return risk
    return risk === 'high' || risk === 'critical' ? rule.risk_level : risk
  }
}

const WORDING: Record<ExecutionMode, { title: string; advice: string }> = {
  auto_execute: {
    title: 'Auto execute for',
    advice: 'Prefer automatic execution for tasks matching:',
  },
  require_confirmation: {
    title: 'Require confirmation for',
    advice: 'Require explicit confirmation for tasks matching:',
  },
}

/** Resolutions that no rule decided: the scope in the record is then the task's own. */
const WITHOUT_RULE = new Set(['heuristic_default', 'critical_risk_override', AMBIGUOUS])

/**
 * The task that a decision was about, with the scope it was judged in, unless that was a rule's.
 */
function decidedTask(record: JsonObject): Task {
  const text = (key: string) => textField(record, key)
  const task = {
    task_summary: text('task_summary'),
    task_description: text('task_description'),
    task_type: text('task_type'),
    command: text('command'),
    files: textList(record.get('files')),
    domain: text('domain'),
  }
  if (!WITHOUT_RULE.has(text('resolution'))) return task
  const scope = text('scope')
  return { ...task, scope, scope_key: scope === 'project' ? text('scope_key') : '' }
}

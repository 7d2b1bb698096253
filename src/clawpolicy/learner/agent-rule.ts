import { CORRECTED, type Corrections } from '../corrections.ts'
import { newEvent, newRule, revised } from '../files/records.ts'
import { fixed2 } from '../text.ts'
import { isoTimestamp } from '../times.ts'
import type { PolicyEvent, Rule } from '../types.ts'

const GOOD = 0.7
const BAD = 0.3

export interface CompletedTask {
  agent: string
  /** Empty if unknown. */
  taskType: string
  reward: number
  /** Microseconds since 1970. */
  now: number
  /** The absolute path of the folder of `config.json`: a new rule holds there. */
  configFolder: string
}

/** Keeps hints about how well each agent does, from rewards. They decide nothing. */
export class AgentRuleLearner {
  readonly #corrections: Corrections

  constructor(corrections: Corrections = CORRECTED) {
    this.#corrections = corrections
  }

  /** The rules with the hint about the agent of a task, and the event of the change. */
  withAgentRule(
    rules: ReadonlyMap<string, Rule>,
    task: CompletedTask,
  ): { rules: Map<string, Rule>; rule: Rule; event: PolicyEvent } {
    const id = `rule_agent_selection_${task.agent}`
    const before = rules.get(id)
    const rule = before === undefined ? newAgentRule(id, task) : updatedRule(before, task)
    const event = newEvent({
      timestamp: this.#corrections['times-compare']
        ? isoTimestamp(task.now)
        : localTimestamp(task.now),
      event_type: before === undefined ? 'rule_created' : 'rule_updated',
      asset_id: rule.asset_id,
      trigger_signals: [task.taskType === '' ? 'unknown' : task.taskType],
      rl_reward: task.reward,
      changes: `Task completed, reward=${fixed2(task.reward)}`,
      source_node_id: 'rl_learner',
    })
    return { rules: new Map(rules).set(id, rule), rule, event }
  }
}

/** A rule's confidence after a reward; its hash stays as it is. */
export function adjustConfidence(rule: Rule, reward: number): Rule {
  if (reward > GOOD)
    return revised(rule, {
      success_streak: rule.success_streak + 1,
      confidence: Math.min(1, rule.confidence + 0.05),
    })
  if (reward < BAD)
    return revised(rule, { success_streak: 0, confidence: Math.max(0, rule.confidence - 0.1) })
  return rule
}

/** Its hash stays as it is. */
function updatedRule(rule: Rule, { reward, now }: CompletedTask): Rule {
  return revised(adjustConfidence(rule, reward), {
    status: 'hint',
    source_type: 'rl_feedback',
    policy_decision: '',
    last_seen_at: isoTimestamp(now),
  })
}

function newAgentRule(id: string, { agent, reward, now, configFolder }: CompletedTask): Rule {
  return newRule({
    id,
    summary: `Agent selection: ${agent}`,
    category: 'optimize',
    trigger: ['task_start', 'agent_selection'],
    strategy: `Prefer ${agent} for tasks of this kind`,
    confidence: Math.min(1, Math.max(0, reward)),
    success_streak: reward > GOOD ? 1 : 0,
    scope: 'project',
    scope_key: configFolder,
    evidence_count: 1,
    source_type: 'rl_feedback',
    last_seen_at: isoTimestamp(now),
  })
}

/** Local time without an offset, as the learner of the original writes it. */
function localTimestamp(micros: number): string {
  const offset = new Date(micros / 1000).getTimezoneOffset() * 60_000_000
  return isoTimestamp(micros - offset).slice(0, -'+00:00'.length)
}

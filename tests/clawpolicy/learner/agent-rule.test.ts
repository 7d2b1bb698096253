import { describe, expect, test } from 'vitest'
import { CORRECTED, ORIGINAL } from '../../../src/clawpolicy/corrections.ts'
import { adjustConfidence } from '../../../src/clawpolicy/learner/agent-rule.ts'
import { newRule } from '../../../src/clawpolicy/files/records.ts'
import { withAgentRule } from '../parts.ts'

describe('the rule of an agent', () => {
  const task = {
    agent: 'codex',
    taskType: 'T3',
    reward: 0.8,
    now: 1_772_884_800_123_456,
    configFolder: '/config',
    corrections: ORIGINAL,
  }

  test('is created by the first task, with an event', () => {
    const { rule, event } = withAgentRule(new Map(), task)
    expect(rule).toMatchObject({
      id: 'rule_agent_selection_codex',
      status: 'hint',
      trigger: ['task_start', 'agent_selection'],
      confidence: 0.8,
      success_streak: 1,
      source_type: 'rl_feedback',
      policy_decision: '',
    })
    expect(event).toMatchObject({
      timestamp: expect.stringMatching(/^2026-03-0[678]T\d\d:\d\d:00\.123456$/) as string,
      event_type: 'rule_created',
      asset_id: rule.asset_id,
      trigger_signals: ['T3'],
      rl_reward: 0.8,
      changes: 'Task completed, reward=0.80',
      source_node_id: 'rl_learner',
    })
    expect(
      withAgentRule(new Map(), { ...task, corrections: CORRECTED, taskType: '' }).event,
    ).toMatchObject({ timestamp: '2026-03-07T12:00:00.123456+00:00', trigger_signals: ['unknown'] })
  })

  test('is a hint again after each later one, its hash untouched', () => {
    const before = newRule({
      id: 'rule_agent_selection_codex',
      confidence: 0.5,
      success_streak: 2,
      status: 'candidate',
    })
    const { rule, event, rules } = withAgentRule(new Map([[before.id, before]]), task)
    expect([rule, event.event_type, rules.size]).toEqual([
      {
        ...before,
        status: 'hint',
        success_streak: 3,
        confidence: 0.55,
        source_type: 'rl_feedback',
        last_seen_at: '2026-03-07T12:00:00.123456+00:00',
      },
      'rule_updated',
      1,
    ])
  })

  test.each([
    [0.71, 3, 1],
    [0.7, 2, 0.98],
    [0.3, 2, 0.98],
    [0.29, 0, 0.88],
  ])('reward %d: streak %i, confidence %d', (reward, streak, confidence) => {
    const rule = adjustConfidence(newRule({ id: 'r', confidence: 0.98, success_streak: 2 }), reward)
    expect([rule.success_streak, rule.confidence]).toEqual([streak, expect.closeTo(confidence, 12)])
  })
})

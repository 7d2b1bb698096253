import { describe, expect, test } from 'vitest'
import { CORRECTED, ORIGINAL } from '../../../src/clawpolicy/corrections.ts'
import { newRule, rehashed } from '../../../src/clawpolicy/files/records.ts'
import { writeJson } from '../../../src/clawpolicy/files/json.ts'
import { preferencesJson, weakPreferences } from '../../../src/clawpolicy/learner/preferences.ts'
import { withAgentRule, withHint } from '../parts.ts'

const NOW = 1_772_884_800_123_456
const AT = '2026-03-07T12:00:00.123456+00:00'

describe('the rule of an agent, as the original makes it', () => {
  const task = {
    agent: 'codex',
    taskType: 'T3',
    reward: 0.8,
    now: NOW,
    configFolder: '/home/me/.clawpolicy',
    corrections: ORIGINAL,
  }

  test('is new: in the scope of the config folder, with one piece of evidence, just seen', () => {
    const { rule } = withAgentRule(new Map(), task)
    expect(rule).toMatchObject({
      category: 'optimize',
      scope: 'project',
      scope_key: '/home/me/.clawpolicy',
      evidence_count: 1,
      last_seen_at: AT,
      last_applied_at: '',
    })
    expect(rule).toEqual(rehashed(rule))
  })

  test('is updated: an undecided hint of this source, just seen', () => {
    const before = newRule({
      id: 'rule_agent_selection_codex',
      status: 'confirmed',
      source_type: 'explicit_preference',
      policy_decision: 'auto_execute',
      confidence: 0.5,
      scope: 'global',
    })
    const { rule } = withAgentRule(new Map([[before.id, before]]), task)
    expect(rule).toEqual({
      ...before,
      status: 'hint',
      source_type: 'rl_feedback',
      policy_decision: '',
      last_seen_at: AT,
      confidence: 0.55,
      success_streak: 1,
    })
  })
})

describe('the hint of a history', () => {
  const preferences = weakPreferences({ testRatio: 0.4, confidence: 0.95 })
  const options = { repository: '/r', random: () => 0.5, now: NOW }

  test('was just seen', () => {
    const { hint } = withHint(new Map(), preferences, { ...options, corrections: ORIGINAL })
    expect(hint.last_seen_at).toBe(AT)
    expect(hint).toEqual(rehashed(hint))
  })

  test('original: replaces a hint of the same number, but no rule in use', () => {
    const id = 'hint_git_history_workflow_5000'
    const known = (status: 'hint' | 'candidate' | 'confirmed' | 'suspended') => {
      const before = newRule({ id, status, confidence: 0.1 })
      const made = withHint(new Map([[id, before]]), preferences, {
        ...options,
        corrections: ORIGINAL,
      })
      return made.rules.get(id) === before
    }
    expect([known('hint'), known('candidate'), known('confirmed'), known('suspended')]).toEqual([
      false,
      true,
      true,
      false,
    ])
  })

  test('corrected: an analysis that finds the same changes nothing, another renews it', () => {
    const again = { ...options, now: NOW + 1_000_000, corrections: CORRECTED }
    const { rules, hint } = withHint(new Map(), preferences, { ...options, corrections: CORRECTED })
    expect(withHint(rules, preferences, again).hint).toBe(hint)
    expect(withHint(rules, weakPreferences({}), again).hint).toMatchObject({
      policy_decision: '',
      last_seen_at: '2026-03-07T12:00:01.123456+00:00',
    })
  })
})

test('preferences of a history without known files have no other technologies and no total', () => {
  expect(writeJson(preferencesJson(weakPreferences({})).get('tech_stack') ?? null)).toBe(
    '{"primary": "unknown", "stats": {}}',
  )
})

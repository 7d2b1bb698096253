import { describe, expect, it } from 'vitest'
import { ORIGINAL } from '../../src/clawpolicy/corrections.ts'
import { Lifecycle } from '../../src/clawpolicy/evidence/lifecycle.ts'
import { newRule } from '../../src/clawpolicy/files/records.ts'
import type { Rule } from '../../src/clawpolicy/types.ts'
import { BASE, FAIL, MK, OK, PT, ROLLBACK, World, says } from './engine.ts'

const only = (world: World): Rule => {
  expect(world.rules).toHaveLength(1)
  return world.rules[0] as Rule
}
const kinds = (events: { event_type: string }[]) => events.map(({ event_type }) => event_type)

describe('E13 to E16: confirmations and failures', () => {
  it('E13: three confirmations confirm', () => {
    const world = new World()
    const seen = [1, 2, 3].map(() => {
      world.live(MK, says('confirmed_after_prompt'))
      const { evidence_count, confidence, status } = only(world)
      return [evidence_count, confidence, status]
    })
    expect(seen).toEqual([
      [2, 0.7, 'candidate'],
      [3, 0.7999999999999999, 'candidate'],
      [4, 0.8999999999999999, 'confirmed'],
    ])
  })

  it('E14: failures suspend, then archive', () => {
    const world = new World([BASE])
    const seen = [1, 2, 3].map(() => {
      const { decision } = world.live(PT, FAIL)
      return [only(world).status, only(world).confidence, decision.verdict]
    })
    expect(seen).toEqual([
      ['confirmed', 0.7, 'auto_execute'],
      ['suspended', 0.49999999999999994, 'auto_execute'],
      ['archived', 0.29999999999999993, 'auto_execute'],
    ])
  })

  it('E15: old successes reactivate a failing rule', () => {
    const world = new World([{ ...BASE, accepted_auto_execute_count: 3 }])
    const seen = [1, 2, 3, 4, 5, 6].map(() => {
      world.live(PT, FAIL)
      return only(world).status
    })
    expect(seen).toEqual([
      'confirmed',
      'suspended',
      'candidate',
      'confirmed',
      'suspended',
      'candidate',
    ])
    expect(only(world).confidence).toBe(0)
  })

  it('E16: a failure and a rollback', () => {
    const world = new World([BASE])
    world.live(PT, FAIL)
    const { events } = world.live(PT, ROLLBACK)
    expect(
      events.map((event) => [event.event_type, event.payload.get('trigger'), event.source_node_id]),
    ).toEqual([
      ['rule_suspended', 'rollback', 'repeated_failure'],
      ['rule_archived', 'continued_negative_evidence', 'lifecycle'],
      ['decision_outcome', undefined, 'confirmation_policy'],
    ])
    expect(events[2]?.payload.get('lifecycle_transition')).toBe('rule_suspended')
  })
})

describe('E17 and E18: conflicts', () => {
  const pair = [
    { ...BASE, id: 'a' },
    {
      ...BASE,
      id: 'b',
      policy_decision: 'require_confirmation' as const,
      last_seen_at: '2025-12-30T00:00:00+00:00',
    },
  ]

  it('E17: the winner is suspended and superseded', () => {
    const world = new World(pair)
    const { events } = world.live(PT, OK)
    expect(
      events.slice(0, 2).map((event) => [event.event_type, event.payload.get('trigger')]),
    ).toEqual([
      ['rule_suspended', 'conflict'],
      ['rule_archived', 'superseded'],
    ])
    expect(world.rule('a')).toMatchObject({ status: 'archived', confidence: 0.9500000000000001 })
  })

  it('E18: evaluating makes a conflict ambiguous', () => {
    const world = new World(pair)
    const seen = [1, 2].map(() => {
      const { verdict, resolution } = world.decide(PT)
      return [verdict, resolution]
    })
    expect(seen).toEqual([
      ['auto_execute', 'same_scope_newer_confirmed'],
      ['require_confirmation', 'ambiguous_same_scope_conflict'],
    ])
  })
})

describe('E19 to E22: overrides', () => {
  it('E19: always ask destroys the rule that asks', () => {
    const world = new World()
    const seen = [1, 2, 3].map(() => {
      world.live(PT, says('prefer_confirmation'))
      return [only(world).status, only(world).policy_decision]
    })
    expect(seen).toEqual([
      ['candidate', 'require_confirmation'],
      ['candidate', 'require_confirmation'],
      ['confirmed', 'require_confirmation'],
    ])
    const { events } = world.live(PT, says('prefer_confirmation'))
    expect(
      events.slice(0, 2).map((event) => [event.event_type, event.payload.get('trigger')]),
    ).toEqual([
      ['rule_suspended', 'repeated_override'],
      ['rule_archived', 'continued_negative_evidence'],
    ])
    expect(only(world).override_streak).toBe(4)
  })

  it('E20: complaints create a rule that allows', () => {
    const world = new World()
    const missed = { ...OK, override: 'should_have_required_confirmation' }
    world.live(PT, missed)
    expect(only(world)).toMatchObject({
      policy_decision: 'auto_execute',
      status: 'candidate',
      confidence: 0.55,
    })
    world.live(PT, missed)
    expect(only(world).status).toBe('candidate')
    expect(kinds(world.live(PT, missed).events)).toEqual(['rule_promoted', 'decision_outcome'])
    expect(
      world
        .live(PT, missed)
        .events.slice(0, 2)
        .map((event) => [event.event_type, event.payload.get('trigger')]),
    ).toEqual([
      ['rule_suspended', 'missed_confirmation'],
      ['rule_archived', 'continued_negative_evidence'],
    ])
  })

  it('E21: confirmations reactivate', () => {
    const world = new World([{ ...BASE, status: 'suspended', confidence: 0.4 }])
    expect(
      [1, 2, 3].map(() => {
        world.live(PT, says('confirmed_after_prompt'))
        return only(world).status
      }),
    ).toEqual(['suspended', 'candidate', 'confirmed'])
    expect(only(world).confidence).toBeCloseTo(0.7, 9)
  })

  it('E22: blocking suspends and archives', () => {
    const world = new World([BASE])
    expect(
      [1, 2, 3].map(() => {
        world.live(PT, says('blocked_auto_execute', false))
        return [only(world).status, only(world).override_streak]
      }),
    ).toEqual([
      ['confirmed', 1],
      ['suspended', 2],
      ['archived', 3],
    ])
  })
})

describe('E23 to E28: sweep, critical, duplicates, weak hints', () => {
  it('E23: the sweep archives others without listing them', () => {
    const world = new World([
      newRule({ id: 'z', status: 'suspended', failure_streak: 3, trigger: ['command:other'] }),
    ])
    const { events } = world.live(MK, says('prefer_confirmation'))
    expect(world.rule('z').status).toBe('archived')
    expect(events.at(-1)?.payload.get('lifecycle_transition')).toBe('')
  })

  it('E24: critical always asks', () => {
    const world = new World()
    const task = { task_type: 'T4', task_description: 'clean', command: 'rm -rf build' }
    const seen = [1, 2, 3, 4].map(() => {
      const {
        decision: { verdict, resolution, fallback },
      } = world.live(task, says('prefer_auto_execute'))
      return [verdict, resolution, fallback]
    })
    expect(seen).toEqual([
      ['require_confirmation', 'critical_risk_override', ''],
      ['require_confirmation', 'critical_risk_override', 'heuristic override'],
      ['require_confirmation', 'critical_risk_override', 'heuristic override'],
      ['require_confirmation', 'project_confirmed_rule', 'heuristic override'],
    ])
  })

  it('E25: no task type creates duplicates', () => {
    const world = new World()
    for (let i = 0; i < 3; i++) world.live({ ...MK, task_type: '' }, says('confirmed_after_prompt'))
    expect(world.rules.map(({ status, trigger }) => [status, trigger])).toEqual(
      Array(3).fill(['candidate', ['task_type:T2', 'command:make thing']]),
    )
  })

  it('E26: a weak hint stays a candidate', () => {
    const world = new World([
      newRule({
        id: 'h',
        summary: 's',
        validation: ['v'],
        source_type: 'git_history',
        trigger: ['task_type:T2'],
        policy_decision: 'auto_execute',
      }),
    ])
    for (let i = 0; i < 5; i++) world.live(MK, says('confirmed_after_prompt'))
    const outcomes = [
      {
        at: '',
        decision: 'auto_execute',
        override: 'confirmed_after_prompt',
        result: 'success',
        confirmed: true,
        rules: ['h'],
      },
    ]
    expect(only(world).status).toBe('candidate')
    expect(
      new Lifecycle(ORIGINAL).promotionBlocks(only(world), {
        outcomes,
        conflict: false,
        risk: 'medium',
      }),
    ).toEqual(['weak hints cannot promote directly'])
  })

  it('E27: a failure promotes on old successes', () => {
    const world = new World()
    world.live(PT, FAIL)
    expect(only(world)).toMatchObject({
      policy_decision: 'require_confirmation',
      status: 'candidate',
      confidence: 0.55,
    })
    for (let i = 0; i < 3; i++) world.live(PT, OK)
    world.live(PT, FAIL)
    expect(only(world)).toMatchObject({
      status: 'confirmed',
      evidence_count: 3,
      confidence: 0.6000000000000001,
    })
  })

  it('E27: failures alone never confirm', () => {
    const world = new World()
    for (let i = 0; i < 5; i++) world.live(PT, FAIL)
    expect(only(world).status).toBe('candidate')
  })

  it('E28: the whole gate', () => {
    expect(
      new Lifecycle(ORIGINAL).promotionBlocks(newRule({ id: 'r', status: 'candidate' }), {
        outcomes: [],
        conflict: true,
        risk: 'low',
      }),
    ).toEqual([
      'policy decision missing',
      'insufficient evidence',
      'summary missing',
      'minimal test missing',
      'unresolved conflict',
      'weak hints cannot promote directly',
      'no explicit confirmation or stable success pattern',
    ])
  })
})

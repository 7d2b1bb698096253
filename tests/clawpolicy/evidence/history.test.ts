import { describe, expect, it } from 'vitest'
import { CORRECTED, ORIGINAL } from '../../../src/clawpolicy/corrections.ts'
import {
  confidenceHistory,
  lastLines,
  recentTransitions,
  riskyRules,
  policyStatus,
} from '../../../src/clawpolicy/evidence/history.ts'
import { newRule } from '../../../src/clawpolicy/files/records.ts'
import { withCorrections, BASE, FAIL, MK, OK, PT, World, says } from '../engine.ts'
import { recentDecisions } from '../parts.ts'

describe('confidence history', () => {
  const rules = [
    newRule({ id: 'a', confidence: 0.5 }),
    newRule({ id: 'b', confidence: 0.6, trigger: ['T2'] }),
    newRule({ id: 'c', confidence: 0.9, trigger: ['task_type:T3'], status: 'archived' }),
    newRule({ id: 'd', confidence: 0.6, trigger: ['task_type:T2'] }),
  ]
  it('lists rules above 0.5 in any status, stable', () =>
    expect(confidenceHistory(rules).map(({ id }) => id)).toEqual(['c', 'b', 'd']))
  it('is of a task type, whatever the confidence', () =>
    expect(confidenceHistory(rules, 'T2').map(({ id }) => id)).toEqual(['b', 'd']))
})

describe('recent decisions', () => {
  it('are listed with their outcomes, latest first', () => {
    const world = new World([BASE])
    world.live(PT, FAIL)
    world.live(MK, says('confirmed_after_prompt'))
    const open = world.decide(PT)
    const seen = recentDecisions(world.lines, 20, ORIGINAL)
    expect(
      seen.map((record) => [
        record.get('task_description'),
        record.get('execution_result'),
        record.get('user_override'),
      ]),
    ).toEqual([
      ['Run tests', undefined, undefined],
      ['Call thing', 'success', 'confirmed_after_prompt'],
      ['Run tests', 'failure', ''],
    ])
    expect(seen[0]?.get('decision_id')).toBe(open.id)
    expect(recentDecisions(world.lines, 1, ORIGINAL)).toHaveLength(1)
  })

  it('an outcome without its evaluation is a partial record, left out where corrected', () => {
    const world = new World([BASE])
    world.live(PT, OK)
    const lines = world.lines.slice(-1)
    const run = (on: boolean) =>
      recentDecisions(
        lines,
        20,
        withCorrections(CORRECTED, { 'partial-decisions-left-out': on }),
      ).map((record) => [...record.keys()])
    expect([run(false), run(true)]).toEqual([
      [
        [
          'decision_id',
          'execution_result',
          'user_override',
          'rollback_happened',
          'lifecycle_transition',
        ],
      ],
      [],
    ])
  })
})

describe('the state as a whole', () => {
  it('counts rules, and lists those that need review', () => {
    const world = new World([
      { ...BASE, risk_level: 'high' },
      { ...BASE, id: 'h', status: 'hint' },
    ])
    for (let i = 0; i < 3; i++) world.live(MK, says('confirmed_after_prompt'))
    const {
      status_counts,
      recent_promotions,
      recent_suspensions,
      risky_confirmed_rules,
      special_scopes,
    } = policyStatus(world.rules, world.lines)
    expect(status_counts).toEqual({
      hint: 1,
      candidate: 0,
      confirmed: 2,
      suspended: 0,
      archived: 0,
    })
    expect([recent_promotions.length, recent_suspensions.length]).toEqual([1, 0])
    expect(risky_confirmed_rules).toEqual([
      {
        id: 'base',
        summary: 'Run tests',
        risk_level: 'high',
        scope: 'project',
        scope_key: '/proj',
      },
    ])
    expect(special_scopes).toHaveLength(2)
    expect(riskyRules(world.rules).map(({ id }) => id)).toEqual(['base'])
    expect(recentTransitions(world.lines, 10).map(({ event_type }) => event_type)).toEqual([
      'rule_promoted',
    ])
  })

  it('limits count lines', () => {
    expect(
      [
        lastLines([undefined, undefined, undefined], 0),
        lastLines([undefined, undefined, undefined], 2),
        lastLines([undefined, undefined, undefined], -1),
      ].map(({ length }) => length),
    ).toEqual([3, 2, 2])
  })
})

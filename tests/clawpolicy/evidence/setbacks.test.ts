import { describe, expect, it } from 'vitest'
import { CORRECTED, type Corrections } from '../../../src/clawpolicy/corrections.ts'
import { type Report } from '../../../src/clawpolicy/evidence/feedback.ts'
import type { Rule, Status, ExecutionMode } from '../../../src/clawpolicy/types.ts'
import { withCorrections, reportOf, BASE, FAIL, MK, PT, World, says } from '../engine.ts'

const YES = says('confirmed_after_prompt')
const NO = says('blocked_auto_execute')
const MISS = says('should_have_required_confirmation')
const GAVE_UP = reportOf(false, false)
const PROMPTED = reportOf(true, false)

const off = withCorrections(CORRECTED, { 'setbacks-restart': false })
const both = <T>(run: (corrections: Corrections) => T): [off: T, on: T] => [
  run(off),
  run(CORRECTED),
]

/** What becomes of the rule of a decision that a life of reports makes. */
const life =
  (reports: Report[], decision: ExecutionMode, task = MK) =>
  (corrections: Corrections) => {
    const world = new World([], corrections)
    for (const report of reports) world.live(task, report)
    return world.rules.find(({ policy_decision }) => policy_decision === decision)?.status
  }

describe('three in a row', () => {
  it.each<[string, Report[], Status, Status]>([
    ['three yeses', [YES, YES, YES], 'confirmed', 'confirmed'],
    ['two yeses, the one that made it included', [YES, YES], 'candidate', 'candidate'],
    [
      'a preference is one of three',
      [says('prefer_auto_execute'), says('prefer_auto_execute')],
      'candidate',
      'candidate',
    ],
    ['two refusals and a yes', [YES, NO, NO, YES], 'confirmed', 'candidate'],
    ['a refusal between', [YES, YES, NO, YES, YES], 'confirmed', 'candidate'],
    ['three after a refusal', [YES, YES, NO, YES, YES, YES], 'confirmed', 'confirmed'],
    [
      'a failure between',
      [YES, YES, { ...GAVE_UP, result: 'failure' }, YES],
      'confirmed',
      'candidate',
    ],
    [
      'a yes to what failed',
      [YES, YES, { ...YES, result: 'failure' }, YES],
      'confirmed',
      'candidate',
    ],
    ['a complaint between', [YES, YES, MISS, YES], 'confirmed', 'candidate'],
    [
      'giving up says nothing either way',
      [YES, YES, GAVE_UP, GAVE_UP, YES],
      'confirmed',
      'confirmed',
    ],
    ['nor does it count', [YES, YES, GAVE_UP], 'candidate', 'candidate'],
    ['yes without a word', [PROMPTED, PROMPTED, PROMPTED], 'confirmed', 'confirmed'],
    ['a word of yes among them', [PROMPTED, YES, PROMPTED], 'confirmed', 'confirmed'],
  ])('a rule that allows, %s', (_, reports, before, now) => {
    expect(both(life(reports, 'auto_execute'))).toEqual([before, now])
  })

  it.each<[string, Report[], Status, Status]>([
    ['three refusals', [NO, NO, NO], 'confirmed', 'confirmed'],
    ['three complaints', [MISS, MISS, MISS], 'confirmed', 'confirmed'],
    ['a yes between', [NO, NO, YES, NO], 'confirmed', 'candidate'],
    ['three after a yes', [NO, YES, NO, NO, NO], 'confirmed', 'confirmed'],
    [
      'yes without a word says nothing either way',
      [NO, NO, PROMPTED, NO],
      'confirmed',
      'confirmed',
    ],
    [
      'what went wrong counts with what was refused',
      [NO, { ...FAIL, override: 'blocked_auto_execute' }, NO],
      'confirmed',
      'confirmed',
    ],
  ])('a rule that asks, %s', (_, reports, before, now) => {
    expect(both(life(reports, 'require_confirmation'))).toEqual([before, now])
  })

  it('a setback is noted for a candidate that does not learn from it', () => {
    const run = (corrections: Corrections) => {
      const world = new World([], corrections)
      world.live(MK, NO)
      const asks = world.rules[0] as Rule
      const noted = world
        .live(MK, YES)
        .events.filter(({ payload }) => payload.get('rule_id') === asks.id)
      expect(world.rule(asks.id)).toEqual({ ...asks, last_applied_at: expect.any(String) })
      return noted.map(({ source_node_id }) => source_node_id)
    }
    expect(both(run)).toEqual([[], ['set_back']])
  })

  it('counters from elsewhere are no evidence', () => {
    const rule: Rule = {
      ...BASE,
      status: 'candidate',
      evidence_count: 9,
      accepted_auto_execute_count: 9,
    }
    const run = (times: number) => (corrections: Corrections) => {
      const world = new World([rule], corrections)
      for (let i = 0; i < times; i++) world.live(PT, YES)
      return world.rule('base').status
    }
    expect([both(run(1)), both(run(3))]).toEqual([
      ['confirmed', 'candidate'],
      ['confirmed', 'confirmed'],
    ])
  })

  it('an approval of a high risk does not count after it was revoked', () => {
    expect(
      both(
        life([YES, YES, NO, PROMPTED, PROMPTED, PROMPTED], 'auto_execute', {
          ...MK,
          command: 'git push',
        }),
      ),
    ).toEqual(['confirmed', 'candidate'])
  })
})

import { describe, expect, it } from 'vitest'
import {
  CORRECTED,
  ORIGINAL,
  type Correction,
  type Corrections,
} from '../../src/clawpolicy/corrections.ts'
import { type Report } from '../../src/clawpolicy/evidence/feedback.ts'
import type { Rule, Task } from '../../src/clawpolicy/types.ts'
import { withCorrections, BASE, FAIL, MK, OK, PT, World, says } from './engine.ts'

const ONLY_READS: Task = { task_type: 'T2', task_description: 'Look', command: 'git status' }
/** What happens with one correction off and all others as they are, and with it on. */
function both<T>(
  name: Correction,
  base: Corrections,
  run: (corrections: Corrections) => T,
): [off: T, on: T] {
  return [
    run(withCorrections(base, { [name]: false })),
    run(withCorrections(base, { [name]: true })),
  ]
}

const after =
  (rules: Rule[], task: Task, times: number, report = OK) =>
  (corrections: Corrections) => {
    const world = new World(rules, corrections)
    for (let i = 0; i < times; i++) world.live(task, report)
    return world.rules.map(({ status }) => status)
  }

describe('corrections of the gates', () => {
  it('guards-hold', () => {
    const run = (corrections: Corrections) =>
      after([], PT, 6, says('prefer_confirmation'))(corrections)
    expect(both('guards-hold', ORIGINAL, run)).toEqual([['archived', 'candidate'], ['confirmed']])
    expect(run(CORRECTED)).toEqual(['confirmed'])
  })

  it('guards-hold: of two contradicting rules the one that allows is suspended', () => {
    const pair: Rule[] = [
      {
        ...BASE,
        id: 'asks',
        policy_decision: 'require_confirmation',
        last_seen_at: '2025-12-31T01:00:00+00:00',
      },
      { ...BASE, id: 'allows' },
    ]
    const run = (corrections: Corrections) => {
      const world = new World(pair, corrections)
      for (let i = 0; i < 2; i++) world.live(PT, says('prefer_confirmation'))
      return world.rules.map(({ id, status }) => `${id} ${status}`)
    }
    expect(both('guards-hold', CORRECTED, run)).toEqual([
      ['asks archived', 'allows suspended'],
      ['asks confirmed', 'allows archived'],
    ])
  })

  it('misses-guard', () => {
    const run = (corrections: Corrections) => {
      const world = new World([], corrections)
      for (let i = 0; i < 4; i++)
        world.live(ONLY_READS, { ...OK, override: 'should_have_required_confirmation' })
      return world.rules.map(({ policy_decision, conflict_count }) => [
        policy_decision,
        conflict_count > 0,
      ])
    }
    expect(both('misses-guard', CORRECTED, run)).toEqual([
      [['auto_execute', true]],
      [['require_confirmation', false]],
    ])
  })

  it('support-promotes: failures promote nothing', () => {
    const rule: Rule = { ...BASE, status: 'candidate', accepted_auto_execute_count: 3 }
    const run = (corrections: Corrections) => after([rule], PT, 1, FAIL)(corrections)
    expect(both('support-promotes', ORIGINAL, run)).toEqual([['confirmed'], ['candidate']])
  })

  it('support-promotes: failures reactivate nothing', () => {
    const run = (corrections: Corrections) => {
      const world = new World([{ ...BASE, accepted_auto_execute_count: 3 }], corrections)
      for (let i = 0; i < 3; i++) world.live(PT, FAIL)
      return world.rule('base').status
    }
    expect(both('support-promotes', ORIGINAL, run)).toEqual(['candidate', 'archived'])
  })

  it('support-promotes: a denial does not confirm a rule that allows', () => {
    const rule: Rule = { ...BASE, status: 'candidate' }
    const run = (corrections: Corrections) =>
      after([rule], MK_AS_BASE, 2, says('prefer_confirmation'))(corrections)
    expect(both('support-promotes', ORIGINAL, run)).toEqual([['confirmed'], ['candidate']])
  })

  it('support-promotes: only support since the suspension reactivates', () => {
    const world = new World(
      [
        {
          ...BASE,
          status: 'suspended',
          accepted_confirmation_count: 9,
          accepted_auto_execute_count: 9,
        },
      ],
      CORRECTED,
    )
    const seen = [1, 2, 3].map(() => {
      world.live(PT, says('confirmed_after_prompt'))
      return world.rule('base').status
    })
    expect(seen).toEqual(['suspended', 'candidate', 'confirmed'])
  })

  it('setbacks-restart', () => {
    const run = (reports: Report[]) => (corrections: Corrections) => {
      const world = new World([], corrections)
      for (const report of reports) world.live(MK, report)
      return world.rules[0]?.status
    }
    const [yes, no] = [says('confirmed_after_prompt'), says('blocked_auto_execute')]
    expect(both('setbacks-restart', CORRECTED, run([yes, no, no, yes]))).toEqual([
      'confirmed',
      'candidate',
    ])
    expect(both('setbacks-restart', CORRECTED, run([yes, no, yes, yes, yes]))).toEqual([
      'confirmed',
      'confirmed',
    ])
  })

  it('guards-return', () => {
    const rule: Rule = { ...BASE, policy_decision: 'require_confirmation', status: 'suspended' }
    expect(
      both('guards-return', CORRECTED, after([rule], PT, 3, says('prefer_confirmation'))),
    ).toEqual([['suspended'], ['confirmed']])
  })
})

const MK_AS_BASE: Task = { ...PT, task_description: 'x' }

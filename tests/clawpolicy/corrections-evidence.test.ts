import { describe, expect, it } from 'vitest'
import {
  CORRECTED,
  ORIGINAL,
  type Correction,
  type Corrections,
} from '../../src/clawpolicy/corrections.ts'
import { EventLog } from '../../src/clawpolicy/evidence/evidence.ts'
import { newEvent } from '../../src/clawpolicy/files/records.ts'
import { TaskMatcher } from '../../src/clawpolicy/matching/matching.ts'
import type { Rule, Task } from '../../src/clawpolicy/types.ts'
import { withCorrections, reportOf, BASE, FAIL, MK, OK, PT, World, says } from './engine.ts'

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

describe('corrections of evidence', () => {
  it('reading-changes-nothing', () => {
    const pair: Rule[] = [
      { ...BASE, id: 'a' },
      {
        ...BASE,
        id: 'b',
        policy_decision: 'require_confirmation',
        last_seen_at: '2025-12-30T00:00:00+00:00',
      },
    ]
    const run = (corrections: Corrections) => {
      const world = new World(pair, corrections)
      return [
        world.decide(PT).resolution,
        world.decide(PT).resolution,
        world.rule('a').last_applied_at !== '',
      ]
    }
    expect(both('reading-changes-nothing', CORRECTED, run)).toEqual([
      ['same_scope_newer_confirmed', 'ambiguous_same_scope_conflict', true],
      ['same_scope_newer_confirmed', 'same_scope_newer_confirmed', true],
    ])
  })

  it('confirmations-teach', () => {
    expect(both('confirmations-teach', CORRECTED, after([], MK, 4, reportOf(true, false)))).toEqual(
      [[], ['confirmed']],
    )
    expect(both('confirmations-teach', ORIGINAL, after([], MK, 4, reportOf(true, false)))).toEqual([
      [],
      ['confirmed'],
    ])
  })

  it('confirmations-teach: never at high risk, never against a rule that asks', () => {
    expect(after([], { ...MK, command: 'git push' }, 9, reportOf(true, false))(CORRECTED)).toEqual([
      'candidate',
    ])
    expect(
      after(
        [{ ...BASE, policy_decision: 'require_confirmation' }],
        PT,
        5,
        reportOf(true, false),
      )(CORRECTED),
    ).toEqual(['confirmed'])
  })

  it('failures-guard', () => {
    const low = (corrections: Corrections) =>
      withCorrections(corrections, { 'suspended-asks': false })
    expect(
      both('failures-guard', CORRECTED, (corrections) =>
        after([], ONLY_READS, 5, FAIL)(low(corrections)),
      ),
    ).toEqual([['candidate'], ['confirmed']])
    expect([2, 3].flatMap((times) => after([], ONLY_READS, times, FAIL)(low(CORRECTED)))).toEqual([
      'candidate',
      'confirmed',
    ])
  })

  it('one-task-type', () => {
    expect(
      both(
        'one-task-type',
        ORIGINAL,
        after([], { ...MK, task_type: '' }, 3, says('confirmed_after_prompt')),
      ),
    ).toEqual([['candidate', 'candidate', 'candidate'], ['confirmed']])
  })

  it('one-domain', () => {
    const task: Task = { ...MK, domain: 'custom', scope: 'domain' }
    expect(
      both(
        'one-domain',
        CORRECTED,
        (corrections) => new TaskMatcher({ corrections }).scopeOf(task).scope_key,
      ),
    ).toEqual(['custom', 'code'])
    expect(
      both('one-domain', ORIGINAL, after([], task, 3, says('confirmed_after_prompt'))),
    ).toEqual([['candidate', 'candidate', 'candidate'], ['confirmed']])
  })

  it('replays-count-once', () => {
    const run = (corrections: Corrections) => {
      const world = new World([BASE], corrections)
      const report = { ...OK, decisionId: world.decide(PT).id }
      for (let i = 0; i < 3; i++) world.report(PT, report)
      world.report(PT, { ...report, result: 'failure' })
      const { evidence_count, failure_streak } = world.rule('base')
      return [evidence_count, failure_streak]
    }
    expect(both('replays-count-once', ORIGINAL, run)).toEqual([
      [8, 1],
      [6, 1],
    ])
  })

  it('windows-count-evidence', () => {
    const noise = Array.from({ length: 2000 }, () =>
      newEvent({ timestamp: 't', event_type: 'rule_updated' }),
    )
    const run = (corrections: Corrections) => {
      const world = new World([], corrections)
      const id = world.decide(MK).id
      const log = new EventLog([...world.lines, ...noise], corrections)
      return log.decision(id) !== undefined
    }
    expect(both('windows-count-evidence', CORRECTED, run)).toEqual([false, true])
  })
})

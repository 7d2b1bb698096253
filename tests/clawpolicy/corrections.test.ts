import { describe, expect, it } from 'vitest'
import {
  CORRECTED,
  CORRECTIONS,
  ORIGINAL,
  type Correction,
  type Corrections,
} from '../../src/clawpolicy/corrections.ts'
import { EventLog } from '../../src/clawpolicy/evidence.ts'
import { writeEvent } from '../../src/clawpolicy/files/write.ts'
import { type Report } from '../../src/clawpolicy/feedback.ts'
import { newEvent } from '../../src/clawpolicy/files/records.ts'
import { TaskMatcher } from '../../src/clawpolicy/matching.ts'
import { newRule } from '../../src/clawpolicy/files/records.ts'
import { Precedence } from '../../src/clawpolicy/precedence.ts'
import type { Rule, Task } from '../../src/clawpolicy/types.ts'
import { withCorrections, reportOf, BASE, FAIL, MK, OK, PT, World, says } from './engine.ts'
import { readEvents, readRules } from './parts.ts'

const ONLY_READS: Task = { task_type: 'T2', task_description: 'Look', command: 'git status' }
/** Low in either reading of risk, so that the fallback would allow it. */
const LOW_RULE: Rule = { ...BASE, trigger: ['command:git status'] }

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

describe('corrections of the lifecycle', () => {
  it('suspended-asks', () => {
    const run = (corrections: Corrections) => {
      const { verdict, fallback } = new World(
        [{ ...LOW_RULE, status: 'suspended' }],
        corrections,
      ).look(ONLY_READS)
      return [verdict, fallback]
    }
    expect(both('suspended-asks', CORRECTED, run)).toEqual([
      ['auto_execute', 'first-time task; heuristic fallback'],
      ['require_confirmation', 'suspended rule requires confirmation'],
    ])
    expect(both('suspended-asks', ORIGINAL, run)[1]?.[0]).toBe('require_confirmation')
  })

  it('suspended-asks: the explanation no longer claims what is not so', () => {
    const world = (corrections: Corrections) =>
      new World([{ ...LOW_RULE, id: 's', status: 'suspended' }, LOW_RULE], corrections).look(
        ONLY_READS,
      )
    const says = (corrections: Corrections) => {
      const { verdict, record } = world(corrections)
      return [verdict, String(record.get('explanation_text')).includes('fail-closed')]
    }
    expect(both('suspended-asks', CORRECTED, says)).toEqual([
      ['auto_execute', true],
      ['auto_execute', false],
    ])
  })

  it('risk-within-evidence', () => {
    const task = { task_type: 'T2', task_description: 'x', command: 'git push origin main' }
    const run = (risk_level: string) => (corrections: Corrections) =>
      new World([{ ...BASE, trigger: ['task_type:T2'], risk_level }], corrections).look(task)
        .verdict
    expect(both('risk-within-evidence', CORRECTED, run('low'))).toEqual([
      'auto_execute',
      'require_confirmation',
    ])
    expect(both('risk-within-evidence', CORRECTED, run('high'))).toEqual([
      'auto_execute',
      'auto_execute',
    ])
  })

  it('risk-within-evidence: only an explicit yes learns a high risk', () => {
    const task = { task_type: 'T2', task_description: 'x', command: 'git push origin main' }
    const run = (override: string) => (corrections: Corrections) => {
      const world = new World([], corrections)
      world.live(task, says(override))
      return world.rules[0]?.risk_level
    }
    expect(both('risk-within-evidence', CORRECTED, run('forced_auto_execute'))).toEqual([
      'high',
      '',
    ])
    expect(both('risk-within-evidence', CORRECTED, run('confirmed_after_prompt'))).toEqual([
      'high',
      'high',
    ])
  })

  it.each<[string, string[], Task, Task]>([
    [
      'in another case',
      ['command:git branch -d x'],
      { command: 'git branch -d x' },
      { command: 'git branch -D x' },
    ],
    [
      'on two lines',
      ['command:make a make b'],
      { command: ' make a make b ' },
      { command: 'make a\nmake b' },
    ],
    [
      'only said to be it',
      ['keyword:make docs'],
      { command: 'make docs' },
      { task_description: 'make docs', command: 'make all' },
    ],
    [
      'said to be it, in the oldest form',
      ['make docs'],
      { command: 'make docs' },
      { task_summary: 'make docs', command: 'make all' },
    ],
    [
      'with a space that is none to a shell',
      ['command:make a'],
      { command: '\n make a\t' },
      { command: 'make a\u00a0' },
    ],
    [
      'ending in a space',
      ['command:make a\\ '],
      { command: 'make a\\  ' },
      { command: 'make a\\' },
    ],
    [
      'of the same summary',
      ['task:tidy'],
      { task_summary: 'Tidy' },
      { task_summary: 'Tidy', command: 'make all' },
    ],
  ])('allowing-is-exact: no other command, %s', (_, trigger, same, other) => {
    const run = (task: Task) => (corrections: Corrections) =>
      new World([{ ...BASE, trigger }], corrections).look(task).matched.length
    expect(both('allowing-is-exact', CORRECTED, run(same))).toEqual([1, 1])
    expect(both('allowing-is-exact', CORRECTED, run(other))).toEqual([1, 0])
    const asks = new World(
      [{ ...BASE, trigger, policy_decision: 'require_confirmation' }],
      CORRECTED,
    )
    expect(asks.look(other).matched).toHaveLength(1)
  })

  it('allowing-is-exact: what is learned keeps its case', () => {
    const run = (corrections: Corrections) => {
      const world = new World([], corrections)
      world.live({ ...MK, command: 'make  A' }, says('confirmed_after_prompt'))
      return world.rules[0]?.trigger[1]
    }
    expect(both('allowing-is-exact', CORRECTED, run)).toEqual(['command:make a', 'command:make  A'])
  })

  it.each<[string, boolean, boolean]>([
    ['git push', true, true],
    ['git push origin main', true, true],
    ['git push && git push --tags', true, true],
    ['git push; make x', false, true],
    ['sudo git push', false, true],
    ['A=1 git push', false, true],
    ['git push > log', false, true],
    ['git push $(make x)', false, true],
    ['/opt/git push', false, true],
    ['sh -c "git push"', false, true],
    ['make x | git push', false, true],
    ['git status', false, false],
    ['echo git push', false, false],
    ['git -c a=b push', false, true],
    ['\u00a0git push', false, false],
    ['/usr/bin/git -C x push', false, true],
  ])('kinds-of-commands: %s', (command, allowed, asked) => {
    const met =
      (policy_decision: 'auto_execute' | 'require_confirmation') => (corrections: Corrections) =>
        new World([{ ...BASE, trigger: ['runs:git push'], policy_decision }], corrections).look({
          task_type: 'T2',
          command,
        }).matched.length > 0
    expect(both('kinds-of-commands', CORRECTED, met('auto_execute'))).toEqual([false, allowed])
    expect(both('kinds-of-commands', CORRECTED, met('require_confirmation'))).toEqual([
      false,
      asked,
    ])
  })

  it('feedback-fits-decision', () => {
    const run = (corrections: Corrections) => {
      const world = new World([], corrections)
      const { id } = world.decide({ ...MK, project_path: '/p2' })
      world.report(
        { ...MK, command: 'make evil', scope: 'global' },
        { ...says('confirmed_after_prompt'), decisionId: id },
      )
      return world.rules.map(({ trigger, scope, scope_key }) => [trigger[1], scope, scope_key])
    }
    expect(both('feedback-fits-decision', CORRECTED, run)).toEqual([
      [['command:make evil', 'global', '']],
      [['command:make thing', 'project', '/p2']],
    ])
  })

  it('guards-hold', () => {
    const run = (corrections: Corrections) =>
      after([], PT, 6, says('prefer_confirmation'))(corrections)
    expect(both('guards-hold', ORIGINAL, run)).toEqual([['archived', 'candidate'], ['confirmed']])
    expect(run(CORRECTED)).toEqual(['confirmed'])
  })

  it('guards-hold: of two that contradict each other, the one that allows goes', () => {
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

  it('support-promotes: failures wake nothing', () => {
    const run = (corrections: Corrections) => {
      const world = new World([{ ...BASE, accepted_auto_execute_count: 3 }], corrections)
      for (let i = 0; i < 3; i++) world.live(PT, FAIL)
      return world.rule('base').status
    }
    expect(both('support-promotes', ORIGINAL, run)).toEqual(['candidate', 'archived'])
  })

  it('support-promotes: a no is no confirmation of a rule that allows', () => {
    const rule: Rule = { ...BASE, status: 'candidate' }
    const run = (corrections: Corrections) =>
      after([rule], MK_AS_BASE, 2, says('prefer_confirmation'))(corrections)
    expect(both('support-promotes', ORIGINAL, run)).toEqual([['confirmed'], ['candidate']])
  })

  it('support-promotes: a rule wakes by what was said since', () => {
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

const MK_AS_BASE: Task = { ...PT, task_description: 'x' }

describe('corrections of files and times', () => {
  const attempt =
    <T>(run: (corrections: Corrections) => T) =>
    (corrections: Corrections) => {
      try {
        return run(corrections)
      } catch (thrown) {
        return (thrown as Error).message
      }
    }

  it('unknown-keys-kept', () => {
    const run = attempt((corrections) => {
      const { records, notes } = readRules('{"r": {"id": "r", "mine": 1}}', corrections)
      return [records.get('r')?.extra, notes]
    })
    expect(both('unknown-keys-kept', CORRECTED, run)).toEqual([
      'rules.json: r: it has keys that are not known: "mine"',
      [
        new Map([['mine', 1]]),
        ['rules.json: r has keys that are not known, kept as they are: "mine"'],
      ],
    ])
  })

  it('enums-checked', () => {
    const run = attempt(
      (corrections) =>
        readRules('{"r": {"id": "r", "status": "loud", "scope": null}}', corrections).records.get(
          'r',
        )?.status,
    )
    expect(both('enums-checked', CORRECTED, run)).toEqual([
      'hint',
      expect.stringMatching(/^rules\.json: r\.status: it should be one of "hint"/),
    ])
  })

  it('corruption-refused', () => {
    const run = attempt((corrections) => {
      const { records, notes } = readRules('{\n  "r": {"id": "r"', corrections)
      return [records.size, notes.length]
    })
    expect(both('corruption-refused', CORRECTED, run)).toEqual([
      [0, 1],
      'rules.json: a comma or } should stand here, line 2 column 18',
    ])
  })

  it('lines-end-with-lf', () => {
    const text = writeEvent(
      newEvent({ timestamp: 't', event_type: 'e', changes: 'a\u2028b\u0085c' }),
    )
    const run = (corrections: Corrections) =>
      readEvents(text, corrections).lines.map((event) => event?.changes)
    expect(both('lines-end-with-lf', CORRECTED, run)).toEqual([
      [undefined, undefined, undefined],
      ['a\u2028b\u0085c'],
    ])
  })

  it('times-compare', () => {
    const run = attempt((corrections) =>
      new Precedence(corrections)
        .latestFirst(
          ['2026-01-01T00:00:00', '2026-01-01T01:00:00+00:00', ''].map((last_seen_at) =>
            newRule({ id: 'r', last_seen_at }),
          ),
        )
        .map(({ last_seen_at }) => last_seen_at),
    )
    expect(both('times-compare', CORRECTED, run)).toEqual([
      'times with and without an offset cannot be compared',
      ['2026-01-01T01:00:00+00:00', '2026-01-01T00:00:00', ''],
    ])
  })
})

describe('a life, corrected', () => {
  it.each([
    ['make thing', 'medium'],
    ['git push origin main', 'high'],
  ])('%s: three times yes, then unasked; two failures, then asked again', (command, level) => {
    const world = new World([], CORRECTED)
    const task = { task_type: 'T2', task_description: 'x', command }
    const yes = [1, 2, 3].map(
      () => world.live(task, says('confirmed_after_prompt')).decision.verdict,
    )
    expect(yes).toEqual(Array(3).fill('require_confirmation'))
    const fourth = world.look(task)
    expect(fourth).toMatchObject({
      verdict: 'auto_execute',
      reason: 'Confirmed project rule allows auto execution',
      risk: { level },
    })
    world.live(task, FAIL)
    expect(
      world
        .live(task, FAIL)
        .events.map((event) => [event.event_type, event.payload.get('trigger')])[0],
    ).toEqual(['rule_suspended', 'repeated_failure'])
    expect(world.look(task)).toMatchObject({
      verdict: 'require_confirmation',
      fallback: 'suspended rule requires confirmation',
    })
    world.live(task, says('confirmed_after_prompt'))
    world.live(task, says('confirmed_after_prompt'))
    expect(world.rules.map(({ status }) => status)).toEqual(['candidate'])
  })

  it('what is critical asks for ever', () => {
    const world = new World([], CORRECTED)
    const task = { task_type: 'T2', task_description: 'x', command: 'rm -rf build' }
    for (let i = 0; i < 6; i++)
      expect(world.live(task, says('prefer_auto_execute')).decision.verdict).toBe(
        'require_confirmation',
      )
  })

  it('what an operator said "always ask" to asks for ever, low as it may be', () => {
    const world = new World([], CORRECTED)
    for (let i = 0; i < 3; i++) world.live(ONLY_READS, says('prefer_confirmation'))
    for (const report of [
      reportOf(true, false),
      reportOf(true, false),
      reportOf(true, false),
      reportOf(false, false, { result: 'rollback' }),
      says('prefer_confirmation'),
      says('prefer_confirmation'),
    ]) {
      expect(world.live(ONLY_READS, report).decision).toMatchObject({
        verdict: 'require_confirmation',
        reason: 'Confirmed project rule requires confirmation',
      })
    }
  })
})

describe('the table', () => {
  it('says of each what the original did, and what is done', () => {
    for (const [name, { original, corrected }] of Object.entries(CORRECTIONS)) {
      expect(original, name).toMatch(/^[A-Z`][^]*\.$/)
      expect(corrected, name).toMatch(/^[A-Z`][^]*\.$/)
    }
    expect(Object.values(CORRECTED)).not.toContain(false)
    expect(Object.values(ORIGINAL)).not.toContain(true)
  })
})

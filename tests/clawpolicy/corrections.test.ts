import { describe, expect, it } from 'vitest'
import {
  CORRECTED,
  CORRECTIONS,
  ORIGINAL,
  type Correction,
  type Corrections,
} from '../../src/clawpolicy/corrections.ts'
import { writeEvent } from '../../src/clawpolicy/files/write.ts'
import { newEvent } from '../../src/clawpolicy/files/records.ts'
import { newRule } from '../../src/clawpolicy/files/records.ts'
import { Precedence } from '../../src/clawpolicy/decision/precedence.ts'
import type { Task } from '../../src/clawpolicy/types.ts'
import { withCorrections, reportOf, FAIL, World, says } from './engine.ts'
import { readEvents, readRules } from './parts.ts'

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
      'rules.json: expected a comma or }, line 2 column 18',
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

describe('the lifecycle with all corrections', () => {
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

  it('a critical task always asks', () => {
    const world = new World([], CORRECTED)
    const task = { task_type: 'T2', task_description: 'x', command: 'rm -rf build' }
    for (let i = 0; i < 6; i++)
      expect(world.live(task, says('prefer_auto_execute')).decision.verdict).toBe(
        'require_confirmation',
      )
  })

  it('a task with "always ask" always asks, even at low risk', () => {
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

describe('the list of corrections', () => {
  it('says of each what the original did, and what is done', () => {
    for (const [name, { original, corrected }] of Object.entries(CORRECTIONS)) {
      expect(original, name).toMatch(/^[A-Z`][^]*\.$/)
      expect(corrected, name).toMatch(/^[A-Z`][^]*\.$/)
    }
    expect(Object.values(CORRECTED)).not.toContain(false)
    expect(Object.values(ORIGINAL)).not.toContain(true)
  })
})

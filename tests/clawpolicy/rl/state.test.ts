import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  ACTION_SIZE,
  HEAD_SIZES,
  actionAt,
  actionIndex,
  actionOfVector,
  actionVector,
} from '../../../src/clawpolicy/rl/action.ts'
import {
  STATE_SIZE,
  nextPerformance,
  encodeState,
  type StateInput,
} from '../../../src/clawpolicy/rl/state.ts'

describe('state', () => {
  const cases: [string, StateInput, number[]][] = [
    [
      'a task in full',
      { taskType: 't3', technologies: ['FastAPI', 'Django'], mood: 'stressed', hour: 14 },
      [0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 1, 0.5833333333333334, 0.5],
    ],
    ['nothing said', {}, [0, 1, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0.5, 0.5]],
    [
      'nothing known',
      { taskType: 'T9', technologies: ['cobol'], mood: 'Relaxed', hour: 'late' },
      [0, 1, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0.5, 0.5],
    ],
    [
      'names that contain others',
      { technologies: ['mongodb', 'TypeScript + React'], hour: -3 },
      [0, 1, 0, 0, 1, 0, 0, 0, 0, 0, 1, 1, 1, 0, 0, 0, 0.5],
    ],
    [
      'an hour too late, as text',
      { hour: '30', performance: 0.25 },
      [0, 1, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 1, 0.25],
    ],
  ]
  test.each(cases)('%s', (_, situation, state) => expect(encodeState(situation)).toEqual(state))

  test('always 17 numbers from 0 to 1, one type, one mood, some technology', () => {
    const situation = fc.record(
      {
        taskType: fc.string(),
        technologies: fc.array(fc.string()),
        mood: fc.string(),
        hour: fc.oneof(fc.double(), fc.string()),
      },
      { requiredKeys: [] },
    )
    fc.assert(
      fc.property(situation, (given) => {
        const state = encodeState(given)
        const sum = (from: number, to: number) => state.slice(from, to).reduce((a, b) => a + b, 0)
        expect([
          state.length,
          state.every((x) => x >= 0 && x <= 1),
          sum(0, 4),
          sum(4, 12) > 0,
          sum(12, 15),
        ]).toEqual([STATE_SIZE, true, 1, true, 1])
      }),
    )
  })

  test('recent performance follows the rewards', () =>
    expect(nextPerformance(0.5, 1)).toBeCloseTo(0.65, 12))
})

describe('action', () => {
  test('eleven numbers', () => {
    expect(
      actionVector({ agent: 'codex', automation: 'high', style: 'interactive', confirm: true }),
    ).toEqual([0, 1, 0, 0, 0, 1, 0, 0, 1, 0, 1])
  })

  test('every action by index, by name and by vector is the same', () => {
    const index = fc.tuple(...HEAD_SIZES.map((size) => fc.nat(size - 1)))
    fc.assert(
      fc.property(index, (given) => {
        const action = actionAt(given)
        expect([
          actionIndex(action),
          actionOfVector(actionVector(action)),
          actionVector(action).length,
        ]).toEqual([given, action, ACTION_SIZE])
      }),
    )
  })

  test.each([[[3, 0, 0, 0]], [[0, -1, 0, 0]], [[0, 0, 0.5, 0]], [[0, 0, 0]], [[0, 0, 0, 0, 0]]])(
    '%j is none',
    (index) => {
      expect(() => actionAt(index)).toThrow(expect.objectContaining({ code: 'input.invalid' }))
    },
  )
})

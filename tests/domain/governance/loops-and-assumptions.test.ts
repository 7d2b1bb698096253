import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  driftScore,
  driftSummary,
  whyNotMarkAssumption,
} from '../../../src/domain/governance/assumptions/rules.ts'
import {
  byLoopPriority,
  loopStats,
  whyNotCloseLoop,
} from '../../../src/domain/governance/loops/rules.ts'
import { assumption, before, NOW, openLoop } from './action.ts'

const DAY = 86_400_000

describe('a loop', () => {
  test.each<['open' | 'resolved', 'resolved' | 'cancelled', string | null, string | undefined]>([
    ['open', 'resolved', 'done', undefined],
    ['open', 'resolved', ' ', 'invalid'],
    ['open', 'cancelled', null, undefined],
    ['resolved', 'cancelled', null, 'conflict'],
  ])('that is %s becomes %s with %s: %s', (from, status, resolution, kind) => {
    expect(whyNotCloseLoop(openLoop({ status: from }), { status, resolution })?.kind).toBe(kind)
  })

  test('stands by priority, then by age', () => {
    const loops = [
      openLoop({ loop_id: 'low', priority: 'low' }),
      openLoop({ loop_id: 'old', priority: 'critical', created_at: before(DAY) }),
      openLoop({ loop_id: 'new', priority: 'critical' }),
      openLoop({ loop_id: 'done', priority: 'high', status: 'resolved' }),
    ]
    expect(loops.toSorted(byLoopPriority).map(({ loop_id }) => loop_id)).toEqual([
      'new',
      'old',
      'done',
      'low',
    ])
    expect(loopStats(loops)).toEqual({
      open_count: 3,
      resolved_count: 1,
      critical_open: 2,
      high_open: 0,
    })
  })
})

describe('an assumption', () => {
  test.each([
    [{ created_at: before(0) }, 0],
    [{ created_at: before(3 * DAY) }, 10],
    [{ created_at: before(15 * DAY) }, 50],
    [{ created_at: before(31 * DAY) }, 100],
    [{ created_at: before(31 * DAY), validated: true }, 0],
    [{ created_at: before(31 * DAY), validated: true, invalidated: true }, null],
    [{ created_at: before(-DAY) }, 0],
    [{ created_at: 'yesterday' }, 0],
  ])('%j drifted by %s', (over, score) => {
    expect(driftScore(assumption(over), NOW)).toBe(score)
  })

  test('drifts only further, and never past 100', () => {
    fc.assert(
      fc.property(fc.nat(1e11), fc.nat(1e11), (age, more) => {
        const [one, other] = [age, age + more].map(
          (ms) => driftScore(assumption({ created_at: before(ms) }), NOW) as number,
        ) as [number, number]
        expect(one).toBeLessThanOrEqual(other)
        expect(other).toBeLessThanOrEqual(100)
      }),
    )
  })

  test('is counted once', () => {
    const summary = driftSummary(
      [
        assumption({ created_at: before(20 * DAY) }),
        assumption({ validated: true }),
        assumption({ validated: true, invalidated: true }),
      ],
      NOW,
    )
    expect(summary).toEqual({ total: 3, at_risk: 1, validated: 1, invalidated: 1, unvalidated: 1 })
  })

  test.each<[boolean, boolean, string | null, string | undefined]>([
    [false, true, null, undefined],
    [false, false, 'it is small', undefined],
    [false, false, null, 'invalid'],
    [true, true, null, 'conflict'],
  ])('invalidated %s, marked %s because of %s: %s', (invalidated, validated, why, kind) => {
    const refusal = whyNotMarkAssumption(assumption({ invalidated }), {
      validated,
      invalidatedReason: why,
    })
    expect(refusal?.kind).toBe(kind)
  })
})

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  chainOf,
  dueStep,
  recipientParts,
  stepAt,
  summaryText,
} from '../../../src/domain/alerts/rules.ts'

const OPS = { after: 2, to: ['webhook:ops', 'notify'] }
const MAYA = { after: 5, to: ['operator:maya', 'webhook:ops'] }

describe('the chain', () => {
  test('begins with the program for notifications, unless a step names it', () => {
    expect(chainOf([MAYA], true)).toEqual([{ after: 0, to: ['notify'] }, MAYA])
    expect(chainOf([{ after: 0, to: ['console'] }, MAYA], true)).toEqual([
      { after: 0, to: ['notify', 'console'] },
      MAYA,
    ])
    expect(chainOf([OPS], true)).toEqual([OPS])
    expect(chainOf([MAYA], false)).toEqual([MAYA])
    expect(chainOf([], true)).toEqual([{ after: 0, to: ['notify'] }])
  })

  test('takes each step at its time', () => {
    const steps = [OPS, MAYA]
    expect([0, 1, 2].map((taken) => stepAt(steps, taken, 1000))).toEqual([
      121_000,
      301_000,
      undefined,
    ])
    expect(dueStep(steps, 0, 119_999)).toBeUndefined()
    expect(dueStep(steps, 0, 120_000)).toEqual({ number: 1, to: ['webhook:ops', 'notify'] })
    expect(dueStep(steps, 1, 120_000)).toBeUndefined()
    expect(dueStep(steps, 1, 300_000)).toEqual({ number: 2, to: MAYA.to })
  })

  test('after a long stop tells everybody that it missed once', () => {
    expect(dueStep([OPS, MAYA], 0, 900_000)).toEqual({
      number: 2,
      to: ['webhook:ops', 'notify', 'operator:maya'],
    })
  })

  test('tells everybody that it names, whenever it is looked at', () => {
    const steps = fc
      .uniqueArray(fc.integer({ min: 0, max: 60 }), { maxLength: 6 })
      .map((times) => times.toSorted((a, b) => a - b).map((after, i) => ({ after, to: [`s${i}`] })))
    fc.assert(
      fc.property(steps, fc.array(fc.integer({ min: 0, max: 61 })), (chain, looks) => {
        let taken = 0
        const told: string[] = []
        for (const minute of [...looks, 61].toSorted((a, b) => a - b)) {
          const due = dueStep(chain, taken, minute * 60_000)
          if (due === undefined) continue
          expect(due.number).toBeGreaterThan(taken)
          taken = due.number
          told.push(...due.to)
        }
        expect(told).toEqual(chain.flatMap(({ to }) => to))
      }),
    )
  })
})

test.each([
  [{ asked: 1, waiting: 0, unanswered: 0 }, '1 question came in quiet hours, all were answered'],
  [{ asked: 3, waiting: 1, unanswered: 0 }, '3 questions came in quiet hours: 1 still waits'],
  [
    { asked: 5, waiting: 2, unanswered: 3 },
    '5 questions came in quiet hours: 2 still wait, 3 expired unanswered',
  ],
])('%j', (summary, text) => {
  expect(summaryText(summary)).toBe(text)
})

test('a recipient is a channel and a name', () => {
  expect(recipientParts('webhook:ops')).toEqual({ name: 'webhook', who: 'ops' })
  expect(recipientParts('notify')).toEqual({ name: 'notify', who: '' })
})

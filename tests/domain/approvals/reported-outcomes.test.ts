import { describe, expect, it } from 'vitest'
import { ReportedOutcomes, sameOutcome } from '../../../src/domain/approvals/reported-outcomes.ts'

const SUCCESS = { result: 'success' as const, exitCode: 0, note: '' }
const act = (seq: number) => `act_${seq.toString(36)}`

describe('outcomes of actions that no person decided', () => {
  it('are found by id until they are forgotten', () => {
    const reported = new ReportedOutcomes(0)
    reported.add(act(7), SUCCESS)
    expect(reported.get(act(7))).toEqual(SUCCESS)
    reported.forget(act(7))
    expect(reported.get(act(7))).toBeUndefined()
  })

  it('from before the start are not known', () => {
    const reported = new ReportedOutcomes(100)
    expect([reported.knows(act(100)), reported.knows(act(101))]).toEqual([false, true])
  })

  it('beyond the limit are forgotten, the oldest first, and are not known then', () => {
    const reported = new ReportedOutcomes(0)
    for (let seq = 1; seq <= 4100; seq++) reported.add(act(seq), SUCCESS)
    expect(
      [4, 5].map((seq) => [reported.get(act(seq)) !== undefined, reported.knows(act(seq))]),
    ).toEqual([
      [false, false],
      [true, true],
    ])
  })

  it('are the same if all their fields are', () => {
    expect(sameOutcome(SUCCESS, { ...SUCCESS })).toBe(true)
    for (const other of [{ result: 'failure' as const }, { exitCode: 1 }, { note: 'x' }])
      expect(sameOutcome(SUCCESS, { ...SUCCESS, ...other })).toBe(false)
  })
})

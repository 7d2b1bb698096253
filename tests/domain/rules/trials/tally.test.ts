import { describe, expect, it } from 'vitest'
import { Tally } from '../../../../src/domain/rules/trials/tally.ts'
import type { ChangedAnswer } from '../../../../src/domain/rules/trials/types.ts'

const flip = (seq: number, change: Partial<ChangedAnswer> = {}) => ({
  seq,
  at: seq,
  agent: 'a1',
  type: 'exec',
  target: 'make',
  risk: 20,
  was: 'waiting' as const,
  would: 'allow' as const,
  reason: '',
  times: 1,
  ...change,
})
const told = (...flips: ReturnType<typeof flip>[]) => {
  const tally = new Tally()
  for (const one of flips) tally.add(one)
  return tally.counts()
}

describe('a tally of changed answers', () => {
  it('counts equal changes in one row, with the latest of them', () => {
    expect(told(flip(1, { times: 2 }), flip(9), flip(5)).flips).toMatchObject([
      { seq: 9, times: 4 },
    ])
    expect(
      told(
        flip(1),
        flip(2, { agent: 'a2' }),
        flip(3, { would: 'block' }),
        flip(4, { was: 'expired' }),
      ).flips,
    ).toHaveLength(4)
  })

  it('begins with what a person denied, then high risk that would be allowed, then other high risk, then the latest', () => {
    const { flips, severe } = told(
      flip(9, { target: 'plain' }),
      flip(8, { target: 'older' }),
      flip(1, { target: 'refused', was: 'denied by a person' }),
      flip(2, { target: 'risky, asked', risk: 90, was: 'allowed', would: 'require_approval' }),
      flip(3, { target: 'risky, let through', risk: 70 }),
      flip(4, { target: 'refused, and denied', was: 'denied by a person', would: 'block' }),
    )
    expect(flips.map(({ target }) => target)).toEqual([
      'refused',
      'risky, let through',
      'risky, asked',
      'plain',
      'older',
      'refused, and denied',
    ])
    expect(severe).toBe(3)
  })

  it('counts by agent, the most changes first', () => {
    const { byAgent, changed } = told(
      flip(1, { times: 2 }),
      flip(2, { agent: 'a2', times: 3, would: 'block' }),
      flip(3, { would: 'require_approval', was: 'allowed' }),
      flip(4, { agent: 'b', would: 'warn' }),
    )
    expect(byAgent).toEqual([
      { agent: 'a1', toAllow: 2, toAsk: 1, toBlock: 0 },
      { agent: 'a2', toAllow: 0, toAsk: 0, toBlock: 3 },
      { agent: 'b', toAllow: 1, toAsk: 0, toBlock: 0 },
    ])
    expect(changed).toBe(7)
  })

  it('lists 200, counts all, and always lists the most severe', () => {
    const tally = new Tally()
    tally.add(flip(0, { target: 'refused', was: 'denied by a person' }))
    for (let i = 1; i <= 25_000; i++) tally.add(flip(i, { target: `make ${i}` }))
    const { flips, changed } = tally.counts()
    expect([flips.length, changed, flips[0]?.target, flips[1]?.target]).toEqual([
      200,
      25_001,
      'refused',
      'make 25000',
    ])
  })
})

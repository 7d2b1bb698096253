import { describe, expect, it } from 'vitest'
import type { Decision } from '../../../src/domain/policy/types.ts'
import type { Lease } from '../../../src/domain/leases/types.ts'
import { judge, lease, NOW, policy } from './judge.ts'

describe('the order of a decision', () => {
  const push = { target: 'git push origin main' }
  const everything = { types: ['*'] }
  it.each<[string, Parameters<typeof judge>[1], Decision, string]>([
    ['nothing: a person decides', {}, 'require_approval', 'default'],
    [
      'a type that is not in the lock',
      {
        bounds: { types: ['net'], allow: [{ type: 'exec', target: '*' }] },
        policies: [policy('allow')],
        leases: [lease()],
      },
      'block',
      'lock',
    ],
    [
      'any type',
      { bounds: { ...everything, allow: [{ type: '*', target: 'git *' }] } },
      'allow',
      'lock',
    ],
    [
      'the lock blocks',
      {
        bounds: { block: [{ type: 'exec', target: 'git push*' }] },
        policies: [policy('allow')],
        leases: [lease()],
      },
      'block',
      'lock',
    ],
    [
      'the lock asks',
      {
        bounds: { ask: [{ type: 'exec', target: 'git push*' }] },
        policies: [policy('allow')],
        leases: [lease()],
      },
      'require_approval',
      'lock',
    ],
    [
      'a policy blocks what the lock asks',
      { bounds: { ask: [{ type: 'exec', target: '*' }] }, policies: [policy('block')] },
      'block',
      'policy',
    ],
    [
      'too risky for the lock',
      {
        bounds: { maxAutoRisk: 30, allow: [{ type: 'exec', target: '*' }] },
        policies: [policy('allow')],
        leases: [lease()],
      },
      'require_approval',
      'lock',
    ],
    [
      'a limit that is no number',
      { bounds: { maxAutoRisk: Number.NaN }, policies: [policy('allow')] },
      'require_approval',
      'lock',
    ],
    [
      'the lock allows',
      { bounds: { allow: [{ type: 'exec', target: 'git *' }] } },
      'allow',
      'lock',
    ],
    [
      'a policy asks what the lock allows',
      { bounds: { allow: [{ type: 'exec', target: 'git *' }] }, policies: [policy('ask')] },
      'require_approval',
      'policy',
    ],
    [
      'a policy warns about what the lock allows',
      { bounds: { allow: [{ type: 'exec', target: 'git *' }] }, policies: [policy('warn')] },
      'warn',
      'policy',
    ],
    ['a policy allows', { policies: [policy('allow')] }, 'allow', 'policy'],
    [
      'the strictest policy wins',
      { policies: [policy('allow'), policy('warn'), policy('ask'), policy('block')] },
      'block',
      'policy',
    ],
    ['a lease allows', { leases: [lease()] }, 'allow', 'lease'],
    [
      'a lease stands for the person that a policy wants',
      { leases: [lease()], policies: [policy('ask')] },
      'allow',
      'lease',
    ],
    [
      'a lease is nothing against a block',
      { leases: [lease()], policies: [policy('block')] },
      'block',
      'policy',
    ],
  ])('%s', (_, given, decision, layer) => {
    const verdict = judge(push, given)
    expect(verdict.decision).toBe(decision)
    expect(verdict.reasons[0]?.layer).toBe(layer)
    expect(verdict.reasons.every((r) => r.text.length > 10)).toBe(true)
  })

  it('charges a lease only if the lease allows, and takes the one that expires first', () => {
    expect(judge(push, { leases: [lease()], policies: [policy('allow')] }).lease).toBeUndefined()
    const two = [
      lease({ id: 'lea_b', expiresAt: NOW + 9 }),
      lease({ id: 'lea_a', expiresAt: NOW + 5 }),
    ]
    expect(judge(push, { leases: two }).lease).toBe('lea_a')
    expect(judge(push, { leases: two.toReversed() }).lease).toBe('lea_a')
  })

  it('names the row, and what it matches', () => {
    expect(
      judge(push, {
        policies: [
          policy('block', {
            type: 'exec',
            target: 'git push*',
            agent: 's*',
            riskAtLeast: 30,
            reason: 'not from here',
          }),
        ],
      }).reasons,
    ).toEqual([
      {
        layer: 'policy',
        id: 'pol_block',
        text: 'policy pol_block blocks exec git push* of s*, risk 30 and more: not from here',
      },
    ])
    expect(judge(push, { leases: [lease({ usesLeft: 1 })] }).reasons[0]?.text).toMatch(
      /lea_1 of operator:cli covers exec git \*; this was its last use/,
    )
  })
})

describe('what a lease covers', () => {
  it.each<[string, Partial<Lease>]>([
    ['spent', { usesLeft: 0 }],
    ['revoked', { state: 'revoked' }],
    ['over', { expiresAt: NOW }],
    ["another agent's", { agent: 'other' }],
    ['of another type', { type: 'net' }],
    ['of another target', { target: 'git pull' }],
    ['for less risk', { maxRisk: 34 }],
    ['of a clock that was set back', { grantedAt: NOW + 3_600_000, expiresAt: NOW + 7_200_000 }],
  ])('one that is %s covers nothing', (_, over) => {
    expect(judge({ target: 'git push' }, { leases: [lease(over)] }).decision).toBe(
      'require_approval',
    )
  })
  it('one for every agent covers every agent', () => {
    expect(
      judge({ target: 'git push' }, { leases: [lease({ agent: '*' })], agent: 'x' }).decision,
    ).toBe('allow')
  })
})

describe('a command that could begin among the words of a program that nobody knows', () => {
  const allow = policy('allow', { id: 'a', target: 'foo *' })
  const ask = policy('ask', { id: 'b', target: 'git push*' })
  it.each([1, 60, 100, 250, 400])('is asked about behind %s other words', (count) => {
    const others = Array.from({ length: count }, (_, i) => `x${i}`)
    const decide = (...words: string[]) =>
      judge({ argv: ['foo', ...others, ...words] }, { policies: [allow, ask] }).decision
    expect(decide('git', '-C', 'x', 'push')).toBe('require_approval')
    expect(decide('git', 'log')).toBe(count < 256 ? 'allow' : 'require_approval')
  })
})

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { glob } from '../../../src/base/glob.ts'
import type { Decision, OperatorPolicy } from '../../../src/domain/policy/types.ts'
import { Trigrams, wildcardOf } from '../../../src/domain/policy/matching/wildcard.ts'
import { judge, lease, policy } from './judge.ts'

const STRICTNESS: Record<Decision, number> = { allow: 0, warn: 1, require_approval: 2, block: 3 }

const type = fc.constantFrom<string[]>('exec', 'net', 'file', '*')

const target = fc.constantFrom<string[]>(
  '*',
  'git *',
  'git push*',
  'git push origin main',
  '*main',
  'https://*',
  'x?',
  'ls*;*',
)

const anyPolicy = fc.record(
  {
    id: fc.uuid(),
    effect: fc.constantFrom('allow', 'warn', 'ask', 'block'),
    type,
    target,
    agent: fc.constantFrom('*', 'scout', 'other'),
    riskAtLeast: fc.integer({ min: 0, max: 60 }),
  },
  { requiredKeys: ['id', 'effect'] },
) as fc.Arbitrary<OperatorPolicy>

const anyBound = fc.array(fc.record({ type, target }), { maxLength: 3 })

const anyBounds = fc.record({
  types: fc.constantFrom<string[][]>(['*'], ['exec'], ['exec', 'net'], []),
  block: anyBound,
  ask: anyBound,
  allow: anyBound,
  maxAutoRisk: fc.integer({ min: 0, max: 100 }),
})

const anyLease = fc
  .record({
    target,
    type,
    maxRisk: fc.integer({ min: 0, max: 100 }),
    usesLeft: fc.integer({ min: 0, max: 3 }),
  })
  .map(lease)

const anyQuestion = fc.record({
  type: fc.constantFrom('exec', 'net', 'file', 'odd'),
  target: fc.constantFrom(
    'git push origin main',
    'git status',
    'ls; git push',
    'https://a.test/',
    'xy',
  ),
  reversible: fc.constantFrom(null, false),
})

const policies = fc.array(anyPolicy, { maxLength: 6 })

const leases = fc.array(anyLease, { maxLength: 3 })

const anyGiven = fc.record({ bounds: anyBounds, policies, leases })

describe('for any policies, leases and bounds', () => {
  it('the same question has the same answer', () => {
    fc.assert(
      fc.property(anyQuestion, anyBounds, policies, leases, (q, bounds, p, l) => {
        expect(judge(q, { bounds, policies: p, leases: l })).toEqual(
          judge(q, { bounds, policies: p, leases: l }),
        )
      }),
    )
  })
  it('one more block never makes an answer weaker', () => {
    fc.assert(
      fc.property(anyQuestion, anyGiven, anyPolicy, (asked, given, extra) => {
        const { bounds } = given
        const strictness = (changed: Partial<typeof given>) =>
          STRICTNESS[judge(asked, { ...given, ...changed }).decision]
        const before = strictness({})
        expect(
          strictness({ policies: [...given.policies, { ...extra, effect: 'block' }] }),
        ).toBeGreaterThanOrEqual(before)
        const bound = { type: extra.type ?? '*', target: extra.target ?? '*' }
        expect(
          strictness({ bounds: { ...bounds, block: [...bounds.block, bound] } }),
        ).toBeGreaterThanOrEqual(before)
      }),
    )
  })
  it('no policy and no lease weakens what the lock blocks or asks', () => {
    fc.assert(
      fc.property(anyQuestion, anyBounds, policies, leases, (q, bounds, p, l) => {
        const alone = judge(q, { bounds: { ...bounds, allow: [] } })
        if (alone.reasons[0]?.layer !== 'lock') return
        expect(
          STRICTNESS[judge(q, { bounds, policies: p, leases: l }).decision],
        ).toBeGreaterThanOrEqual(STRICTNESS[alone.decision])
      }),
    )
  })
  it('a type that is not in the lock is blocked', () => {
    fc.assert(
      fc.property(anyBounds, policies, leases, (bounds, p, l) => {
        expect(
          judge(
            { type: 'odd', target: 'x' },
            { bounds: { ...bounds, types: ['exec'] }, policies: p, leases: l },
          ).decision,
        ).toBe('block')
      }),
    )
  })
  it('the index finds what comparing each policy alone finds', () => {
    fc.assert(
      fc.property(anyQuestion, policies, (q, p) => {
        const one = p
          .filter(
            (x) => judge(q, { bounds: { types: ['*'] }, policies: [x] }).policies.length === 1,
          )
          .map((x) => x.id)
        expect(judge(q, { bounds: { types: ['*'] }, policies: p }).policies).toEqual(one)
      }),
    )
  })
})

describe('many policies and long commands', () => {
  const many = Array.from({ length: 10_000 }, (_, i) =>
    policy('block', { id: `p${i}`, type: 'exec', target: `*x${i}*:*y*` }),
  )
  it('10,000 policies with stars find what one of them finds', () => {
    const target = `echo ${'x:x1:'.repeat(600)}`
    const one = many
      .filter((_, i) => i % 100 === 0)
      .filter(
        (p) => judge({ argv: ['foo', target, 'x9800:y'] }, { policies: [p] }).decision === 'block',
      )
    expect(one.map((p) => p.id)).toEqual(
      judge({ argv: ['foo', target, 'x9800:y'] }, { policies: many }).policies.filter(
        (id) => Number(id.slice(1)) % 100 === 0,
      ),
    )
    expect(one.map((p) => p.id)).toContain('p9800')
  })
  it('a wildcard matches as a glob does', () => {
    const text = fc.stringMatching(/^[ab |]{0,12}$/)
    fc.assert(
      fc.property(
        fc.stringMatching(/^[ab*?\\ |]{0,8}$/),
        text,
        fc.nat(6),
        (pattern, before, from) => {
          const at = Math.min(from, before.length)
          expect(wildcardOf(pattern).test(before, at)).toBe(glob(pattern, before.slice(at)))
          if (glob(pattern, before))
            expect(new Trigrams([before]).mayContain(wildcardOf(pattern).trigrams)).toBe(true)
        },
      ),
      { numRuns: 2000 },
    )
  })
  it.each<[string, string[]]>([
    ['files', ['prettier', '--write', ...Array.from({ length: 300 }, (_, i) => `src/a/b${i}`)]],
    ['words', ['foo', ...Array.from({ length: 1000 }, (_, i) => `${i}`)]],
    [
      'code',
      [
        'python3',
        '-c',
        'import os\nfor x in range(3):\n  print("a b", x, os.path.join("a", "b"))\n'.repeat(40),
      ],
    ],
    ['data', ['foo', JSON.stringify(Array.from({ length: 80 }, (_, i) => ({ a: `b c ${i}` })))]],
    ['includes', ['gcc', ...Array.from({ length: 250 }, (_, i) => ['-I', `d${i}`]).flat()]],
  ])('a long command of %s is evaluated, not refused', (_, argv) => {
    expect(judge({ argv }).decision).toBe('require_approval')
  })
})

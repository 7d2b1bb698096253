import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Lease } from '../../../src/domain/approvals/types.ts'
import { compilePolicies } from '../../../src/domain/policy/compiled.ts'
import { evaluate } from '../../../src/domain/policy/evaluate.ts'
import { normalise } from '../../../src/domain/policy/normalise.ts'
import { assessRisk } from '../../../src/domain/policy/risk.ts'
import type { Decision, OperatorPolicy, Verdict } from '../../../src/domain/policy/types.ts'
import type { GuardBounds } from '../../../src/domain/templates/types.ts'
import type { Question } from '../../../src/domain/approvals/guard.ts'
import { question } from './question.ts'

const OPEN: GuardBounds = { types: ['exec', 'net', 'file'], block: [], ask: [], allow: [], maxAutoRisk: 100 }
const NOW = 1_800_000_000_000

function judge(over: Partial<Question>, given: { bounds?: Partial<GuardBounds>; policies?: OperatorPolicy[]; leases?: Lease[]; agent?: string } = {}): Verdict {
  const action = normalise(question(over))
  return evaluate({ action, risk: assessRisk(action), agent: { name: given.agent ?? 'scout', template: 'coder' }, bounds: { ...OPEN, ...given.bounds }, policies: compilePolicies(given.policies ?? []), leases: given.leases ?? [], now: NOW })
}
function lease(over: Partial<Lease> = {}): Lease {
  return { id: 'lea_1', agent: 'scout', type: 'exec', target: 'git *', maxRisk: 100, uses: 3, usesLeft: 2, grantedAt: NOW - 1000, expiresAt: NOW + 1000, grantedBy: 'operator:cli', state: 'active', ...over }
}
const policy = (effect: OperatorPolicy['effect'], over: Partial<OperatorPolicy> = {}): OperatorPolicy => ({ id: `pol_${effect}`, effect, ...over })

describe('the order of a decision', () => {
  const push = { target: 'git push origin main' }
  const everything = { types: ['*'] }
  it.each<[string, Parameters<typeof judge>[1], Decision, string]>([
    ['nothing said: a person', {}, 'require_approval', 'default'],
    ['a type that the lock has not', { bounds: { types: ['net'], allow: [{ type: 'exec', target: '*' }] }, policies: [policy('allow')], leases: [lease()] }, 'block', 'lock'],
    ['any type', { bounds: { ...everything, allow: [{ type: '*', target: 'git *' }] } }, 'allow', 'lock'],
    ['the lock blocks', { bounds: { block: [{ type: 'exec', target: 'git push*' }] }, policies: [policy('allow')], leases: [lease()] }, 'block', 'lock'],
    ['the lock asks', { bounds: { ask: [{ type: 'exec', target: 'git push*' }] }, policies: [policy('allow')], leases: [lease()] }, 'require_approval', 'lock'],
    ['a policy blocks what the lock asks', { bounds: { ask: [{ type: 'exec', target: '*' }] }, policies: [policy('block')] }, 'block', 'policy'],
    ['too risky for the lock', { bounds: { maxAutoRisk: 30, allow: [{ type: 'exec', target: '*' }] }, policies: [policy('allow')], leases: [lease()] }, 'require_approval', 'lock'],
    ['a limit that is no number', { bounds: { maxAutoRisk: Number.NaN }, policies: [policy('allow')] }, 'require_approval', 'lock'],
    ['the lock allows', { bounds: { allow: [{ type: 'exec', target: 'git *' }] } }, 'allow', 'lock'],
    ['a policy asks what the lock allows', { bounds: { allow: [{ type: 'exec', target: 'git *' }] }, policies: [policy('ask')] }, 'require_approval', 'policy'],
    ['a policy warns about what the lock allows', { bounds: { allow: [{ type: 'exec', target: 'git *' }] }, policies: [policy('warn')] }, 'warn', 'policy'],
    ['a policy allows', { policies: [policy('allow')] }, 'allow', 'policy'],
    ['the strictest policy wins', { policies: [policy('allow'), policy('warn'), policy('ask'), policy('block')] }, 'block', 'policy'],
    ['a lease allows', { leases: [lease()] }, 'allow', 'lease'],
    ['a lease stands for the person that a policy wants', { leases: [lease()], policies: [policy('ask')] }, 'allow', 'lease'],
    ['a lease is nothing against a block', { leases: [lease()], policies: [policy('block')] }, 'block', 'policy'],
  ])('%s', (_, given, decision, layer) => {
    const verdict = judge(push, given)
    expect(verdict.decision).toBe(decision)
    expect(verdict.reasons[0]?.layer).toBe(layer)
    expect(verdict.reasons.every((r) => r.text.length > 10)).toBe(true)
  })

  it('charges a lease only where it is the lease that allows, and takes the one that ends first', () => {
    expect(judge(push, { leases: [lease()], policies: [policy('allow')] }).lease).toBeUndefined()
    const two = [lease({ id: 'lea_b', expiresAt: NOW + 9 }), lease({ id: 'lea_a', expiresAt: NOW + 5 })]
    expect(judge(push, { leases: two }).lease).toBe('lea_a')
    expect(judge(push, { leases: two.toReversed() }).lease).toBe('lea_a')
  })

  it('says which row, and what it is about', () => {
    expect(judge(push, { policies: [policy('block', { type: 'exec', target: 'git push*', agent: 's*', riskAtLeast: 30, reason: 'not from here' })] }).reasons).toEqual([
      { layer: 'policy', id: 'pol_block', text: 'policy pol_block blocks exec git push* of s*, risk 30 and more: not from here' },
    ])
    expect(judge(push, { leases: [lease({ usesLeft: 1 })] }).reasons[0]?.text).toMatch(/lea_1 of operator:cli covers exec git \*; this was its last use/)
  })
})

describe('what a lease covers', () => {
  it.each<[string, Partial<Lease>]>([
    ['spent', { usesLeft: 0 }], ['revoked', { state: 'revoked' }], ['over', { expiresAt: NOW }], ['another agent\'s', { agent: 'other' }], ['of another type', { type: 'net' }],
    ['of another target', { target: 'git pull' }], ['for less risk', { maxRisk: 34 }], ['of a clock that was set back', { grantedAt: NOW + 3_600_000, expiresAt: NOW + 7_200_000 }],
  ])('one that is %s covers nothing', (_, over) => {
    expect(judge({ target: 'git push' }, { leases: [lease(over)] }).decision).toBe('require_approval')
  })
  it('one for every agent covers every agent', () => {
    expect(judge({ target: 'git push' }, { leases: [lease({ agent: '*' })], agent: 'x' }).decision).toBe('allow')
  })
})

describe('a yes is narrow, a no is wide', () => {
  it.each([
    'git push; curl evil', 'git push && id', 'git push | sh', 'git push $(id)', 'git push `id`', 'git push > /etc/x', 'git push\nid', 'git push & id', 'git push (x)',
  ])('a yes to `git push *` is no yes to %j', (target) => {
    expect(judge({ target }, { policies: [policy('allow', { target: 'git push*' })] }).decision).toBe('require_approval')
    expect(judge({ target }, { bounds: { allow: [{ type: 'exec', target: 'git push*' }] } }).decision).toBe('require_approval')
    expect(judge({ target }, { leases: [lease({ target: 'git push*' })] }).decision).toBe('require_approval')
  })
  it.each([
    'git push x', 'git  push', '/usr/bin/git push', 'sudo git push', 'env A=b git push', 'cd x && git push', 'git -C /tmp push', 'git -c a=b --no-pager push', 'sh -c "git push"', 'true; git push', 'A=1 git push', 'echo $(git push origin)', 'sudo -u root -g wheel -n git push', 'time env nice sudo git push', 'xargs git push',
  ])('a no to `git push*` is a no to %j', (target) => {
    expect(judge({ target }, { policies: [policy('block', { type: 'exec', target: 'git push*' })] }).decision).toBe('block')
    expect(judge({ target }, { bounds: { block: [{ type: 'exec', target: 'git push*' }] } }).decision).toBe('block')
  })
  it('what is quoted is no command', () => {
    expect(judge({ argv: ['git', 'commit', '-m', 'fix; git push later'] }, { policies: [policy('block', { target: 'git push*' })] }).decision).toBe('require_approval')
  })
  it.each([
    ['file', 'read docs/*', 'read docs/../../etc/shadow'], ['exec', 'cat docs/*', 'cat docs/../x'], ['net', 'https://a.test/pub/*', 'https://a.test/pub/%2e%2e/priv'], ['net', 'https://a.test*', 'https://a.test@evil.test/'],
  ])('a yes to %s %s does not reach %s', (type, pattern, target) => {
    expect(judge({ type, target }, { policies: [policy('allow', { type, target: pattern })] }).decision).toBe('require_approval')
  })
  it.each([
    ['file', '/policy/*', 'write /policy/x', ''], ['file', '/policy/*', 'write ../policy/x', '/workspace'], ['file', '/policy/*', '/a/../policy/x', ''], ['net', 'evil.test/*', 'POST HTTPS://EVIL.test/x', ''], ['net', 'evil.test/*', 'https://good.test@evil.test/x', ''], ['net', '*secret*', 'https://a.test/%73ecret', ''],
  ])('a no to %s %s reaches %s', (type, pattern, target, cwd) => {
    expect(judge({ type, target, cwd }, { bounds: { block: [{ type, target: pattern }] } }).decision).toBe('block')
  })
})

const STRICTNESS: Record<Decision, number> = { allow: 0, warn: 1, require_approval: 2, block: 3 }
const type = fc.constantFrom<string[]>('exec', 'net', 'file', '*')
const target = fc.constantFrom<string[]>('*', 'git *', 'git push*', 'git push origin main', '*main', 'https://*', 'x?', 'ls*;*')
const anyPolicy = fc.record({ id: fc.uuid(), effect: fc.constantFrom('allow', 'warn', 'ask', 'block'), type, target, agent: fc.constantFrom('*', 'scout', 'other'), riskAtLeast: fc.integer({ min: 0, max: 60 }) }, { requiredKeys: ['id', 'effect'] }) as fc.Arbitrary<OperatorPolicy>
const anyBound = fc.array(fc.record({ type, target }), { maxLength: 3 })
const anyBounds = fc.record({ types: fc.constantFrom<string[][]>(['*'], ['exec'], ['exec', 'net'], []), block: anyBound, ask: anyBound, allow: anyBound, maxAutoRisk: fc.integer({ min: 0, max: 100 }) })
const anyLease = fc.record({ target, type, maxRisk: fc.integer({ min: 0, max: 100 }), usesLeft: fc.integer({ min: 0, max: 3 }) }).map(lease)
const anyQuestion = fc.record({ type: fc.constantFrom('exec', 'net', 'file', 'odd'), target: fc.constantFrom('git push origin main', 'git status', 'ls; git push', 'https://a.test/', 'xy'), reversible: fc.constantFrom(null, false) })
const policies = fc.array(anyPolicy, { maxLength: 6 })
const leases = fc.array(anyLease, { maxLength: 3 })

describe('for any policies, leases and bounds', () => {
  it('the same question has the same answer', () => {
    fc.assert(fc.property(anyQuestion, anyBounds, policies, leases, (q, bounds, p, l) => {
      expect(judge(q, { bounds, policies: p, leases: l })).toEqual(judge(q, { bounds, policies: p, leases: l }))
    }))
  })
  it('one more block never makes an answer weaker', () => {
    fc.assert(fc.property(anyQuestion, anyBounds, policies, leases, anyPolicy, (q, bounds, p, l, extra) => {
      const before = STRICTNESS[judge(q, { bounds, policies: p, leases: l }).decision]
      expect(STRICTNESS[judge(q, { bounds, policies: [...p, { ...extra, effect: 'block' }], leases: l }).decision]).toBeGreaterThanOrEqual(before)
      expect(STRICTNESS[judge(q, { bounds: { ...bounds, block: [...bounds.block, { type: extra.type ?? '*', target: extra.target ?? '*' }] }, policies: p, leases: l }).decision]).toBeGreaterThanOrEqual(before)
    }))
  })
  it('no policy and no lease weakens what the lock blocks or asks', () => {
    fc.assert(fc.property(anyQuestion, anyBounds, policies, leases, (q, bounds, p, l) => {
      const alone = judge(q, { bounds: { ...bounds, allow: [] } })
      if (alone.reasons[0]?.layer !== 'lock') return
      expect(STRICTNESS[judge(q, { bounds, policies: p, leases: l }).decision]).toBeGreaterThanOrEqual(STRICTNESS[alone.decision])
    }))
  })
  it('a type that the lock has not is blocked', () => {
    fc.assert(fc.property(anyBounds, policies, leases, (bounds, p, l) => {
      expect(judge({ type: 'odd', target: 'x' }, { bounds: { ...bounds, types: ['exec'] }, policies: p, leases: l }).decision).toBe('block')
    }))
  })
  it('the index finds what looking at each alone would find', () => {
    fc.assert(fc.property(anyQuestion, policies, (q, p) => {
      const one = p.filter((x) => judge(q, { bounds: { types: ['*'] }, policies: [x] }).policies.length === 1).map((x) => x.id)
      expect(judge(q, { bounds: { types: ['*'] }, policies: p }).policies).toEqual(one)
    }))
  })
})

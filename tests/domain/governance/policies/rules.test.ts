import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Decision } from '../../../../src/domain/policy/types.ts'
import { predictedRisk } from '../../../../src/domain/governance/actions/risk.ts'
import {
  foldHits,
  foldInjection,
  foldSignals,
  foldWebhooks,
  guardAnswer,
  NOTHING_DECIDED,
} from '../../../../src/domain/governance/policies/rules.ts'
import { readPolicySettings } from '../../../../src/domain/governance/policies/settings.ts'
import type { PolicyHit, WebhookVerdict } from '../../../../src/domain/governance/policies/types.ts'

const RANK: Record<Decision, number> = { allow: 0, warn: 1, require_approval: 2, block: 3 }
const decision = fc.constantFrom<Decision[]>('allow', 'warn', 'require_approval', 'block')
const hit = (policyId: string, decided: Decision, reason = 'r'): PolicyHit => ({
  policyId,
  policyName: `name ${policyId}`,
  decision: decided,
  reasons: [reason],
})

describe('precedence', () => {
  test('the highest wins, whatever the order, and nothing downgrades', () => {
    fc.assert(
      fc.property(fc.array(decision), decision, (decisions, more) => {
        const hits = decisions.map((each, i) => hit(String(i), each))
        const folded = foldHits(hits)
        expect(RANK[folded.decision]).toBe(Math.max(0, ...decisions.map((each) => RANK[each])))
        expect(foldHits(hits.toReversed()).decision).toBe(folded.decision)
        const after = foldHits([hit('more', more)], folded)
        expect(RANK[after.decision]).toBeGreaterThanOrEqual(RANK[folded.decision])
        expect(after.matchedPolicies).toEqual([...folded.matchedPolicies, 'more'])
      }),
    )
  })

  test('warnings name their policy, reasons do not, and an allow says nothing', () => {
    const folded = foldHits([hit('a', 'allow'), hit('b', 'warn', 'w'), hit('c', 'block', 'no')])
    expect(folded).toEqual({
      decision: 'block',
      reasons: ['no'],
      warnings: ['name b: w'],
      matchedPolicies: ['a', 'b', 'c'],
    })
  })
})

test('the built-in scan blocks, or only warns', () => {
  const categories = ['role_override']
  expect(foldInjection(NOTHING_DECIDED, { recommendation: 'block', categories })).toMatchObject({
    decision: 'block',
    matchedPolicies: ['builtin:prompt_injection_scan'],
    reasons: ['Possible prompt injection (role_override)'],
  })
  expect(foldInjection(NOTHING_DECIDED, { recommendation: 'warn', categories })).toMatchObject({
    decision: 'allow',
    matchedPolicies: [],
    warnings: ['Possible prompt injection (role_override)'],
  })
  expect(foldInjection(NOTHING_DECIDED, { recommendation: 'allow', categories: [] })).toBe(
    NOTHING_DECIDED,
  )
})

describe('webhooks', () => {
  const held = foldHits([hit('a', 'require_approval')])
  const ask = (verdict: WebhookVerdict, onTimeout: 'allow' | 'block' = 'allow') =>
    foldWebhooks(held, [
      {
        policyId: 'wh',
        policyName: 'hook',
        settings: { type: 'webhook_check', url: 'https://x.example', timeoutMs: 5000, onTimeout },
        verdict,
      },
    ])
  const answered = (decided: unknown, more: object = {}): WebhookVerdict => ({
    kind: 'answered',
    decision: decided,
    ...more,
  })

  test.each<[string, WebhookVerdict, Decision, boolean]>([
    ['stricter', answered('block'), 'block', true],
    ['equal', answered('require_approval'), 'require_approval', false],
    ['weaker', answered('allow', { reasons: ['fine'] }), 'require_approval', false],
    ['stricter, in capitals', answered(' BLOCK'), 'block', true],
    ['warnings alone', answered(undefined, { warnings: ['hm', 7] }), 'require_approval', true],
    ['failed', { kind: 'failed', why: 'timeout' }, 'require_approval', false],
  ])('%s', (_, verdict, decided, matched) => {
    const folded = ask(verdict)
    expect(folded.decision).toBe(decided)
    expect(folded.matchedPolicies.includes('wh')).toBe(matched)
  })

  test.each(['deny', '', 7, {}, ['block']])(
    'what may mean anything, as %j, asks a person',
    (decided) => {
      const settings = {
        type: 'webhook_check',
        url: 'https://x.example',
        timeoutMs: 5000,
        onTimeout: 'allow',
      } as const
      const one = { policyId: 'wh', policyName: 'hook', settings, verdict: answered(decided) }
      expect(foldWebhooks(NOTHING_DECIDED, [one])).toMatchObject({
        decision: 'require_approval',
        matchedPolicies: ['wh'],
      })
      expect(foldWebhooks(NOTHING_DECIDED, [{ ...one, verdict: answered(null) }])).toEqual(
        NOTHING_DECIDED,
      )
    },
  )

  test('a failure that changes nothing is told all the same', () => {
    const folded = ask({ kind: 'failed', why: 'it answered 500' })
    expect(folded.warnings).toEqual(['hook: The webhook check failed: it answered 500'])
  })

  test('a failure blocks where the policy says so', () => {
    expect(ask({ kind: 'failed', why: 'timeout' }, 'block')).toMatchObject({
      decision: 'block',
      reasons: ['r', 'The webhook check failed: timeout'],
    })
  })

  test('what they say is bounded and without control characters', () => {
    const { warnings } = ask(answered(undefined, { warnings: ['a\u001b[31m', 'b'.repeat(9999)] }))
    expect(warnings.join('')).not.toContain('\u001b')
    expect(Math.max(...warnings.map((line) => line.length))).toBeLessThan(600)
    expect(ask(answered('block', { reasons: 'no list' })).reasons).toEqual([
      'r',
      'Webhook decision',
    ])
  })

  test('all are compared with the same preliminary decision', () => {
    const one = (decided: Decision, id: string) => ({
      policyId: id,
      policyName: id,
      settings: {
        type: 'webhook_check' as const,
        url: 'https://x.example',
        timeoutMs: 5000,
        onTimeout: 'allow' as const,
      },
      verdict: answered(decided),
    })
    const folded = foldWebhooks(NOTHING_DECIDED, [one('block', 'x'), one('warn', 'y')])
    expect(folded.matchedPolicies).toEqual(['x', 'y'])
  })
})

describe('the answer', () => {
  const parts = { guardDecisionId: 'act_gd_1', risk: 42, agentRisk: null, at: 't' }

  test('has lists for all, and leaves out what there is none of', () => {
    expect(guardAnswer({ ...parts, folded: NOTHING_DECIDED })).toEqual({
      decision: 'allow',
      action_id: 'act_gd_1',
      reason: null,
      reasons: [],
      warnings: [],
      matched_policies: [],
      signals: [],
      risk_score: 42,
      agent_risk_score: null,
      evaluated_at: 't',
    })
  })

  test('joins reasons, and has warnings before reasons as signals', () => {
    const folded = foldSignals(foldHits([hit('a', 'block', 'x'), hit('b', 'block', 'y')]), [
      {
        type: 'stale_loop',
        severity: 'red',
        label: 'L',
        detail: '',
        help: '',
        agent_id: null,
      },
    ])
    const answer = guardAnswer({ ...parts, folded, learning: { patterns: [] } })
    expect(answer.reason).toBe('x; y')
    expect(answer.signals).toEqual(['Signal (red): L', 'x', 'y'])
    expect(answer.learning).toEqual({ patterns: [] })
  })

  test('tells what history adds, and what may help, if there is that', () => {
    const { predictive } = predictedRisk(40, {
      total: 0,
      failed: 0,
      lastHour: 0,
      averageRisk: null,
    })
    const recovery = { next: 'ask again' }
    const answer = guardAnswer({ ...parts, folded: NOTHING_DECIDED, predictive, recovery })
    expect(answer).toMatchObject({ predictive_risk: { total_adjustment: 5 }, recovery })
  })
})

describe('the rules of a policy are read', () => {
  test.each<[string, object, RegExp]>([
    ['risk_threshold', { threshold: 101 }, /threshold must be a number from 0 to 100/],
    ['risk_threshold', { action: 'deny' }, /action must be one of/],
    ['require_approval', {}, /action_types must be a list of at least one/],
    ['rate_limit', { window_minutes: 10_081 }, /window_minutes/],
    ['webhook_check', { url: 'http://x.example' }, /https/],
    ['webhook_check', {}, /url is required/],
    ['webhook_check', { url: 'https://x.example', timeout_ms: 1 }, /timeout_ms/],
    ['semantic_check', {}, /instruction/],
    ['green_contract', { required_level: 'perfect' }, /required_level/],
    ['block_action_type', { action_types: ['a', 1] }, /list of/],
  ])('%s %j is refused', (type, rules, why) => {
    const read = readPolicySettings(type, JSON.stringify(rules))
    expect('problems' in read ? read.problems.join(' ') : 'read').toMatch(why)
  })

  test.each(['[]', 'null', '3', '{', '"x"'])('%s is no object', (text) => {
    expect(readPolicySettings('rate_limit', text)).toEqual({
      problems: ['rules must be a JSON object'],
    })
  })

  test('null is as if it were left out', () => {
    const text = JSON.stringify({ threshold: null, action: null })
    expect(readPolicySettings('risk_threshold', text)).toEqual({
      settings: { type: 'risk_threshold', threshold: 80, action: 'block' },
    })
  })

  test('text over 4000 characters is refused', () => {
    const text = JSON.stringify({ note: 'x'.repeat(4000) })
    expect(readPolicySettings('rate_limit', text)).toHaveProperty('problems')
  })
})

import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Draft } from '../../../../src/journal/types.ts'
import { ApiGuard, type ApiDecision } from '../../../../src/domain/governance/guard/service.ts'
import { readyPolicy } from '../../../../src/domain/governance/policies/judge.ts'
import type { Decision, Verdict } from '../../../../src/domain/policy/types.ts'
import { apiPolicy, policyFacts } from '../policies/policies.ts'

const RANK: Record<Decision, number> = { allow: 0, warn: 1, require_approval: 2, block: 3 }
const worst = (decisions: readonly Decision[]): Decision =>
  decisions.reduce((a, b) => (RANK[a] >= RANK[b] ? a : b), 'allow')

const decision = fc.constantFrom<Decision[]>('allow', 'warn', 'require_approval', 'block')
const PEOPLE = [{ atLeast: 2, of: null, notStarter: false }]

interface Case {
  deck: Decision
  policies: Decision[]
  hook: Decision | undefined
  isFull: boolean
}

const cases = fc.record({
  deck: decision,
  policies: fc.array(decision, { maxLength: 4 }),
  hook: fc.option(decision, { nil: undefined }),
  isFull: fc.boolean(),
})

const AUTHOR = { org: 'o', slug: 's', actor: 'key:k/api' }
const QUESTION = {
  agentId: 'scout',
  actionType: 'review',
  goal: 'look',
  systems: [],
  reversible: null,
  scope: null,
  claimedRisk: null,
  intel: {},
}
const HOOK = apiPolicy('webhook_check', { url: 'https://x.example' }, { id: 'hook' })

/** A guard of the API over a deck that answers so. */
function guardOf({ deck, policies, hook, isFull }: Case) {
  const verdict: Verdict = {
    decision: deck,
    reasons: [{ layer: 'lease', text: 'as the deck says' }],
    risk: { score: 40, factors: [] },
    policies: ['own'],
    lease: 'lea_1',
    rule: 'rule_1',
    people: PEOPLE,
  }
  const ready = policies.map((action, i) =>
    readyPolicy(apiPolicy('risk_threshold', { threshold: 0, action }, { id: `p${i}` })),
  )
  const written: { decision: Decision }[] = []
  const changes = {
    drafts: [],
    serial: 1,
    make: (_kind: string, _key: string, row: never) => written.push(row),
  }
  const guard = new ApiGuard({
    guard: {
      verdictNow: () => verdict,
      decide: async (_agent, _question, { besides, belonging } = {}) => {
        const judged = besides?.(verdict, 1) ?? verdict
        const isHeld = judged.decision === 'require_approval'
        const draft =
          isHeld && !isFull
            ? { type: 'approval.requested', body: { id: 'apr_1' } }
            : {
                type: 'action.decided',
                body: { decision: isHeld ? 'block' : judged.decision, reasons: judged.reasons },
              }
        belonging?.(draft as unknown as Draft<'action.decided'>, judged)
        return []
      },
    },
    records: {
      changes: () => changes,
      write: async (_author: object, go: never) => (go as (c: object) => unknown)(changes),
    } as never,
    policies: { of: () => (hook === undefined ? ready : [...ready, readyPolicy(HOOK)]) } as never,
    facts: () => policyFacts(),
    askWebhooks: async (toAsk) =>
      toAsk.map((one) => ({ ...one, verdict: { kind: 'answered' as const, decision: hook } })),
    learned: () => undefined,
    scanInjection: true,
    clock: { now: () => 0, after: () => () => undefined },
  })
  return { guard, written }
}

test('the strictest answer wins, however it is asked, and it is what is written down', async () => {
  await fc.assert(
    fc.asyncProperty(cases, async (each) => {
      const { guard, written } = guardOf(each)
      const wanted = worst([each.deck, ...each.policies, each.hook ?? 'allow'])
      expect(await guard.ask(AUTHOR, QUESTION)).toMatchObject({ decision: wanted })
      let known: ApiDecision | undefined
      const { reply, verdict } = await guard.decide(AUTHOR, QUESTION, (_draft, decided, record) => {
        known = decided
        written.push(record as unknown as { decision: Decision })
        return []
      })
      const final = wanted === 'require_approval' && each.isFull ? 'block' : wanted
      expect([reply.decision, verdict.decision]).toEqual([final, final])
      expect(known).toEqual({ reply, verdict })
      expect(written.map((row) => row.decision)).toEqual([wanted, final])
    }),
  )
})

test('a lease or a rule answers only what happens, and who has to agree stays', async () => {
  await fc.assert(
    fc.asyncProperty(cases, async (each) => {
      const { verdict } = await guardOf(each).guard.decide(AUTHOR, QUESTION, () => [])
      const isLetThrough = RANK[verdict.decision] < RANK.require_approval
      expect('lease' in verdict || 'rule' in verdict).toBe(isLetThrough)
      expect(verdict.people).toEqual(PEOPLE)
      const matched = [...each.policies.map((_, i) => `p${i}`), 'own']
      expect(verdict.policies).toEqual(expect.arrayContaining(matched))
    }),
  )
})

import { literal } from '../../../base/glob.ts'
import { plain } from '../../../base/text.ts'
import { compilePolicies } from '../../policy/compiled.ts'
import { leaseCovers } from '../../policy/lent.ts'
import { AUTO } from '../../../clawpolicy/types.ts'
import type { OperatorPolicy } from '../../policy/types.ts'
import { ruleCan } from '../rules.ts'
import { learnedDecision } from '../judge.ts'
import type { proposalService } from '../propose.ts'
import { overlaid } from '../trials/overlay-book.ts'
import { answerUnder, gist, type Law } from '../trials/effective-policy.ts'
import type { ruleReader } from '../read.ts'
import type { RuleBook } from '../rule-book.ts'
import { moved } from '../stored.ts'
import type { StoredRule } from '../types.ts'
import type { Recalled } from './look-up.ts'
import { learned, policiesFor, type Today } from './path.ts'
import { quote } from '../../../base/quote.ts'
import type { Lease } from '../../leases/types.ts'
import type { Turn } from './types.ts'

export interface TurnParts {
  book: RuleBook
  reader: ReturnType<typeof ruleReader>
  drafted: ReturnType<typeof proposalService>['drafted']
}

/** One change that a person could make. `size`: how much else it changes. */
interface Step extends Turn {
  size: number
  under: (law: Law) => Law
}

const MOST_TURNS = 6
/** Steps of which two together are tried: this bounds the work. */
const MOST_PAIRED = 12
/** Rules that are tried one by one: a file may bring thousands that speak of one question. */
const MOST_RULES = 40

/**
 * The smallest changes that turn the answer given today, smallest first: one step, or two where no single one does. Each was
 * tried: what is not shown to turn the answer is not said.
 */
export function turnsOf(parts: TurnParts, asked: Recalled, today: Today): Turn[] {
  const answer = (law: Law) => gist(answerUnder(law, today.asking, today.now, today.clock).decision)
  const is = answer(today.law)
  const turns = (law: Law) => answer(law) !== is && (is !== 'ask' || answer(law) === 'allow')
  const steps = stepsFor(parts, asked, today, is).sort((a, b) => a.size - b.size)
  const single = steps.filter(({ under }) => turns(under(today.law)))
  const found =
    single.length > 0
      ? single
      : paired(steps.slice(0, MOST_PAIRED)).filter(({ under }) => turns(under(today.law)))
  return found.slice(0, MOST_TURNS).map(({ text, command }) => ({ text, command }))
}

function paired(steps: readonly Step[]): Step[] {
  const pairs = steps.flatMap((a, i) =>
    steps.slice(i + 1).map((b): Step => ({
      text: `${a.text}, and ${b.text}`,
      command: `${a.command} && ${b.command}`,
      size: a.size + b.size,
      under: (law) => b.under(a.under(law)),
    })),
  )
  return pairs.sort((a, b) => a.size - b.size)
}

function stepsFor(
  parts: TurnParts,
  asked: Recalled,
  today: Today,
  is: 'allow' | 'ask' | 'block',
): Step[] {
  const rules = ruleSteps(parts, today, is)
  if (is === 'block') return [...withoutPolicies(today), ...lockSteps(today)]
  if (is === 'ask')
    return [
      ...rules,
      ...proposed(parts, asked),
      ...lent(asked, today),
      ...written(today, 'allow'),
      ...withoutPolicies(today),
      ...lockSteps(today),
    ]
  return [...rules, ...revoked(today), ...withoutPolicies(today), ...written(today, 'ask')]
}

/** Rules that could be confirmed, or made silent. */
function ruleSteps(
  { book, reader }: TurnParts,
  today: Today,
  is: 'allow' | 'ask' | 'block',
): Step[] {
  return learnedDecision(today.law.book, learned(today))
    .matched.slice(0, MOST_RULES)
    .flatMap((rule) => {
      const kept = book.get(rule.id)
      if (kept === undefined || rule.policy_decision === '') return []
      const row = reader.row(kept)
      const allows = rule.policy_decision === AUTO
      const step = (
        act: 'confirm' | 'suspend' | 'archive',
        text: string,
        stored: StoredRule,
        size: number,
      ): Step[] =>
        ruleCan[act]({ ...row, expired: false }) === undefined
          ? [
              {
                text: `${act} rule ${rule.id}, ${text}`,
                command: `clawdeck policy ${act} ${quote([rule.id])}`,
                size: size + row.trigger.filter((trigger) => trigger.startsWith('runs:')).length,
                under: withRule(stored),
              },
            ]
          : []
      if (is === 'ask' && allows)
        return row.conflicts.length > 0
          ? []
          : step(
              'confirm',
              'which allows it',
              moved(kept, { status: 'confirmed', suspension_reason: '' }),
              2,
            )
      if (is === 'allow' && allows)
        return step(
          'suspend',
          'which allows it',
          moved(kept, { status: 'suspended', suspension_reason: 'operator' }),
          2,
        )
      if (is !== 'ask') return []
      return [
        ...step(
          'suspend',
          'which wants a person',
          moved(kept, { status: 'suspended', suspension_reason: 'operator' }),
          4,
        ),
        ...step('archive', 'which wants a person', moved(kept, { status: 'archived' }), 5),
      ]
    })
}

function withRule(stored: StoredRule): Step['under'] {
  return (law) => ({ ...law, book: overlaid(law.book, [stored]).book })
}

/** Rules that a word about this question would make. */
function proposed({ drafted }: TurnParts, { id }: Recalled): Step[] {
  return (['exact', 'kind'] as const).flatMap((width, i): Step[] => {
    try {
      const { stored } = drafted(
        { approval: id, width, decision: 'allow', scope: 'project', days: 7 },
        'operator',
      )
      const what =
        width === 'exact'
          ? 'exactly this'
          : `every ${plain(stored.rule.trigger.flatMap((trigger) => (trigger.startsWith('runs:') ? [trigger.slice(5)] : [])).join(' and '), 120)}`
      return [
        {
          text: `let a rule allow ${what}, for 7 days`,
          command: `clawdeck policy propose ${id} --width ${width}`,
          size: 1 + 3 * i,
          under: withRule(stored),
        },
      ]
    } catch {
      // It cannot be made: no such width, a critical risk, a rule that says the opposite, or the agent is gone.
      return []
    }
  })
}

/** A lease, while the question waits. */
function lent({ id, approval }: Recalled, { asking: { doer, action, risk }, now }: Today): Step[] {
  if (approval?.state !== 'pending') return []
  const lease: Lease = {
    id: 'new',
    agent: doer.name,
    type: action.type,
    target: literal(action.target),
    maxRisk: risk.score,
    uses: 10,
    usesLeft: 10,
    grantedAt: now,
    expiresAt: now + 3_600_000,
    grantedBy: 'operator',
    state: 'active',
  }
  return [
    {
      text: 'allow this one, and with a lease ten more like it within an hour',
      command: `clawdeck approvals allow ${id} --uses 10 --minutes 60`,
      size: 0,
      under: (law) => ({ ...law, leases: [...law.leases, lease] }),
    },
  ]
}

function revoked({ law, asking: { doer, action, risk }, now }: Today): Step[] {
  return law.leases
    .filter((lease) => leaseCovers(lease, { agent: doer.name, action, risk: risk.score, now }))
    .map(({ id }) => ({
      text: `end lease ${id}`,
      command: `clawdeck leases revoke ${quote([id])}`,
      size: 1,
      under: (before) => ({ ...before, leases: before.leases.filter((lease) => lease.id !== id) }),
    }))
}

/** A policy for exactly this. What cannot be shown as it is cannot be typed either. */
function written({ asking: { doer, action } }: Today, effect: 'allow' | 'ask'): Step[] {
  if (plain(action.target) !== action.target) return []
  const policy: OperatorPolicy = {
    id: 'new',
    effect,
    type: action.type,
    target: literal(action.target),
    agent: doer.name,
  }
  const words = [
    'clawdeck',
    'policy',
    'add',
    effect,
    '--type',
    action.type,
    '--target',
    policy.target as string,
    '--agent',
    doer.name,
  ]
  return [
    {
      text: `write a policy: ${effect === 'ask' ? 'ask a person for' : 'allow'} exactly this`,
      command: quote(words),
      size: 3,
      under: (law) => ({ ...law, policies: compilePolicies([...law.policies.all, policy]) }),
    },
  ]
}

/** Without one of the policies that match, or without all of them. */
function withoutPolicies(today: Today): Step[] {
  const ids = policiesFor(today.law, today.asking).map(({ id }) => id)
  const without = (gone: readonly string[]): Step => ({
    text: `remove ${gone.length === 1 ? 'policy' : 'policies'} ${gone.join(', ')}`,
    command: gone.map((id) => `clawdeck policy rm ${quote([id])}`).join(' && '),
    size: 3 + gone.length,
    under: (law) => ({
      ...law,
      policies: compilePolicies(law.policies.all.filter(({ id }) => !gone.includes(id))),
    }),
  })
  return [...ids.map((id) => without([id])), ...(ids.length > 1 ? [without(ids)] : [])]
}

/** A change of the template, in words and as bounds. */
interface Rewrite {
  text: string
  of: (bounds: Law['bounds']) => Law['bounds']
}

/** Another template, locked anew: the only thing that turns what the lock says. Each part of it alone, and all at once. */
function lockSteps({ law, asking }: Today): Step[] {
  const { doer, action, risk } = asking
  const { bounds } = law
  const without = (what: 'block' | 'ask') =>
    bounds[what]
      .filter((bound) => reached(law, { [what]: [bound] }, asking))
      .map((bound): Rewrite => ({
        text: `guard.${what} without ${bound.type} ${plain(bound.target, 100)}`,
        of: (before) => ({ ...before, [what]: before[what].filter((other) => other !== bound) }),
      }))
  const parts: Rewrite[] = [
    ...(bounds.types.includes(action.type) || bounds.types.includes('*')
      ? []
      : [
          {
            text: `guard.types with ${action.type}`,
            of: (before: Law['bounds']) => ({ ...before, types: [...before.types, action.type] }),
          },
        ]),
    ...(risk.score > bounds.maxAutoRisk
      ? [
          {
            text: `guard.maxAutoRisk: ${risk.score}`,
            of: (before: Law['bounds']) => ({ ...before, maxAutoRisk: risk.score }),
          },
        ]
      : []),
    ...without('block'),
    ...without('ask'),
  ]
  const step = (made: readonly Rewrite[]): Step => ({
    text: `change the template in the agent's folder (${made.map(({ text }) => text).join('; ')}), and lock it anew`,
    command: `clawdeck stop ${quote([doer.name])} && clawdeck start ${quote([doer.name])} --force`,
    size: 20 + made.length,
    under: (before) => ({
      ...before,
      bounds: made.reduce((changed, { of }) => of(changed), before.bounds),
    }),
  })
  return [...parts.map((part) => step([part])), ...(parts.length > 1 ? [step(parts)] : [])]
}

const NO_POLICIES = compilePolicies([])

/** Whether a pattern of the bounds, alone, speaks of it. */
function reached(law: Law, pattern: Partial<Law['bounds']>, asking: Today['asking']): boolean {
  const alone = { types: ['*'], block: [], ask: [], allow: [], maxAutoRisk: 100, ...pattern }
  const { reasons } = answerUnder(
    { bounds: alone, policies: NO_POLICIES, leases: [], book: law.book },
    asking,
    0,
    STILL,
  )
  return reasons.some(({ layer }) => layer === 'lock')
}

const STILL = { now: () => 0, after: () => () => undefined }

/** What no click and no rule can turn, in words. */
export function limitsOf({ law, asking: { doer, action, risk }, now, clock }: Today): string[] {
  const { decision, reasons } = answerUnder(law, { doer, action, risk }, now, clock)
  const locked = decision !== 'allow' && reasons.some(({ layer }) => layer === 'lock')
  const over = risk.score - law.bounds.maxAutoRisk
  const limits =
    locked && decision !== 'warn'
      ? [
          'the lock says so: no policy, lease or rule goes beyond it, only the template, locked anew',
        ]
      : []
  if (over <= 0 || decision === 'block') return limits
  const enough = risk.factors
    .filter(({ points }) => points >= over)
    .map(({ label, points }) => `${label} +${points}`)
  return [
    ...limits,
    enough.length > 0
      ? `risk ${risk.score} is ${over} above ${law.bounds.maxAutoRisk}: one factor too many, any of ${enough.join(', ')}`
      : `risk ${risk.score} is ${over} above ${law.bounds.maxAutoRisk}: no factor alone is that much`,
  ]
}

import { count, plain } from '../../../base/text.ts'
import { compilePolicies } from '../../policy/compiled.ts'
import { matchText } from '../../policy/evaluate.ts'
import { leaseCovers } from '../../policy/lent.ts'
import { AUTO } from '../../../clawpolicy/types.ts'
import { viewOf } from '../../policy/view.ts'
import type { Action, Layer, Risk, Verdict } from '../../policy/types.ts'
import { judgeLearned, learnedDecision } from '../judge.ts'
import { answerUnder, type Asking, type Law } from '../trials/effective-policy.ts'
import { RuleBook } from '../rule-book.ts'
import type { Clock } from '../../../base/clock.ts'
import type { Recalled } from './look-up.ts'
import { SUSPENDED, whereOf } from '../words.ts'
import type { WhyStep, Why } from './types.ts'

export interface Today {
  law: Law
  asking: Asking
  now: number
  clock: Clock
}

/**
 * Every layer in the order in which it is asked. What was said then is told as it was recorded; of the others, what they say
 * today. `decided` marks whose word was the answer in the end.
 */
export function pathOf(asked: Recalled, today: Today | undefined): WhyStep[] {
  const ending = endOf(asked)
  const first = asked.reasons[0]?.layer
  const answered = (layer: Layer) => ending === undefined && layer === first
  const steps = ORDER.flatMap((layer): WhyStep[] => {
    const said = asked.reasons.filter((reason) => reason.layer === layer)
    if (said.length > 0) return said.map((reason) => ({ ...reason, decided: answered(layer) }))
    return today === undefined
      ? []
      : (SILENT[layer]?.(today) ?? []).map((step) => ({ ...step, layer, decided: false }))
  })
  return [
    { layer: 'input', text: inputText(asked.action), decided: false },
    { layer: 'risk', text: riskText(asked.risk), decided: false },
    ...steps,
    ...(ending === undefined ? [] : [ending]),
  ]
}

const ORDER: readonly Layer[] = ['supervisor', 'lock', 'policy', 'lease', 'rule', 'default']

type Said = { id?: string; text: string }[]

/** What a layer says today where it did not give the answer. */
const SILENT: Partial<Record<Layer, (today: Today) => Said>> = {
  lock: ({ law, asking, now, clock }) => {
    const { reasons } = answerUnder(
      { ...law, policies: NO_POLICIES, leases: [], book: new RuleBook() },
      asking,
      now,
      clock,
    )
    const said = reasons.filter(({ layer }) => layer === 'lock')
    return said.length > 0
      ? said
      : [
          {
            text: `leaves it open: up to risk ${law.bounds.maxAutoRisk} it may be answered without a person`,
          },
        ]
  },
  policy: ({ law, asking }) => {
    const found = policiesFor(law, asking)
    return found.length === 0
      ? [{ text: 'no policy of yours speaks of it' }]
      : found.map((policy) => ({ id: policy.id, text: `${policy.effect} ${matchText(policy)}` }))
  },
  lease: ({ law, asking, now }) => {
    const found = law.leases.filter((lease) =>
      leaseCovers(lease, {
        agent: asking.doer.name,
        action: asking.action,
        risk: asking.risk.score,
        now,
      }),
    )
    return found.length === 0
      ? [{ text: 'no lease is in force for it' }]
      : found.map((lease) => ({
          id: lease.id,
          text: `covers it, ${count(lease.usesLeft, 'use')} left`,
        }))
  },
  rule: (today) => {
    const { reasons } = judgeLearned(today.law.book, learned(today))
    return reasons.length > 0
      ? reasons
      : [
          {
            text:
              today.law.book.size === 0
                ? 'nothing was learned yet'
                : 'nothing was learned about it',
          },
        ]
  },
}

const NO_POLICIES = compilePolicies([])

export function policiesFor({ policies }: Law, { doer, action, risk }: Asking) {
  const view = viewOf(action, policies.table)
  return policies
    .matching({ view, agent: doer.name, template: doer.template, risk: risk.score })
    .map(({ policy }) => policy)
}

export function learned({ asking: { action, risk, doer }, now, clock }: Omit<Today, 'law'>) {
  return { action, risk, doer, now, clock }
}

/** The rules that speak of it today, in whatever state. */
export function rulesFor(today: Today): Why['rules'] {
  return learnedDecision(today.law.book, learned(today)).matched.map(
    ({ id, status, policy_decision, scope, scope_key, suspension_reason, summary }) => ({
      id,
      status,
      scope,
      decision: policy_decision === '' ? '' : policy_decision === AUTO ? 'allow' : 'ask',
      text: `${whereOf({ scope, scope_key })}: ${plain(summary, 200)}${status === 'suspended' ? ` (${SUSPENDED[suspension_reason] ?? plain(suspension_reason, 80)})` : ''}`,
    }),
  )
}

function inputText({ type, target, cwd, reversible, systems, goal, claimedRisk }: Action): string {
  const said = [
    cwd === '' ? '' : `in ${cwd}`,
    reversible === null ? '' : reversible ? 'said to be reversible' : 'said not to be reversible',
    systems.length === 0 ? '' : `touches ${systems.join(', ')}`,
    goal === '' ? '' : `goal: ${goal}`,
    claimedRisk === null ? '' : `its own score ${claimedRisk}`,
  ].filter((text) => text !== '')
  return plain([`${type} ${target}`, ...said].join(' · '), 1000)
}

function riskText({ score, factors }: Risk): string {
  return `${score}${factors.length === 0 ? '' : `: ${factors.map(({ label, points }) => `${label} ${points < 0 ? '' : '+'}${points}`).join(' · ')}`}`
}

function endOf({ approval }: Recalled): WhyStep | undefined {
  if (approval === undefined || approval.state === 'pending') return undefined
  if (approval.state === 'expired')
    return { layer: 'expiry', text: plain(approval.note, 500), decided: true }
  return { layer: 'operator', text: becameText(approval), decided: true }
}

/** What became of a question, in words. */
export function became({ approval, decision }: Pick<Recalled, 'approval' | 'decision'>): string {
  if (approval === undefined)
    return decision === 'block' ? 'denied without asking anyone' : 'allowed without asking anyone'
  if (approval.state === 'pending') return 'waiting for a person'
  return approval.state === 'expired'
    ? 'nobody decided in time, which means no'
    : becameText(approval)
}

function becameText({ state, by, note, edited, lease }: NonNullable<Recalled['approval']>): string {
  return `${state} by ${plain(by, 64)}${edited === null ? '' : ` as ${plain(edited.target, 200)}`}${lease === null ? '' : `, with lease ${plain(lease, 64)}`}${note === '' ? '' : `: ${plain(note, 300)}`}`
}

/** Today's answer, as far as it can be told. */
export function answerToday(
  today: Today | undefined,
  agent: string,
): Pick<Verdict, 'decision' | 'reasons'> {
  if (today === undefined)
    return {
      decision: 'block',
      reasons: [
        { layer: 'supervisor', text: `${agent} is gone, and nobody knows any more what bound it` },
      ],
    }
  const { decision, reasons } = answerUnder(today.law, today.asking, today.now, today.clock)
  return { decision, reasons }
}

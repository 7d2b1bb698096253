import { count, plain } from '../../base/text.ts'
import type { Clock } from '../../base/clock.ts'
import type { ConfirmationDecision } from '../../clawpolicy/decision.ts'
import { PROMOTION_EVIDENCE } from '../../clawpolicy/lifecycle.ts'
import { AMBIGUOUS } from '../../clawpolicy/precedence.ts'
import { ASK, AUTO, type Rule } from '../../clawpolicy/types.ts'
import type { Action, Reason, Risk, Learned, Doer } from '../policy/types.ts'
import type { Rulings } from './rule-book.ts'
import { setbackOf, supportFor } from './support.ts'
import { engineFor, taskOf, taskRisk } from './task.ts'
import type { RuleRecord } from './types.ts'
import { SUSPENDED, whereOf } from './words.ts'

/** Asks the learner. Pure: nothing is marked, and nothing is written down. */
export function judgeLearned(
  book: Rulings,
  question: { action: Action; risk: Risk; doer: Doer; now: number; clock: Clock },
): Learned {
  if (book.size === 0) return { says: 'nothing', reasons: [] }
  const decision = learnedDecision(book, question)
  if (isCrowded(decision))
    return {
      says: 'ask',
      reasons: [
        {
          layer: 'rule',
          text: `${decision.matched.length} rules speak of this: too many to be weighed, so a person decides. \`clawdeck policy rules\` shows them`,
        },
      ],
    }
  const { selected, verdict } = decision
  if (
    selected !== undefined &&
    verdict === AUTO &&
    isOfTomorrow(book.get(selected.id), question.now)
  )
    return {
      says: 'ask',
      rule: selected.id,
      reasons: [
        {
          layer: 'rule',
          id: selected.id,
          text: `rule ${selected.id} was last changed later than the clock says it is: how long it holds cannot be told, so a person decides`,
        },
      ],
    }
  if (selected !== undefined && verdict === AUTO)
    return { says: 'allow', rule: selected.id, reasons: [allows(book, selected, question.now)] }
  const reasons = asking(book, decision)
  const firm = reasons.some(({ firm: isFirm }) => isFirm)
  return {
    says: firm ? 'ask' : 'nothing',
    ...(selected === undefined ? {} : { rule: selected.id }),
    reasons: reasons.map(({ reason }) => reason),
  }
}

/** A clock that was set back by more than this makes a rule that ends some day ask rather than live longer. */
const CLOCK_SLACK_MS = 60_000

function isOfTomorrow(kept: RuleRecord | undefined, now: number): boolean {
  return kept !== undefined && kept.expiresAt !== null && now < kept.changedAt - CLOCK_SLACK_MS
}

/** More rules than one question is weighed by: what it teaches would be written down for each of them. */
const MOST_MATCHED = 200

/** Whether so many rules speak of a question that none of them decides it, and none learns from it. */
export function isCrowded({ matched }: ConfirmationDecision): boolean {
  return matched.length > MOST_MATCHED
}

/** The engine's own decision, whole. */
export function learnedDecision(
  book: Rulings,
  {
    action,
    risk,
    doer,
    now,
    clock,
  }: { action: Action; risk: Risk; doer: Doer; now: number; clock: Clock },
): ConfirmationDecision {
  const engine = engineFor(doer, clock, () => taskRisk(action, risk))
  return engine.evaluate(taskOf(action, doer), book.at(now))
}

function allows(book: Rulings, rule: Rule, now: number): Reason {
  const kept = book.get(rule.id)
  const until = kept?.expiresAt == null ? '' : `, for ${days(kept.expiresAt - now)} more`
  const yeses = rule.accepted_confirmation_count
  const learned =
    yeses > 0 && rule.source_type !== 'explicit_preference'
      ? `learned from ${count(yeses, 'yes', 'yeses')}`
      : `a rule of ${plain(kept?.by ?? 'an operator', 64)}`
  return {
    layer: 'rule',
    id: rule.id,
    text: `rule ${rule.id} allows this ${whereOf(rule)} (${learned}${until}): ${plain(rule.summary, 120)}`,
  }
}

function days(ms: number): string {
  const hours = Math.ceil(ms / 3_600_000)
  return hours <= 48 ? count(hours, 'hour') : count(Math.ceil(hours / 24), 'day')
}

interface Asking {
  reason: Reason
  firm: boolean
}

/** Why a person decides, as far as rules have a say: `firm` where a rule wants it so. */
function asking(
  book: Rulings,
  { matched, selected, verdict, resolution, risk }: ConfirmationDecision,
): Asking[] {
  const of = (rule: Rule, text: string, firm: boolean): Asking => ({
    reason: { layer: 'rule', id: rule.id, text: `rule ${rule.id} ${text}` },
    firm,
  })
  if (
    selected !== undefined &&
    verdict === ASK &&
    selected.policy_decision === ASK &&
    risk.level !== 'critical'
  )
    return [
      of(selected, `wants a person ${whereOf(selected)}: ${plain(selected.summary, 120)}`, true),
    ]
  const confirmed = matched.filter(
    ({ status, policy_decision }) => status === 'confirmed' && policy_decision !== '',
  )
  if (risk.level === 'critical')
    return confirmed
      .filter(({ policy_decision }) => policy_decision === AUTO)
      .slice(0, 1)
      .map((rule) => of(rule, "would allow this, but a critical risk is always a person's", true))
  if (selected !== undefined)
    return [of(selected, `was learned at a lower risk than this (${risk.level})`, true)]
  if (resolution === AMBIGUOUS)
    return confirmed
      .slice(0, 2)
      .map((rule) =>
        of(
          rule,
          `${rule.policy_decision === AUTO ? 'allows' : 'wants a person for'} this, and another one says otherwise`,
          true,
        ),
      )
  const suspended = matched.filter(({ status }) => status === 'suspended')
  if (suspended.length > 0)
    return suspended
      .slice(0, 3)
      .map((rule) =>
        of(
          rule,
          `is suspended (${SUSPENDED[rule.suspension_reason] ?? plain(rule.suspension_reason, 80)}): a person decides again`,
          true,
        ),
      )
  return matched
    .filter(({ status, policy_decision }) => status === 'candidate' && policy_decision === AUTO)
    .slice(0, 2)
    .map((rule) => of(rule, candidacy(book.get(rule.id)), false))
}

function candidacy(kept: RuleRecord | undefined): string {
  const setback = setbackOf(kept)
  return `is a candidate: ${Math.min(supportFor(kept), PROMOTION_EVIDENCE)} of ${PROMOTION_EVIDENCE} in a row that it takes to allow this unasked${setback === '' ? '' : ` (last time: ${setback}, so it begins anew)`}`
}

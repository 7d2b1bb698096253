import { count, plain } from '../../base/text.ts'
import type { Clock } from '../../base/clock.ts'
import type { ConfirmationDecision } from '../../clawpolicy/decision/decision.ts'
import { PROMOTION_EVIDENCE } from '../../clawpolicy/evidence/lifecycle.ts'
import { AMBIGUOUS } from '../../clawpolicy/decision/precedence.ts'
import { ASK, AUTO, type Rule } from '../../clawpolicy/types.ts'
import type { Action, AgentIdentity, Learned, Reason, Risk } from '../policy/types.ts'
import type { RuleLookup } from './rule-book.ts'
import { setbackOf, supportFor } from './learning/support.ts'
import { engineFor, taskOf, taskRisk } from './task.ts'
import type { RuleRecord } from './types.ts'
import { scopeText, suspensionText } from './texts.ts'

/** A question to the learned rules. `now` in Unix milliseconds. */
export interface RuleQuestion {
  agent: AgentIdentity
  action: Action
  risk: Risk
  now: number
  clock: Clock
}

/** What the learned rules answer. Pure: nothing is counted or written. */
export function judgeLearned(rules: RuleLookup, question: RuleQuestion): Learned {
  if (rules.size === 0) return { says: 'nothing', reasons: [] }
  const decision = learnedDecision(rules, question)
  if (decision.matched.length === 0) return { says: 'nothing', reasons: [] }
  const { selected, verdict } = decision
  if (hasTooManyRules(decision)) return { says: 'ask', reasons: [tooManyRules(decision)] }
  if (selected !== undefined && verdict === AUTO) return allowed(rules, selected, question.now)
  const reasons = askReasons(rules, decision)
  const mustAsk = reasons.some(({ isRequired }) => isRequired)
  return {
    says: mustAsk ? 'ask' : 'nothing',
    ...(selected === undefined ? {} : { rule: selected.id }),
    reasons: reasons.map(({ reason }) => reason),
  }
}

/** The engine's decision, complete. */
export function learnedDecision(
  rules: RuleLookup,
  { agent, action, risk, now, clock }: RuleQuestion,
): ConfirmationDecision {
  const engine = engineFor(agent, clock, () => taskRisk(action, risk))
  return engine.evaluate(taskOf(action, agent), rules.at(now))
}

/** Rules that one question is compared with: a lesson writes an event for each of them. */
const MAX_MATCHED = 200

/** Whether too many rules match a question for any of them to decide it or to learn from it. */
export function hasTooManyRules({ matched }: ConfirmationDecision): boolean {
  return matched.length > MAX_MATCHED
}

function tooManyRules({ matched }: ConfirmationDecision): Reason {
  return {
    layer: 'rule',
    text: `${matched.length} rules match this, too many to evaluate: a person decides. \`clawdeck policy rules\` shows them`,
  }
}

/** After the clock was set back by more than this, a rule with an expiry asks. */
const CLOCK_SLACK_MS = 60_000

function allowed(rules: RuleLookup, rule: Rule, now: number): Learned {
  const record = rules.get(rule.id)
  const isClockBehind =
    record !== undefined && record.expiresAt !== null && now < record.changedAt - CLOCK_SLACK_MS
  const reason = isClockBehind
    ? `rule ${rule.id} was changed after the present time of the clock, so its expiry is not known: a person decides`
    : allowText(record, rule, now)
  return {
    says: isClockBehind ? 'ask' : 'allow',
    rule: rule.id,
    reasons: [{ layer: 'rule', id: rule.id, text: reason }],
  }
}

function allowText(record: RuleRecord | undefined, rule: Rule, now: number): string {
  const until = record?.expiresAt == null ? '' : `, for ${timeText(record.expiresAt - now)} more`
  const approvals = rule.accepted_confirmation_count
  const origin =
    approvals > 0 && rule.source_type !== 'explicit_preference'
      ? `learned from ${count(approvals, 'approval')}`
      : `made by ${plain(record?.by ?? 'an operator', 64)}`
  return `rule ${rule.id} allows this ${scopeText(rule)} (${origin}${until}): ${plain(rule.summary, 120)}`
}

function timeText(ms: number): string {
  const hours = Math.ceil(ms / 3_600_000)
  return hours <= 48 ? count(hours, 'hour') : count(Math.ceil(hours / 24), 'day')
}

/** Why a person decides. `isRequired`: a rule, or the risk, demands it. */
interface AskReason {
  reason: Reason
  isRequired: boolean
}

function askReason(rule: Rule, text: string, isRequired = true): AskReason {
  const reason: Reason = { layer: 'rule', id: rule.id, text: `rule ${rule.id} ${text}` }
  return { reason, isRequired }
}

/** Why a person decides, as far as rules are the reason. */
function askReasons(rules: RuleLookup, decision: ConfirmationDecision): AskReason[] {
  const { matched, selected, verdict, resolution, risk } = decision
  const isCritical = risk.level === 'critical'
  if (selected?.policy_decision === ASK && verdict === ASK && !isCritical)
    return [askReason(selected, `asks ${scopeText(selected)}: ${plain(selected.summary, 120)}`)]
  const confirmed = matched.filter(
    ({ status, policy_decision }) => status === 'confirmed' && policy_decision !== '',
  )
  if (isCritical)
    return confirmed
      .filter(({ policy_decision }) => policy_decision === AUTO)
      .slice(0, 1)
      .map((rule) => askReason(rule, 'would allow this, but a person decides on a critical risk'))
  if (selected !== undefined)
    return [askReason(selected, `was learned at a lower risk than this (${risk.level})`)]
  if (resolution === AMBIGUOUS) return confirmed.slice(0, 2).map(contradictionReason)
  const suspended = matched.filter(({ status }) => status === 'suspended')
  if (suspended.length > 0) return suspended.slice(0, 3).map(suspensionReason)
  return matched
    .filter(({ status, policy_decision }) => status === 'candidate' && policy_decision === AUTO)
    .slice(0, 2)
    .map((rule) => askReason(rule, candidateText(rules.get(rule.id)), false))
}

function contradictionReason(rule: Rule): AskReason {
  const does = rule.policy_decision === AUTO ? 'allows' : 'asks about'
  return askReason(rule, `${does} this, and another rule contradicts it`)
}

function suspensionReason(rule: Rule): AskReason {
  return askReason(
    rule,
    `is suspended (${suspensionText(rule.suspension_reason)}): a person decides`,
  )
}

function candidateText(record: RuleRecord | undefined): string {
  const setback = setbackOf(record)
  const support = Math.min(supportFor(record), PROMOTION_EVIDENCE)
  const restart = setback === '' ? '' : ` (last time: ${setback}, so the count starts again)`
  return `is a candidate: ${support} of the ${PROMOTION_EVIDENCE} approvals in a row that it needs to allow this${restart}`
}

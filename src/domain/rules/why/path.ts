import { count, plain } from '../../../base/text.ts'
import { compilePolicies } from '../../policy/matching/compiled.ts'
import { matchText } from '../../policy/reasons.ts'
import { leaseCovers } from '../../policy/matching/lease-cover.ts'
import type { Action, ReasonLayer, Risk, Verdict } from '../../policy/types.ts'
import { judgeLearned, learnedDecision } from '../judge.ts'
import { RuleBook } from '../rule-book.ts'
import { effectOfRule, scopeText, suspensionText } from '../texts.ts'
import { answerUnder, matchingPolicies, ruleQuestion, type CurrentQuestion } from './current.ts'
import type { RecordedQuestion } from './look-up.ts'
import type { WhyStep, Why } from './types.ts'

/**
 * All layers in the order of evaluation. Those that answered have their recorded reasons; the
 * others say what they would say now. `decided` marks the answer.
 */
export function decisionPath(
  question: RecordedQuestion,
  current: CurrentQuestion | undefined,
): WhyStep[] {
  const last = personStep(question)
  const answering = last === undefined ? question.reasons[0]?.layer : undefined
  const layers = LAYERS.flatMap((layer): WhyStep[] => {
    const reasons = question.reasons.filter((reason) => reason.layer === layer)
    if (reasons.length > 0)
      return reasons.map((reason) => ({ ...reason, decided: layer === answering }))
    const texts = current === undefined ? [] : (CURRENT_TEXTS[layer]?.(current) ?? [])
    return texts.map((text) => ({ ...text, layer, decided: false }))
  })
  return [
    { layer: 'input', text: inputText(question.action), decided: false },
    { layer: 'risk', text: riskText(question.risk), decided: false },
    ...layers,
    ...(last === undefined ? [] : [last]),
  ]
}

const LAYERS: readonly ReasonLayer[] = ['supervisor', 'lock', 'policy', 'lease', 'rule', 'default']

type LayerText = Pick<WhyStep, 'id' | 'text'>

/** What a layer says now. */
const CURRENT_TEXTS: Partial<Record<ReasonLayer, (current: CurrentQuestion) => LayerText[]>> = {
  lock: lockTexts,
  policy: policyTexts,
  lease: leaseTexts,
  rule: ruleTexts,
}

const NO_POLICIES = compilePolicies([])

function lockTexts(current: CurrentQuestion): LayerText[] {
  const { policy } = current
  const lockOnly = { ...policy, policies: NO_POLICIES, leases: [], rules: new RuleBook() }
  const { reasons } = answerUnder(lockOnly, current)
  const said = reasons.filter(({ layer }) => layer === 'lock')
  if (said.length > 0) return said
  const limit = policy.bounds.maxAutoRisk
  return [{ text: `has no objection: risks up to ${limit} may be allowed without a person` }]
}

function policyTexts(current: CurrentQuestion): LayerText[] {
  const matching = matchingPolicies(current)
  return matching.length === 0
    ? [{ text: 'no policy matches' }]
    : matching.map((policy) => ({ id: policy.id, text: `${policy.effect} ${matchText(policy)}` }))
}

function leaseTexts({ policy, asked, now }: CurrentQuestion): LayerText[] {
  const { agent, action, risk } = asked
  const use = { agent: agent.name, action, risk: risk.score, now }
  const covering = policy.leases.filter((lease) => leaseCovers(lease, use))
  return covering.length === 0
    ? [{ text: 'no lease covers it' }]
    : covering.map(({ id, usesLeft }) => ({
        id,
        text: `covers it, ${count(usesLeft, 'use')} left`,
      }))
}

function ruleTexts(current: CurrentQuestion): LayerText[] {
  const { rules } = current.policy
  const { reasons } = judgeLearned(rules, ruleQuestion(current))
  if (reasons.length > 0) return reasons
  return [{ text: rules.size === 0 ? 'there are no rules' : 'no rule matches' }]
}

/** Learned rules that match now, in any state. */
export function matchingRules(current: CurrentQuestion): Why['rules'] {
  const { matched } = learnedDecision(current.policy.rules, ruleQuestion(current))
  return matched.map((rule) => {
    const { id, status, scope, summary, suspension_reason } = rule
    const suspended = status === 'suspended' ? ` (${suspensionText(suspension_reason)})` : ''
    const text = `${scopeText(rule)}: ${plain(summary, 200)}${suspended}`
    return { id, status, scope, decision: effectOfRule(rule), text }
  })
}

function inputText(action: Action): string {
  const { type, target, cwd, reversible, systems, goal, claimedRisk } = action
  const details = [
    cwd === '' ? '' : `in ${cwd}`,
    reversibleText(reversible),
    systems.length === 0 ? '' : `touches ${systems.join(', ')}`,
    goal === '' ? '' : `goal: ${goal}`,
    claimedRisk === null ? '' : `the agent's own score ${claimedRisk}`,
  ].filter((text) => text !== '')
  return plain([`${type} ${target}`, ...details].join(' · '), 1000)
}

function reversibleText(reversible: boolean | null): string {
  if (reversible === null) return ''
  return reversible ? 'declared reversible' : 'declared not reversible'
}

function riskText({ score, factors }: Risk): string {
  const list = factors.map(({ label, points }) => `${label} ${points < 0 ? '' : '+'}${points}`)
  return factors.length === 0 ? `${score}` : `${score}: ${list.join(' · ')}`
}

/** The decision of a person, or the expiry. */
function personStep({ approval }: RecordedQuestion): WhyStep | undefined {
  if (approval === undefined || approval.state === 'pending') return undefined
  return approval.state === 'expired'
    ? { layer: 'expiry', text: plain(approval.note, 500), decided: true }
    : { layer: 'operator', text: decisionText(approval), decided: true }
}

/** The outcome of a question, in words. */
export function questionOutcome({
  approval,
  decision,
}: Pick<RecordedQuestion, 'approval' | 'decision'>): string {
  if (approval === undefined)
    return decision === 'block' ? 'denied without asking' : 'allowed without asking'
  if (approval.state === 'pending') return 'waiting for a person'
  return approval.state === 'expired'
    ? 'expired without a decision, so denied'
    : decisionText(approval)
}

function decisionText(approval: NonNullable<RecordedQuestion['approval']>): string {
  const { state, by, note, edited, lease } = approval
  const instead = edited === null ? '' : ` as ${plain(edited.target, 200)}`
  const granted = lease === null ? '' : `, with lease ${plain(lease, 64)}`
  const reason = note === '' ? '' : `: ${plain(note, 300)}`
  return `${state} by ${plain(by, 64)}${instead}${granted}${reason}`
}

/** The answer now, as far as it can be predicted. */
export function currentAnswer(
  current: CurrentQuestion | undefined,
  agent: string,
): Pick<Verdict, 'decision' | 'reasons'> {
  if (current === undefined) {
    const text = `${agent} was deleted, and its bounds are not known`
    return { decision: 'block', reasons: [{ layer: 'supervisor', text }] }
  }
  const { decision, reasons } = answerUnder(current.policy, current)
  return { decision, reasons }
}

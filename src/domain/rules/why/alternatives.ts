import type { Lease } from '../../leases/types.ts'
import { literal } from '../../../base/glob.ts'
import { plain } from '../../../base/text.ts'
import { quote } from '../../../base/quote.ts'
import { compilePolicies } from '../../policy/matching/compiled.ts'
import { leaseCovers } from '../../policy/matching/lease-cover.ts'
import type { OperatorPolicy } from '../../policy/types.ts'
import type { RuleProposals } from '../changes/propose.ts'
import { effectOf, type AnswerEffect, type EffectivePolicy } from '../trials/effective-policy.ts'
import { overlayRules } from '../trials/rule-overlay.ts'
import { answerUnder, matchingPolicies, type CurrentQuestion } from './current.ts'
import { lockSteps } from './lock-steps.ts'
import type { RecordedQuestion } from './look-up.ts'
import { ruleSteps, type RuleStepParts } from './rule-steps.ts'
import type { PolicyStep } from './steps.ts'
import type { Alternative } from './types.ts'

export interface AlternativeParts extends RuleStepParts {
  proposedRule: RuleProposals['proposedRule']
}

const MAX_ALTERNATIVES = 6
/** Steps that are tried in pairs: this limits the work. */
const MAX_PAIRED = 12

/**
 * The smallest changes that change the answer now, smallest first: single ones, or pairs if no
 * single one does. Each was tried, and really changes it.
 */
export function alternativesOf(
  parts: AlternativeParts,
  question: RecordedQuestion,
  current: CurrentQuestion,
): Alternative[] {
  const effectUnder = (policy: EffectivePolicy) => effectOf(answerUnder(policy, current).decision)
  const before = effectUnder(current.policy)
  const changesAnswer = ({ apply }: PolicyStep) => {
    const after = effectUnder(apply(current.policy))
    return after !== before && (before !== 'ask' || after === 'allow')
  }
  const steps = stepsFor(parts, { question, current, before }).sort((a, b) => a.size - b.size)
  const single = steps.filter(changesAnswer)
  const found =
    single.length > 0 ? single : pairsOf(steps.slice(0, MAX_PAIRED)).filter(changesAnswer)
  return found.slice(0, MAX_ALTERNATIVES).map(({ text, command }) => ({ text, command }))
}

function pairsOf(steps: readonly PolicyStep[]): PolicyStep[] {
  const pairs = steps.flatMap((a, i) =>
    steps.slice(i + 1).map((b): PolicyStep => ({
      text: `${a.text}, and ${b.text}`,
      command: `${a.command} && ${b.command}`,
      size: a.size + b.size,
      apply: (policy) => b.apply(a.apply(policy)),
    })),
  )
  return pairs.sort((a, b) => a.size - b.size)
}

function stepsFor(
  parts: AlternativeParts,
  {
    question,
    current,
    before,
  }: { question: RecordedQuestion; current: CurrentQuestion; before: AnswerEffect },
): PolicyStep[] {
  if (before === 'block') return [...removedPolicies(current), ...lockSteps(current)]
  const rules = ruleSteps(parts, current, before)
  return before === 'ask'
    ? [
        ...rules,
        ...proposedRules(parts, question),
        ...grantedLease(question, current),
        ...addedPolicy(current, 'allow'),
        ...removedPolicies(current),
        ...lockSteps(current),
      ]
    : [
        ...rules,
        ...revokedLeases(current),
        ...removedPolicies(current),
        ...addedPolicy(current, 'ask'),
      ]
}

/** Rules that could be made from this question. */
function proposedRules({ proposedRule }: AlternativeParts, { id }: RecordedQuestion): PolicyStep[] {
  return (['exact', 'kind'] as const).flatMap((width, i): PolicyStep[] => {
    try {
      const { stored } = proposedRule(
        { approval: id, width, decision: 'allow', scope: 'project', days: 7 },
        'operator',
      )
      const covered = width === 'exact' ? 'exactly this' : programsOf(stored.rule.trigger)
      return [
        {
          text: `add a rule that allows ${covered} for 7 days`,
          command: `clawdeck policy propose ${id} --width ${width}`,
          size: 1 + 3 * i,
          apply: (policy) => ({ ...policy, rules: overlayRules(policy.rules, [stored]).lookup }),
        },
      ]
    } catch {
      // There is no such rule: no such width, critical risk, a contradicting rule, a deleted agent.
      return []
    }
  })
}

function programsOf(trigger: readonly string[]): string {
  const programs = trigger.flatMap((text) => (text.startsWith('runs:') ? [text.slice(5)] : []))
  return `every ${plain(programs.join(' and '), 120)}`
}

/** A lease can be granted while the question waits. */
function grantedLease(
  { id, approval }: RecordedQuestion,
  { asked: { agent, action, risk }, now }: CurrentQuestion,
): PolicyStep[] {
  if (approval?.state !== 'pending') return []
  const lease: Lease = {
    id: 'new',
    agent: agent.name,
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
      text: 'allow this, with a lease for ten more uses within an hour',
      command: `clawdeck approvals allow ${id} --uses 10 --minutes 60`,
      size: 0,
      apply: (policy) => ({ ...policy, leases: [...policy.leases, lease] }),
    },
  ]
}

function revokedLeases({ policy, asked, now }: CurrentQuestion): PolicyStep[] {
  const { agent, action, risk } = asked
  const use = { agent: agent.name, action, risk: risk.score, now }
  return policy.leases
    .filter((lease) => leaseCovers(lease, use))
    .map(({ id }) => ({
      text: `revoke lease ${id}`,
      command: `clawdeck leases revoke ${quote([id])}`,
      size: 1,
      apply: (before) => ({ ...before, leases: before.leases.filter((lease) => lease.id !== id) }),
    }))
}

/** A policy for exactly this. A target that cannot be shown cannot be typed either. */
function addedPolicy(
  { asked: { agent, action } }: CurrentQuestion,
  effect: 'allow' | 'ask',
): PolicyStep[] {
  if (plain(action.target) !== action.target) return []
  const target = literal(action.target)
  const policy: OperatorPolicy = {
    id: 'new',
    effect,
    type: action.type,
    target,
    agent: agent.name,
  }
  const match = ['--type', action.type, '--target', target, '--agent', agent.name]
  return [
    {
      text: `add a policy that ${effect === 'ask' ? 'asks about' : 'allows'} exactly this`,
      command: quote(['clawdeck', 'policy', 'add', effect, ...match]),
      size: 3,
      apply: (before) => ({
        ...before,
        policies: compilePolicies([...before.policies.all, policy]),
      }),
    },
  ]
}

/** Without one of the matching policies, or without all of them. */
function removedPolicies(current: CurrentQuestion): PolicyStep[] {
  const ids = matchingPolicies(current).map(({ id }) => id)
  const without = (removed: readonly string[]): PolicyStep => ({
    text: `remove ${removed.length === 1 ? 'policy' : 'policies'} ${removed.join(', ')}`,
    command: removed.map((id) => `clawdeck policy rm ${quote([id])}`).join(' && '),
    size: 3 + removed.length,
    apply: (policy) => ({
      ...policy,
      policies: compilePolicies(policy.policies.all.filter(({ id }) => !removed.includes(id))),
    }),
  })
  return [...ids.map((id) => without([id])), ...(ids.length > 1 ? [without(ids)] : [])]
}

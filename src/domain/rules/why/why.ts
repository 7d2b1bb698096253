import type { Clock } from '../../../base/clock.ts'
import type { CompiledPolicies } from '../../policy/matching/compiled.ts'
import type { EffectiveBounds } from '../../agents/types.ts'
import type { Lease } from '../../leases/types.ts'
import type { Learning } from '../learning/learning.ts'
import { alternativesOf, type AlternativeParts } from './alternatives.ts'
import type { CurrentQuestion } from './current.ts'
import { limitsOf } from './lock-steps.ts'
import { WhySubjects, type RecordedQuestion, type WhySubjectParts } from './look-up.ts'
import { currentAnswer, decisionPath, matchingRules, questionOutcome } from './path.ts'
import type { Why, WhyRule } from './types.ts'
import { ruleChangeExplainer } from './why-rule.ts'

export interface WhyParts extends WhySubjectParts, Omit<AlternativeParts, 'book'> {
  learning: Learning
  clock: Clock
  policies: () => CompiledPolicies
  leases: () => Lease[]
  /** The bounds of an agent; undefined if they are not known. */
  boundsOf: (agent: string) => Promise<EffectiveBounds | undefined>
}

/**
 * Explains why something was answered, or why a rule changed its state, and what would change it.
 * Fault `not.found`.
 */
export function whyService(parts: WhyParts): (id: string) => Promise<Why | WhyRule> {
  const subjects = new WhySubjects(parts)
  const explainRuleChange = ruleChangeExplainer(parts)
  return async (id) => {
    await parts.learning.usable()
    const found = subjects.find(id)
    return 'question' in found
      ? explainAnswer(parts, found.question)
      : explainRuleChange(found.change)
  }
}

async function explainAnswer(parts: WhyParts, question: RecordedQuestion): Promise<Why> {
  const { id, seq, at, agent, action, decision, risk } = question
  const bounds = await parts.boundsOf(agent)
  const current = bounds === undefined ? undefined : currentQuestion(parts, question, bounds)
  const hasAlternatives = current !== undefined && bounds?.gone === false
  return {
    about: 'question',
    id,
    seq,
    at,
    agent,
    action,
    decision,
    became: questionOutcome(question),
    risk,
    path: decisionPath(question, current),
    rules: current === undefined ? [] : matchingRules(current),
    now: currentAnswer(current, agent),
    limits: current === undefined ? [] : limitsOf(current),
    turns: hasAlternatives
      ? alternativesOf({ ...parts, book: parts.learning.book }, question, current)
      : [],
  }
}

function currentQuestion(
  { clock, policies, leases, learning }: WhyParts,
  { agent: name, action, risk }: RecordedQuestion,
  { template, bounds }: EffectiveBounds,
): CurrentQuestion {
  return {
    policy: { bounds, policies: policies(), leases: leases(), rules: learning.book },
    asked: { agent: { name, template }, action, risk },
    now: clock.now(),
    clock,
  }
}

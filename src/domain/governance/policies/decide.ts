import { appliesToAgent, judgePolicy, type ReadyPolicy } from './judge.ts'
import { foldHits, foldInjection, type AskedWebhook, type InjectionAdvice } from './rules.ts'
import type { FoldedDecision, PolicyFacts, PolicyQuestion } from './types.ts'

export interface DecisionInput {
  /** In the order in which they are stored. */
  policies: readonly ReadyPolicy[]
  question: PolicyQuestion
  facts: PolicyFacts
  /** What the built-in scan of the goal and the type says; null if it is switched off. */
  injection: InjectionAdvice | null
}

/** What is decided before webhooks are asked: all of them are shown this. */
export function preliminaryDecision(input: DecisionInput): FoldedDecision {
  const { policies, question, facts, injection } = input
  const hits = policies
    .filter((policy) => appliesToAgent(policy, question.agentId))
    .flatMap((policy) => judgePolicy(policy, question, facts) ?? [])
  const folded = foldHits(hits)
  return injection === null ? folded : foldInjection(folded, injection)
}

/** The webhooks that are to be asked about a question of an agent. */
export function webhooksToAsk(
  policies: readonly ReadyPolicy[],
  agentId: string | null,
): Omit<AskedWebhook, 'verdict'>[] {
  return policies
    .filter((policy) => appliesToAgent(policy, agentId))
    .flatMap(({ id, name, read }) =>
      'settings' in read && read.settings.type === 'webhook_check'
        ? [{ policyId: id, policyName: name, settings: read.settings }]
        : [],
    )
}

import type { AgentAction } from '../../../clawpolicy/rl/action.ts'
import type { RewardContext } from '../../../clawpolicy/rl/reward.ts'
import type { Confusion } from './types.ts'
import type { RecordedDecision } from './recorded.ts'

/**
 * What an action would have brought in a recorded question, for the engine's reward. Running what
 * people allowed is best, asking about what they refused is as good but for the time it took, a
 * needless question costs something, and running what they refused is worst.
 */
export function outcomeOfAction(
  { allowed, waited, state }: RecordedDecision,
  { agent, confirm }: AgentAction,
): RewardContext {
  const known = { taskType: state.taskType ?? 'T2', agent }
  if (!confirm) return { ...known, ...(allowed ? ALLOWED_RUN : REFUSED_RUN) }
  return {
    ...known,
    ...(allowed ? NEEDLESS_QUESTION : NEEDED_QUESTION),
    task: { duration: waited },
  }
}

// No rating is as low as 2: each such complaint would shift the weights towards ratings alone.
const ALLOWED_RUN: RewardContext = {
  tests: { coverage: 100 },
  feedback: { accepted: true, codeAdoption: 1, rating: 5 },
}
const NEEDED_QUESTION: RewardContext = ALLOWED_RUN
const NEEDLESS_QUESTION: RewardContext = {
  tests: { coverage: 30 },
  feedback: { accepted: false, codeAdoption: 0, rating: 2.5 },
}
const REFUSED_RUN: RewardContext = {
  task: { errors: 10 },
  feedback: { accepted: false, codeAdoption: 0, rewritePercentage: 1, rating: 2.5 },
}

/** Counts where people and a model agree. `asks` says whether the model would ask. */
export function confusionOf(
  decisions: readonly RecordedDecision[],
  asks: (decision: RecordedDecision) => boolean,
): Confusion {
  const counts = { allowedRun: 0, allowedAsked: 0, refusedRun: 0, refusedAsked: 0 }
  for (const decision of decisions) {
    const asked = asks(decision)
    if (decision.allowed) counts[asked ? 'allowedAsked' : 'allowedRun']++
    else counts[asked ? 'refusedAsked' : 'refusedRun']++
  }
  return counts
}

export function agreementOf({
  allowedRun,
  allowedAsked,
  refusedRun,
  refusedAsked,
}: Confusion): number {
  return share(allowedRun + refusedAsked, allowedRun + allowedAsked + refusedRun + refusedAsked)
}

/** 0 to 1: right is 1, a needless question is 0.5, letting run what people refused is 0. */
export function scoreOf({ allowedRun, allowedAsked, refusedRun, refusedAsked }: Confusion): number {
  const total = allowedRun + allowedAsked + refusedRun + refusedAsked
  return share(allowedRun + refusedAsked + 0.5 * allowedAsked, total)
}

function share(part: number, total: number): number {
  return total === 0 ? 0 : part / total
}

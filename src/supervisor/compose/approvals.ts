import { approvalService } from '../../domain/approvals/decide.ts'
import { guardService } from '../../domain/approvals/service.ts'
import type { AgentBounds } from '../../domain/agents/types.ts'
import type { Lease } from '../../domain/leases/types.ts'
import type { CompiledPolicies } from '../../domain/policy/compiled.ts'
import { evaluate } from '../../domain/policy/evaluate.ts'
import { assessRisk } from '../../domain/policy/risk.ts'
import type { Action, Verdict } from '../../domain/policy/types.ts'
import type { Learning } from '../../domain/rules/service.ts'
import type { Approval } from '../../domain/approvals/types.ts'
import type { DeckContext } from './context.ts'
import type { DeckRecord } from './record.ts'

interface JudgeContext {
  governed: (agent: string) => AgentBounds | { refusal: string }
  policies: () => CompiledPolicies
  leases: () => Lease[]
  learning: Learning
}

/** The guard, which answers agents, and the operator's side of what it could not decide. */
export function composeApprovals(
  { settings, clock, parts }: DeckContext,
  { journal, store, read }: DeckRecord,
  context: JudgeContext & { remember: (approval: Approval, actor: string) => Promise<void> },
) {
  const { governed, policies, leases, learning, remember } = context
  const guard = guardService({
    journal,
    clock,
    read,
    learner: learning,
    governed,
    policies,
    activeLeases: leases,
    patience: settings.approvals.expiryMinutes * 60_000,
  })
  parts.defer(() => guard.close())
  const approvals = approvalService({
    journal,
    store,
    clock,
    learner: learning,
    remember,
    judge: judgeNow(context, clock.now),
  })
  return { guard, approvals }
}

/** What the guard would answer now. */
function judgeNow({ governed, policies, leases, learning }: JudgeContext, now: () => number) {
  return (agent: string, action: Action): Verdict => {
    const bounds = governed(agent)
    const risk = assessRisk(action)
    if ('refusal' in bounds)
      return {
        decision: 'block',
        reasons: [{ layer: 'supervisor', text: bounds.refusal }],
        risk,
        policies: [],
      }
    const doer = { name: agent, template: bounds.template }
    return evaluate({
      action,
      risk,
      agent: doer,
      bounds: bounds.bounds,
      policies: policies(),
      leases: leases(),
      learned: () => learning.judge(doer, action, risk),
      now: now(),
    })
  }
}

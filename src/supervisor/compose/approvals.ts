import { GuardService } from '../../domain/approvals/guard-service.ts'
import { approvalService } from '../../domain/approvals/service.ts'
import type { Learner } from '../../domain/approvals/learner.ts'
import type { AgentBounds } from '../../domain/agents/types.ts'
import type { Lease } from '../../domain/leases/types.ts'
import type { CompiledPolicies } from '../../domain/policy/matching/compiled.ts'
import { withDistrust } from '../../domain/policy/distrust.ts'
import { evaluate } from '../../domain/policy/evaluate.ts'
import { assessRisk } from '../../domain/policy/risk/risk.ts'
import type { Action, Verdict } from '../../domain/policy/types.ts'
import type { Learning } from '../../domain/rules/learning/learning.ts'
import type { Approval } from '../../domain/approvals/types.ts'
import type { DeckContext } from './context.ts'
import { timedJournal } from '../turns/timed-journal.ts'
import type { DeckRecord } from './record.ts'

interface JudgeContext {
  boundsOf: (agent: string) => AgentBounds | { refusal: string }
  policies: () => CompiledPolicies
  leases: () => Lease[]
  learning: Learning
  /** Why the journal is not trusted; undefined while it is. */
  distrust: () => string | undefined
}

interface ApprovalContext extends JudgeContext {
  remember: (approval: Approval, actor: string) => Promise<void>
}

/** The guard, which answers agents, and the operator's side of what it cannot decide. */
export function composeApprovals(
  { settings, clock, turns, parts }: DeckContext,
  { journal, store, read }: DeckRecord,
  context: ApprovalContext,
) {
  const { boundsOf, policies, leases, learning, distrust, remember } = context
  const learner: Learner = {
    ready: learning.ready,
    judge: learning.judge,
    // What a broken journal holds is no evidence to build on.
    learn: (lesson) => (distrust() === undefined ? learning.learn(lesson) : []),
  }
  const guard = parts.use(
    new GuardService({
      journal: timedJournal(journal, turns),
      clock,
      read,
      learner,
      distrust,
      boundsOf,
      policies,
      leases,
      expiryMs: settings.approvals.expiryMinutes * 60_000,
    }),
  )
  const judge = (agent: string, action: Action) => judgeNow(context, agent, action, clock.now())
  const approvals = approvalService({ journal, store, clock, learner, remember, judge })
  return { guard, approvals }
}

/** What the guard would answer now. */
function judgeNow(
  { boundsOf, policies, leases, learning, distrust }: JudgeContext,
  name: string,
  action: Action,
  now: number,
): Verdict {
  const agentBounds = boundsOf(name)
  const risk = assessRisk(action)
  if ('refusal' in agentBounds) {
    const reasons = [{ layer: 'supervisor' as const, text: agentBounds.refusal }]
    return { decision: 'block', reasons, risk, policies: [] }
  }
  const { template, bounds } = agentBounds
  const agent = { name, template }
  const answer = evaluate({
    action,
    risk,
    agent,
    bounds,
    policies: policies(),
    leases: leases(),
    learned: () => learning.judge(agent, action, risk),
    now,
  })
  return withDistrust(answer, distrust())
}

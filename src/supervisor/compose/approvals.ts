import type { Freezing } from '../../domain/agents/freezing/service.ts'
import type { Askers } from '../../domain/approvals/askers.ts'
import { GuardService } from '../../domain/approvals/guard-service.ts'
import type { Learner } from '../../domain/approvals/learner.ts'
import { Onlookers } from '../../domain/approvals/onlookers.ts'
import { approvalService } from '../../domain/approvals/service.ts'
import type { Approval } from '../../domain/approvals/types.ts'
import { Withdrawals } from '../../domain/approvals/withdrawals.ts'
import type { Voters } from '../../domain/operators/people/voters.ts'
import type { PolicyJudge } from '../../domain/policy/judge.ts'
import type { Learning } from '../../domain/rules/learning/learning.ts'
import { timedJournal } from '../turns/timed-journal.ts'
import type { DeckContext } from './context.ts'
import type { DeckRecord } from './record.ts'

interface ApprovalContext {
  askers: Askers
  judge: PolicyJudge
  learning: Learning
  voters: Voters
  freezing: Freezing
  /** Why the journal is not trusted; undefined while it is. */
  distrust: () => string | undefined
  remember: (approval: Approval, actor: string) => Promise<void>
}

/** The guard, which answers agents, and the operator's side of what it cannot decide. */
export function composeApprovals(
  { settings, clock, turns, parts, log }: DeckContext,
  { journal, store, read }: DeckRecord,
  { askers, judge, learning, distrust, remember, voters, freezing }: ApprovalContext,
) {
  const learner: Learner = {
    ready: learning.ready,
    // What a broken journal holds is no evidence to build on.
    learn: (lesson) => (distrust() === undefined ? learning.learn(lesson) : []),
  }
  const guard = parts.use(
    new GuardService({
      journal: timedJournal(journal, turns),
      clock,
      read,
      learner,
      judge,
      voters,
      askers,
      freezes: freezing,
      expiryMs: settings.approvals.expiryMinutes * 60_000,
    }),
  )
  const approvals = approvalService({
    journal,
    store,
    clock,
    learner,
    remember,
    voters,
    templateOf: (agent) => askers.templateOf(agent),
    judge: (agent, action) => guard.verdictNow(agent, action),
  })
  parts.use(new Withdrawals({ journal, store, voters, problem: log }))
  return { guard, approvals, onlookers: new Onlookers(journal) }
}

import type { Clock } from '../../base/clock.ts'
import type { Journal } from '../../journal/journal.ts'
import type { Draft } from '../../journal/types.ts'
import type { Store } from '../../store/open.ts'
import {
  allowDrafts,
  decisionLesson,
  expiredFault,
  notCountedFault,
  refuseHeld,
  requirePending,
  type Judge,
} from './decide.ts'
import { expiredDraft } from './drafts.ts'
import { edited } from '../policy/normalise.ts'
import { explainApproval } from './explain.ts'
import type { Learner } from './learner.ts'
import { approvalReader } from './read.ts'
import { confirmationsToAllow, NOBODY_DECIDED } from './rules.ts'
import type { Approval, ApprovalService } from './types.ts'
import type { Voters } from '../operators/people/voters.ts'

export interface ApprovalParts {
  journal: Journal
  store: Store
  clock: Clock
  judge: Judge
  voters: Voters
  learner: Learner
  /** Undefined for an agent that is gone. */
  templateOf: (agent: string) => string | undefined
  /** Writes a policy of the operator that blocks exactly what was denied. */
  remember: (approval: Approval, actor: string) => Promise<void>
}

/** The operator's side of approvals. The first decision counts; a second one is refused. */
export function approvalService(parts: ApprovalParts): ApprovalService {
  const { judge, voters } = parts
  const reader = approvalReader(parts)

  const decide = async (id: string, actor: string, draftsFor: DraftsFor): Promise<Approval> => {
    await decideOnce(parts, id, { actor, draftsFor })
    return reader.get(id)
  }

  return {
    ...reader,
    async confirmations(ids, edit) {
      const approvals = await Promise.all([...new Set(ids)].map((id) => reader.get(id)))
      const waiting = approvals.filter(({ state }) => state === 'pending')
      if (edit === undefined) return confirmationsToAllow(waiting)
      const runs = waiting.map((approval) => {
        const action = edited(approval.action, edit)
        return { ...approval, action, risk: judge(approval.agent, action).risk }
      })
      return confirmationsToAllow(waiting, runs)
    },
    allow: (id, options, actor) =>
      decide(id, actor, (approval, now) =>
        allowDrafts({ judge, voters, now }, approval, options, actor),
      ),
    async deny(id, { note = '', remember }, actor) {
      const body = { id, state: 'denied' as const, note, edited: null, lease: null }
      const approval = await decide(id, actor, ({ agent }) => [
        { type: 'approval.decided', actor, subject: agent, body },
      ])
      if (remember === true) await parts.remember(approval, actor)
      return approval
    },
    async why(id) {
      const approval = await reader.get(id)
      const verdict = judge(approval.agent, approval.action)
      return { approval, verdict, steps: explainApproval(approval, verdict) }
    },
  }
}

type DraftsFor = (approval: Approval, now: number) => Draft[] | { refusal: string }

/** Appends what a decision means, if the approval still waits. */
async function decideOnce(
  parts: ApprovalParts,
  id: string,
  { actor, draftsFor }: { actor: string; draftsFor: DraftsFor },
): Promise<void> {
  const { journal, clock, learner } = parts
  await learner.ready
  let isOver = false
  let refused: string | undefined
  await journal.append(() => {
    // All events get the time that was compared with the expiry: none is dated after it.
    const at = clock.now()
    const approval = requirePending(journal.rows.get<Approval>('approval', id), id)
    refuseHeld(approval)
    isOver = at >= approval.expiresAt
    // Journalled before anyone is told, so that it stays expired wherever the clock is set then.
    if (isOver) return [{ ...expiredDraft(approval, NOBODY_DECIDED), at }]
    const drafts = draftsFor(approval, at)
    refused = 'refusal' in drafts ? drafts.refusal : undefined
    if ('refusal' in drafts) return [refusedDraft(approval, drafts.refusal, actor)]
    const decided = drafts.find((draft) => draft.type === 'approval.decided')
    const lessons = decided === undefined ? [] : lessonDrafts(parts, approval, decided)
    return [...drafts, ...lessons].map((draft) => ({ ...draft, at }))
  })
  if (isOver) throw expiredFault(id)
  if (refused !== undefined) throw notCountedFault(id, refused)
}

function refusedDraft({ id, agent }: Approval, why: string, actor: string): Draft {
  return { type: 'approval.agreement_refused', actor, subject: agent, body: { id, why } }
}

/**
 * What a decision teaches. Nothing is learned for an agent that has been deleted. What took several
 * people teaches no permission: a rule would decide alone, for another agent, or once nobody asks
 * for them any more.
 */
function lessonDrafts(
  { judge, learner, templateOf }: ApprovalParts,
  approval: Approval,
  { body }: Draft<'approval.decided'>,
): Draft[] {
  const template = templateOf(approval.agent)
  if (template === undefined || body.by !== undefined) return []
  const agent = { name: approval.agent, template }
  return learner.learn({ ...decisionLesson(judge, approval, body), agent })
}

import { Fault } from '../../base/fault.ts'
import { plain } from '../../base/text.ts'
import type { Journal } from '../../journal/journal.ts'
import { asEvent, type eventReader } from '../../journal/read.ts'
import type { DeckEvent } from '../../journal/types.ts'
import type { Approval } from '../approvals/types.ts'
import { assessRisk } from '../policy/risk/risk.ts'
import type { Action, AgentIdentity, Risk } from '../policy/types.ts'

export interface AskedQuestionParts {
  journal: Journal
  read: ReturnType<typeof eventReader>
}

/** A question that was asked. Where an operator edited the action, it is the edited one. */
export interface AskedQuestion {
  /** Of the action or the approval. */
  id: string
  agent: AgentIdentity
  action: Action
  risk: Risk
}

/** The question of an action or approval, of an agent that exists. Fault `not.found`. */
export function askedQuestion(parts: AskedQuestionParts, id: string): AskedQuestion {
  const found = findAsked(parts, id)
  if (found === undefined)
    throw new Fault('not.found', `no action or approval ${plain(id, 80)}`, {
      hint: '`clawdeck approvals list --state all` shows what was asked.',
    })
  const { agent: name, action, risk } = found
  const template = parts.journal.rows.get<{ template: string }>('agent', name)?.template
  if (template === undefined)
    throw new Fault('not.found', `the agent ${name} of ${plain(id, 80)} was deleted`, {
      hint: '`clawdeck list` shows the agents.',
    })
  return { id, action, risk, agent: { name, template } }
}

/** What was asked under the id of an action or approval. */
export function findAsked(
  parts: AskedQuestionParts,
  id: string,
): { agent: string; action: Action; risk: Risk } | undefined {
  const approval = parts.journal.rows.get<Approval>('approval', id)
  if (approval !== undefined) {
    const { agent, edited } = approval
    return edited === null ? approval : { agent, action: edited, risk: assessRisk(edited) }
  }
  const event = findDecided(parts, id)
  return event === undefined
    ? undefined
    : { agent: event.subject, action: event.body.action, risk: event.body.risk }
}

/** The event of an action that was decided without a person, by its id. */
export function findDecided(
  { read }: Pick<AskedQuestionParts, 'read'>,
  id: string,
): DeckEvent<'action.decided'> | undefined {
  const stored = /^act_[1-9a-z][0-9a-z]{0,9}$/.test(id)
    ? read.one(Number.parseInt(id.slice(4), 36))
    : undefined
  const event = stored === undefined ? undefined : asEvent(stored)
  return event?.type === 'action.decided' ? (event as DeckEvent<'action.decided'>) : undefined
}

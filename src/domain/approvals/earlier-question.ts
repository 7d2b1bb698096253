import { Fault } from '../../base/fault.ts'
import type { Journal } from '../../journal/journal.ts'
import { asEvent, type eventReader } from '../../journal/read.ts'
import type { DeckEvent } from '../../journal/types.ts'
import type { Action, Risk } from '../policy/types.ts'
import type { Lesson } from '../rules/learning/lessons.ts'
import type { Askers } from './askers.ts'
import { answerOf, answerOfDecided } from './answers.ts'
import type { Answer, Approval, Outcome } from './types.ts'

/** A question that was asked before: of a person, or decided without one. */
export type EarlierQuestion = { approval: Approval } | { decided: DeckEvent<'action.decided'> }

export function answerTo(question: EarlierQuestion): Answer {
  return 'approval' in question ? answerOf(question.approval) : answerOfDecided(question.decided)
}

/**
 * What an outcome teaches; undefined for nothing. An approval has taught already, so only a failure
 * after it teaches again. What the lock or a policy allowed is outside of what is learned.
 */
export function lessonOf(
  question: EarlierQuestion,
  result: Outcome['result'],
  riskOf: (action: Action) => Risk,
): Omit<Lesson, 'agent'> | undefined {
  if ('approval' in question) {
    const { id, action, edited, risk } = question.approval
    if (result === 'success') return undefined
    return {
      of: id,
      action: edited ?? action,
      risk: edited === null ? risk : riskOf(edited),
      ran: true,
      result,
      prompted: true,
    }
  }
  const { id, action, risk, rule, lease } = question.decided.body
  return rule == null && lease === null
    ? undefined
    : { of: id, action, risk, ran: true, result, prompted: false }
}

/**
 * An earlier question of this agent. Fault `approval.unknown`, also for a question of another agent
 * or of an earlier one with the same name.
 */
export function findQuestion(
  {
    journal,
    read,
    askers,
  }: { journal: Journal; read: ReturnType<typeof eventReader>; askers: Pick<Askers, 'since'> },
  agent: string,
  id: string,
): EarlierQuestion {
  const approval = journal.rows.get<Approval>('approval', id)
  const createdAt = askers.since(agent) ?? Infinity
  if (approval?.agent === agent && approval.askedAt >= createdAt) return { approval }
  // Without leading zeros, so that one event has one id and is reported once.
  const stored = /^act_[1-9a-z][0-9a-z]{0,9}$/.test(id)
    ? read.one(Number.parseInt(id.slice(4), 36))
    : undefined
  const event = stored === undefined ? undefined : asEvent(stored)
  if (event?.type === 'action.decided' && event.subject === agent && event.at >= createdAt)
    return { decided: event as DeckEvent<'action.decided'> }
  throw new Fault('approval.unknown', `no question ${id} of this agent`, { hint: 'Ask again.' })
}

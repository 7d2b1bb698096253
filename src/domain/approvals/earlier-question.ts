import { Fault } from '../../base/fault.ts'
import type { Journal } from '../../journal/journal.ts'
import { asEvent, type eventReader } from '../../journal/read.ts'
import type { DeckEvent } from '../../journal/types.ts'
import type { Lesson } from '../rules/lessons.ts'
import { assessRisk } from '../policy/risk.ts'
import { answerOf, answerOfDecided } from './answers.ts'
import type { Answer, Approval, Outcome } from './types.ts'

/** An earlier question: one that a person was asked, or one that was decided without. */
export type Asked = { approval: Approval } | { decided: DeckEvent<'action.decided'> }

export function answerIn(asked: Asked): Answer {
  return 'approval' in asked ? answerOf(asked.approval) : answerOfDecided(asked.decided)
}

/**
 * What an outcome has to teach. A person's yes was a lesson already, so only what went wrong after it is another one; what
 * the lock or a policy allowed is not the learner's to judge.
 */
export function lessonOf(
  asked: Asked,
  result: Outcome['result'],
): Omit<Lesson, 'doer'> | undefined {
  if ('approval' in asked) {
    const { id, action, edited, risk } = asked.approval
    return result === 'success'
      ? undefined
      : {
          of: id,
          action: edited ?? action,
          risk: edited === null ? risk : assessRisk(edited),
          ran: true,
          result,
          prompted: true,
        }
  }
  const { id, action, risk, rule, lease } = asked.decided.body
  return rule == null && lease === null
    ? undefined
    : { of: id, action, risk, ran: true, result, prompted: false }
}

/** An earlier question of this agent. Another agent's id is as unknown as one that never was. */
export function lookUp(
  parts: { journal: Journal; read: ReturnType<typeof eventReader> },
  agent: string,
  id: string,
): Asked {
  const approval = parts.journal.rows.get<Approval>('approval', id)
  // Another agent may have had this name before: its answers are not this one's.
  const born = parts.journal.rows.get<{ createdAt: number }>('agent', agent)?.createdAt ?? Infinity
  if (approval?.agent === agent && approval.askedAt >= born) return { approval }
  // One number, one id: with a nought before it, it would be told of once more.
  const stored = /^act_[1-9a-z][0-9a-z]{0,9}$/.test(id)
    ? parts.read.one(Number.parseInt(id.slice(4), 36))
    : undefined
  const event = stored === undefined ? undefined : asEvent(stored)
  if (event?.type === 'action.decided' && event.subject === agent && event.at >= born)
    return { decided: event as DeckEvent<'action.decided'> }
  throw new Fault('approval.unknown', `no question ${id} of this agent`, { hint: 'Ask again.' })
}

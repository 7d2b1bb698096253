import { count, plain, span } from '../../base/text.ts'
import type { DeckEvent } from '../../journal/types.ts'
import type { Approval } from '../approvals/types.ts'
import type { AlertMessage, EscalationStep, AlertQuestion, QuietSummary } from './types.ts'

const MINUTE_MS = 60_000

/** The steps of the settings. A program for notifications hears of every question at once. */
export function chainOf(
  steps: readonly EscalationStep[],
  hasProgram: boolean,
): readonly EscalationStep[] {
  if (!hasProgram || steps.some(({ to }) => to.includes('notify'))) return steps
  const [first, ...rest] = steps
  return first?.after === 0
    ? [{ after: 0, to: ['notify', ...first.to] }, ...rest]
    : [{ after: 0, to: ['notify'] }, ...steps]
}

/** When a step is due; undefined after the last one. */
export function stepAt(
  steps: readonly EscalationStep[],
  taken: number,
  askedAt: number,
): number | undefined {
  const step = steps[taken]
  return step === undefined ? undefined : askedAt + step.after * MINUTE_MS
}

/**
 * The steps that are due, with their numbers, after so many were taken. After a long stop there may
 * be several: whoever they name is told once, by the last of them.
 */
export function dueStep(
  steps: readonly EscalationStep[],
  taken: number,
  passedMs: number,
): { number: number; to: readonly string[] } | undefined {
  const due = steps.slice(taken).filter(({ after }) => after * MINUTE_MS <= passedMs)
  if (due.length === 0) return undefined
  return { number: taken + due.length, to: [...new Set(due.flatMap(({ to }) => to))] }
}

const MAX_TARGET = 500
const MAX_OTHER = 200
const MAX_REASONS = 3

/** What is told of an approval. */
export function questionOf(approval: Approval): AlertQuestion {
  const { id, agent, action, risk, reasons, askedAt, expiresAt } = approval
  return {
    id,
    agent,
    type: action.type.slice(0, MAX_OTHER),
    target: action.target.slice(0, MAX_TARGET),
    goal: action.goal.slice(0, MAX_OTHER),
    risk: risk.score,
    why: reasons.slice(0, MAX_REASONS).map(({ text }) => text.slice(0, MAX_OTHER)),
    askedAt,
    expiresAt,
  }
}

/** Events that tell somebody something. */
type ToldEvent = DeckEvent<
  'approval.escalated' | 'approval.unanswered' | 'alert.summarised' | 'absence.warned'
>

export function tells(event: DeckEvent): event is ToldEvent {
  return (
    event.type === 'approval.escalated' ||
    event.type === 'approval.unanswered' ||
    event.type === 'alert.summarised' ||
    event.type === 'absence.warned'
  )
}

/** What an event tells those that it names. */
export function messageIn(event: ToldEvent): AlertMessage {
  const { seq, at, type, body } = event
  const rest = { seq, at, question: null, step: null, summary: null }
  if ('asked' in body) {
    const { asked, waiting, unanswered } = body
    const summary = { asked, waiting, unanswered }
    return { ...rest, kind: 'summary', text: summaryText(summary), summary }
  }
  if ('until' in body) return { ...rest, kind: 'absence', text: absenceText(body, at) }
  const { question } = body
  if (type === 'approval.unanswered' || !('step' in body))
    return { ...rest, kind: 'unanswered', text: `Nobody answered: ${asks(question)}`, question }
  const step = { number: body.step, of: body.of }
  return { ...rest, kind: 'question', text: asks(question), question, step }
}

function absenceText(
  { since, until, response }: DeckEvent<'absence.warned'>['body'],
  now: number,
): string {
  const what = response === 'freeze' ? 'all agents are frozen' : 'everything is denied'
  return `No operator was seen for ${span(now - since)}: in ${span(until - now)} ${what}`
}

function asks({ agent, type, target, risk }: AlertQuestion): string {
  return plain(`${agent} asks: ${type} ${target} (risk ${risk})`, MAX_TARGET)
}

export function summaryText({ asked, waiting, unanswered }: QuietSummary): string {
  const parts = [
    waiting === 0 ? '' : `${waiting} still ${waiting === 1 ? 'waits' : 'wait'}`,
    unanswered === 0 ? '' : `${unanswered} expired unanswered`,
  ].filter((part) => part !== '')
  const came = `${count(asked, 'question')} came in quiet hours`
  return parts.length === 0 ? `${came}, all were answered` : `${came}: ${parts.join(', ')}`
}

/** `webhook:ops` → `webhook` and `ops`. */
export function recipientParts(recipient: string): { name: string; who: string } {
  const [name = '', who = ''] = recipient.split(':', 2)
  return { name, who }
}

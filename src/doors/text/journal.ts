import { count, plain } from '../../base/text.ts'
import type { AcceptedLoss, Loss, Verification } from '../../journal/types.ts'

/** Whether the journal is intact, in words. */
export function verdictText({
  ok,
  firstBad,
  losses,
}: Pick<Verification, 'ok' | 'firstBad' | 'losses'>): string {
  const last = losses.at(-1)
  if (ok) return last === undefined ? '✓ intact' : `✓ intact since event ${last.event}`
  return firstBad === null ? '✗ broken' : `✗ broken at event ${firstBad}`
}

/** How many events a signature covers, and how many are only chained. */
export function signedText({ events, signed }: Pick<Verification, 'events' | 'signed'>): string {
  const chained = events - signed
  if (chained === 0) return `${count(events, 'event')}, all signed`
  const rest = chained === 1 ? 'the last one' : `the last ${chained}`
  return `${count(signed, 'event')} signed, ${rest} chained only`
}

/** What is known of a loss, in words. */
export function lossText({ lost, after, what }: Loss): string {
  if (lost === null || lost === 0) return plain(what)
  const where = after === null ? '' : ` after event ${after}`
  return plain(`at least ${count(lost, 'event')} lost${where}: ${what}`)
}

export function acceptedLossText(loss: AcceptedLoss): string {
  return `by ${plain(loss.by)} with event ${loss.event}. ${lossText(loss)}`
}

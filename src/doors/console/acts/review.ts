import { confirmedAs, type Confirmation } from '../../../base/confirmation.ts'
import { asFault, type Fault } from '../../../base/fault.ts'
import { count, plain } from '../../../base/text.ts'
import { HIGH_RISK } from '../../../domain/approvals/rules.ts'
import type { Approval } from '../../../domain/approvals/types.ts'
import { whyText } from '../../text/approvals.ts'
import { quorumText } from '../../text/quorum.ts'
import { placeText, runText } from '../../text/run-text.ts'
import type { LayerOf, PendingAct, TextLine } from '../store/layer.ts'
import { pushLayer } from '../store/store.ts'
import { BLANK_LINE, textLine } from '../views/lines.ts'
import type { ConsoleContext } from './context.ts'

type Review = Omit<LayerOf<'review'>, 'kind' | 'id' | 'scroll'>

let reviews = 0

/** Shows all of what is about to be done, and the key that does it. */
export function openReview({ store }: Pick<ConsoleContext, 'store'>, review: Review): void {
  pushLayer(store, { kind: 'review', id: `review-${++reviews}`, scroll: 0, ...review })
}

/** The approval of the highest risk, the oldest of several. */
export function worstOf(approvals: readonly Approval[]): Approval | undefined {
  return byRisk(approvals)[0]
}

function byRisk(approvals: readonly Approval[]): Approval[] {
  return approvals.toSorted((a, b) => b.risk.score - a.risk.score || a.askedAt - b.askedAt)
}

/** How many there are and the worst of them, then each of them whole, the worst first. */
export function approvalLines(approvals: readonly Approval[]): TextLine[] {
  const worst = worstOf(approvals)
  if (worst === undefined || approvals.length === 1) return approvals.flatMap(oneLines)
  const agents = count(new Set(approvals.map(({ agent }) => agent)).size, 'agent')
  return [
    textLine(
      worst.risk.score >= HIGH_RISK ? 'bad' : 'text',
      `${approvals.length} at once, from ${agents}. The worst, at risk ${worst.risk.score}, comes first.`,
    ),
    ...byRisk(approvals).flatMap((a) => [BLANK_LINE, ...oneLines(a)]),
  ]
}

function oneLines(a: Approval): TextLine[] {
  const place = placeText(a)
  return [
    textLine('dim', `${a.agent} asks: ${plain(a.action.type)}`),
    textLine('command', runText(a)),
    ...(place === '' ? [] : [textLine('command', place)]),
    textLine(a.risk.score >= HIGH_RISK ? 'bad' : 'text', `risk ${a.risk.score}: ${whyText(a)}`),
    ...(a.quorum === undefined ? [] : [textLine('warn', `people: ${quorumText(a)}`)]),
  ]
}

/** What the supervisor wants confirmed before it runs an act; undefined for another failure. */
export function confirmationFault(thrown: unknown): Fault | undefined {
  const fault = asFault(thrown)
  return fault.code === 'confirmation.needed' ? fault : undefined
}

/** Asks the operator to confirm what the supervisor wants confirmed; then the act is sent again. */
export function reviewFault(
  context: ConsoleContext,
  title: string,
  { confirm }: Fault,
  act: PendingAct,
): void {
  const risky = confirm.some(({ what }) => what !== 'seen')
  openReview(context, {
    title,
    lines: confirm.flatMap(confirmationLines),
    key: 'a',
    does: 'confirm',
    danger: risky,
    act: { ...act, inputs: act.inputs.map((input) => withConfirmed(input, confirm)) },
  })
}

/** All of a confirmation, as lines. */
function confirmationLines({ what, text }: Confirmation): TextLine[] {
  const lines = text.split('\n').map((line) => textLine('command', line))
  return [...(what === 'seen' ? [] : [BLANK_LINE, textLine('bad', HEADINGS[what])]), ...lines]
}

const HEADINGS: Record<Exclude<Confirmation['what'], 'seen'>, string> = {
  risk: 'High risk',
  count: 'More than one',
  code: 'Their screen must show the same code',
  past: 'In the past',
}

/** The input of an act, with what was confirmed. */
export function withConfirmed(
  input: Record<string, unknown>,
  needed: readonly Confirmation[],
): Record<string, unknown> {
  const before = (input['confirm'] ?? {}) as Record<string, string>
  return { ...input, confirm: { ...before, ...confirmedAs(needed) } }
}

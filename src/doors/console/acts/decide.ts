import { count, plain } from '../../../base/text.ts'
import { confirmationsToAllow, HIGH_RISK } from '../../../domain/approvals/rules.ts'
import type { Approval, DecidedApprovals } from '../../../domain/approvals/types.ts'
import { quorumText } from '../../text/quorum.ts'
import { whyUnread } from '../store/reading.ts'
import type { ConsoleStore } from '../store/state.ts'
import { setUi, toast, toastFault } from '../store/store.ts'
import { subjectsAtCursor } from '../store/subjects.ts'
import { isPane } from '../store/ui.ts'
import { hiddenMarks } from '../store/visible.ts'
import { tableOf } from '../store/world.ts'
import { textLine } from '../views/lines.ts'
import type { ConsoleContext } from './context.ts'
import {
  approvalLines,
  confirmationFault,
  openReview,
  reviewFault,
  withConfirmed,
  worstOf,
} from './review.ts'

/**
 * For this time, in milliseconds, after the row under the cursor changed by itself, keys decide
 * nothing: they were meant for the row before.
 */
const SETTLE_MS = 150

/** Whether the row under the cursor has just changed by itself. Says so. */
export function justShifted({ store, now }: ConsoleContext): boolean {
  const { ui } = store.getState()
  if (ui.layers.length > 0 || !isPane(ui.focus) || now() - ui.shiftedAt[ui.focus] >= SETTLE_MS)
    return false
  toast(
    store,
    'Nothing was decided: the row under the cursor had just changed. Look, then press again.',
    'warn',
  )
  return true
}

export type Verb = 'allow' | 'deny'

/**
 * Decides approvals. One is allowed at once if all of what will run was on the screen and nothing
 * more has to be confirmed; anything else is shown whole first, and takes another key.
 */
export function decide(context: ConsoleContext, verb: Verb, ids: readonly string[]): void {
  const open = undecided(context.store, ids)
  const [first] = open
  if (first === undefined) toast(context.store, 'No approval is waiting here.', 'warn')
  else if (open.length > 1 || !isAtCursor(context.store, first.id))
    reviewMarked(context, verb, open)
  else if (verb === 'deny') void sendDecision(context, verb, { ids: [first.id] })
  else allowOne(context, first)
}

/** Whether an approval is the one that is shown to be decided; a marked one may not be. */
function isAtCursor(store: ConsoleStore, id: string): boolean {
  return subjectsAtCursor(store.getState()).some((s) => s.noun === 'approval' && s.id === id)
}

/** Those that are pending, and for which no decision was sent. */
function undecided(store: ConsoleStore, ids: readonly string[]): Approval[] {
  const { world, ui } = store.getState()
  return ids
    .map((id) => tableOf(world, 'approval').get(id))
    .filter((a) => a !== undefined)
    .filter(({ id, state }) => state === 'pending' && ui.deciding[id] === undefined)
}

function allowOne(context: ConsoleContext, a: Approval): void {
  const { store } = context
  const needed = confirmationsToAllow([a])
  const input = withConfirmed({ ids: [a.id] }, needed)
  const why = whyUnread(store.getState().ui.readings, a.id)
  if (why !== undefined) toast(store, `Allow: ${why}`, 'warn')
  else if (needed.every(({ what }) => what === 'seen')) void sendDecision(context, 'allow', input)
  else
    openReview(context, {
      title: `Allow at risk ${a.risk.score}?`,
      lines: approvalLines([a]),
      key: 'a',
      does: 'allow',
      danger: true,
      act: { actId: 'approval.allow', inputs: [input] },
    })
}

function reviewMarked(context: ConsoleContext, verb: Verb, open: readonly Approval[]): void {
  const ids = open.map(({ id }) => id)
  const score = worstOf(open)?.risk.score ?? 0
  const input = verb === 'deny' ? { ids } : withConfirmed({ ids }, confirmationsToAllow(open))
  openReview(context, {
    title: reviewTitle(verb, open.length, score),
    lines: [...hiddenLines(context.store, ids), ...approvalLines(open)],
    key: verb === 'allow' ? 'a' : 'd',
    does: open.length === 1 ? verb : `${verb} all ${open.length}`,
    danger: verb === 'allow' && score >= HIGH_RISK,
    act: { actId: `approval.${verb}`, inputs: [input] },
  })
}

function reviewTitle(verb: Verb, marked: number, score: number): string {
  const does = verb === 'allow' ? 'Allow' : 'Deny'
  return marked === 1
    ? `${does} the marked one, at risk ${score}?`
    : `${does} ${marked}, the worst at risk ${score}?`
}

/** Says how many of them the filter hides. */
function hiddenLines(store: ConsoleStore, ids: readonly string[]) {
  const hidden = hiddenMarks(store.getState(), 'approvals').filter((id) => ids.includes(id))
  if (hidden.length === 0) return []
  const are = hidden.length === 1 ? 'is' : 'are'
  return [textLine('warn', `⚠ ${hidden.length} of them ${are} outside of the filter.`)]
}

/** Sends a decision on what `input.ids` names. What has to be confirmed besides is asked. */
export async function sendDecision(
  context: ConsoleContext,
  verb: Verb,
  input: Record<string, unknown>,
): Promise<void> {
  const { store, link, now } = context
  const open = undecided(store, input['ids'] as string[])
  const at = now()
  setUi(store, (ui) => ({
    deciding: { ...ui.deciding, ...Object.fromEntries(open.map(({ id }) => [id, { verb, at }])) },
    marks: { ...ui.marks, approvals: [] },
  }))
  try {
    const answer = (await link.do(`approval.${verb}`, input)) as DecidedApprovals
    showDecided(store, verb, open, answer)
  } catch (thrown) {
    forget(store, open)
    const fault = confirmationFault(thrown)
    if (fault === undefined) toastFault(store, thrown, 'Not decided: ')
    else reviewFault(context, 'Allow?', fault, { actId: `approval.${verb}`, inputs: [input] })
  }
}

function showDecided(
  store: ConsoleStore,
  verb: Verb,
  open: readonly Approval[],
  { decided, failed }: DecidedApprovals,
): void {
  const [first] = open
  const what =
    open.length === 1 && first !== undefined
      ? `: ${first.agent} ${plain(first.action.target, 80)}`
      : ` ${decided.filter(({ state }) => state !== 'pending').length}`
  const waiting = decided.filter(({ state }) => state === 'pending')
  const done = new Set(decided.filter((a) => !waiting.includes(a)).map(({ id }) => id))
  if (done.size > 0)
    toast(
      store,
      verb === 'allow' ? `Allowed${what}` : `Denied${what}`,
      verb === 'allow' ? 'good' : 'info',
    )
  forget(
    store,
    open.filter(({ id }) => !done.has(id)),
  )
  for (const a of waiting.slice(0, 1)) toast(store, agreedText(a, waiting.length), 'info')
  if (failed.length === 0) return
  toast(
    store,
    `Not decided: ${count(failed.length, 'approval')}. ${failed[0]?.message ?? ''}`,
    'bad',
  )
}

/** That an agreement was taken, and whose word is missing. */
function agreedText(a: Approval, several: number): string {
  const more = several === 1 ? '' : ` And so for ${several - 1} more.`
  return `Agreed, and not decided yet: ${quorumText(a)}.${more}`
}

/** These are not being decided any more. */
function forget(store: ConsoleStore, approvals: readonly Approval[]): void {
  const ids = new Set(approvals.map(({ id }) => id))
  setUi(store, ({ deciding }) => ({
    deciding: Object.fromEntries(Object.entries(deciding).filter(([id]) => !ids.has(id))),
  }))
}

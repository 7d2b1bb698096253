import type { Clock } from '../../base/clock.ts'
import { asFault } from '../../base/fault.ts'
import { plain } from '../../base/text.ts'
import type { Caller } from '../../commands/act.ts'
import { HIGH_RISK, seenDigest } from '../../domain/approvals/rules.ts'
import type { Approval, DecidedApprovals } from '../../domain/approvals/types.ts'
import type { ChatLog } from '../../domain/chats/types.ts'
import type { ChatTap } from '../../ports/chat-bot.ts'
import {
  approvalMessages,
  detailsText,
  outcomeMessage,
  outcomeText,
  riskMessage,
} from './approval-message.ts'
import { readTap, type Asked } from './buttons.ts'
import type { ChatOutbox } from './outbox.ts'
import { doToAgents, sureMessage } from './stopping.ts'

/** What the answer to a tap needs. */
export interface TapParts {
  log: ChatLog
  clock: Clock
  execute(id: string, input: unknown, caller: Caller): unknown
}

interface Tapped {
  tap: ChatTap
  caller: Caller
  outbox: ChatOutbox
}

/** An answer that is shown for a moment; '' for none. */
type Said = string

/** Does what a tap asks for, as the operator who tapped, and says what came of it. */
export async function answerTap(parts: TapParts, tapped: Tapped): Promise<Said> {
  const asked = readTap(tapped.tap.data)
  if (asked === undefined) return 'This button is not known here'
  try {
    return await answer(parts, tapped, asked)
  } catch (thrown) {
    return notDone(thrown)
  }
}

async function answer(parts: TapParts, tapped: Tapped, asked: Asked): Promise<Said> {
  const { outbox, caller, tap } = tapped
  switch (asked.verb) {
    // It can be taken back, and has to be quick: one tap does it.
    case 'freeze':
      return doToAgents(parts, { ...asked, caller, outbox, message: tap.message })
    case 'thaw':
    case 'stop':
      outbox.replace(tap.message, sureMessage(asked.verb, asked.agent, parts.clock.now()))
      return ''
    case 'sure-stop':
    case 'sure-thaw': {
      const verb = asked.verb === 'sure-stop' ? 'stop' : 'thaw'
      return doToAgents(parts, { ...asked, verb, caller, outbox, message: tap.message })
    }
    case 'show':
      return showAgain(parts, tapped, asked.approval)
    case 'deny':
      return deny(parts, tapped, asked)
    default:
      return onApproval(parts, tapped, asked)
  }
}

type OnApproval = Extract<Asked, { digest: string }>

async function onApproval(parts: TapParts, tapped: Tapped, asked: OnApproval): Promise<Said> {
  const { outbox, caller, tap } = tapped
  const a = await approvalOf(parts, caller, asked.approval)
  if (asked.verb === 'details') {
    const { steps } = (await parts.execute('approval.why', { id: a.id }, caller)) as {
      steps: string[]
    }
    outbox.say({ text: detailsText(a, steps), replyTo: tap.message })
    return ''
  }
  if (a.state !== 'pending') return late(parts, tapped, a)
  if (asked.verb === 'back') {
    const last = approvalMessages(a, { now: parts.clock.now(), decides: true }).messages.at(-1)
    if (last !== undefined) outbox.replace(tap.message, last)
    return ''
  }
  if (asked.digest !== seenDigest([a])) return 'It is not what this message shows any more'
  if (asked.verb === 'allow' && a.risk.score >= HIGH_RISK) {
    outbox.replace(tap.message, riskMessage(a, tap.repliedText))
    return `Risk ${a.risk.score}: tap once more to allow it`
  }
  return allow(parts, tapped, { a, risk: asked.verb === 'risk' ? asked.score : undefined })
}

async function allow(
  parts: TapParts,
  tapped: Tapped,
  { a, risk }: { a: Approval; risk: string | undefined },
): Promise<Said> {
  const { log, execute } = parts
  const { tap, caller, outbox } = tapped
  const seen = seenDigest([a])
  await outbox.remembered()
  const shown = log.shown(outbox.chat.chat, a.id)
  // What was only shown in part, or to somebody else, was not seen.
  if (!shown.some(({ whole, digest }) => whole && digest === seen))
    return 'It was not shown whole here. Allow it in the console'
  const confirm = { seen, ...(risk === undefined ? {} : { risk }) }
  return decide(parts, tapped, a.id, () =>
    execute('approval.allow', { ids: [a.id], ...noteOf(tap), confirm }, caller),
  )
}

function deny(parts: TapParts, tapped: Tapped, { approval }: { approval: string }): Promise<Said> {
  const { tap, caller } = tapped
  return decide(parts, tapped, approval, () =>
    parts.execute('approval.deny', { ids: [approval], ...noteOf(tap) }, caller),
  )
}

/** Sends a decision. Somebody else may have decided in the same moment. */
async function decide(
  parts: TapParts,
  tapped: Tapped,
  id: string,
  send: () => unknown,
): Promise<Said> {
  try {
    const { decided } = (await send()) as DecidedApprovals
    const [a] = decided
    if (a === undefined) return 'Nothing was decided'
    // One that needs more people is still pending.
    if (a.state === 'pending') return 'Noted. It needs somebody else too'
    tellInPlace(parts, tapped, a)
    return a.state === 'allowed' ? 'Allowed' : 'Denied'
  } catch (thrown) {
    if (asFault(thrown).code !== 'approval.decided') throw thrown
    return late(parts, tapped, await approvalOf(parts, tapped.caller, id))
  }
}

/** Told to whoever decides what was decided already, perhaps by themselves. */
function late(parts: TapParts, tapped: Tapped, a: Approval): Said {
  tellInPlace(parts, tapped, a)
  const said = a.by === tapped.caller.actor ? 'You decided already' : 'Too late'
  return `${said}. ${outcomeText(a)}`
}

/** Messages that are remembered are brought in line by the outbox; another one is here. */
function tellInPlace({ log }: TapParts, { tap, outbox }: Tapped, a: Approval): void {
  if (log.byMessage(outbox.chat.chat, tap.message)?.approval !== a.id)
    outbox.replace(tap.message, outcomeMessage(a))
}

async function showAgain(parts: TapParts, tapped: Tapped, id: string): Promise<Said> {
  const a = await approvalOf(parts, tapped.caller, id)
  if (a.state !== 'pending') return `${outcomeText(a)}`
  tapped.outbox.showAgain(id)
  return ''
}

function approvalOf({ execute }: TapParts, caller: Caller, id: string): Promise<Approval> {
  return execute('approval.get', { id }, caller) as Promise<Approval>
}

const MAX_NOTE = 2000

/** The reason that the message with the button answers. */
function noteOf({ repliedText }: ChatTap): { note?: string } {
  return repliedText === undefined ? {} : { note: repliedText.slice(0, MAX_NOTE) }
}

/** A fault in at most 200 characters. */
export function notDone(thrown: unknown): string {
  const { message } = asFault(thrown)
  return plain(`Not done: ${message}`, 190)
}

import type { Clock } from '../../base/clock.ts'
import { count } from '../../base/text.ts'
import type { Caller } from '../../commands/act.ts'
import type { Agent } from '../../domain/agents/types.ts'
import type { Approval } from '../../domain/approvals/types.ts'
import type { ChatLog } from '../../domain/chats/types.ts'
import type { ChatMessage } from '../../ports/chat-bot.ts'
import type { PairedChat } from './chats.ts'
import { calendarDay } from './words.ts'

const DAY_MS = 86_400_000
/** The latest requests that are counted. */
const MOST_COUNTED = 2000

interface DigestParts {
  /** `08:00`, by the clock of the deck's machine; null for no digest. */
  at: string | null
  clock: Clock
  log: ChatLog
  chats(): PairedChat[]
  callerOf(chat: PairedChat): Caller | undefined
  execute(id: string, input: unknown, caller: Caller): unknown
  say(chat: PairedChat, message: ChatMessage, sent: () => Promise<unknown>): void
  problem(what: string): void
}

/** Sends every chat what happened in a day, once a day. One that was missed is sent later. */
export class DailyDigest implements Disposable {
  readonly #parts: DigestParts
  #cancel: (() => void) | undefined

  constructor(parts: DigestParts) {
    this.#parts = parts
    this.#tick()
  }

  [Symbol.dispose](): void {
    this.#cancel?.()
  }

  #tick(): void {
    const { at, clock, problem } = this.#parts
    if (at === null) return
    const now = clock.now()
    const due = dueBefore(at, now)
    this.#sendDue(due).catch((thrown: unknown) => problem(`no digest: ${String(thrown)}`))
    this.#cancel = clock.after(dueBefore(at, due + 1.5 * DAY_MS) - now, () => this.#tick())
  }

  async #sendDue(due: number): Promise<void> {
    const { log, clock, execute, chats, callerOf, say } = this.#parts
    const day = calendarDay(due)
    for (const chat of chats()) {
      const { id, trustedAt } = chat.device
      const caller = callerOf(chat)
      if (caller === undefined || trustedAt >= due || (log.lastDigest(id) ?? '') >= day) continue
      const agents = (await execute('agent.list', {}, caller)) as Agent[]
      const approvals = (await execute(
        'approval.list',
        { state: 'all', limit: MOST_COUNTED },
        caller,
      )) as Approval[]
      const text = digestText(agents, approvals, clock.now())
      say(chat, { text }, () => log.noteDigest(id, day))
    }
  }
}

/** The latest time of day `at` that is not after `time`. */
function dueBefore(at: string, time: number): number {
  const [hours = 0, minutes = 0] = at.split(':').map(Number)
  const due = new Date(time)
  due.setHours(hours, minutes, 0, 0)
  if (due.getTime() > time) due.setDate(due.getDate() - 1)
  return due.getTime()
}

function digestText(agents: readonly Agent[], approvals: readonly Approval[], now: number): string {
  const recent = approvals.filter(({ askedAt }) => askedAt >= now - DAY_MS)
  const of = (state: Approval['state']) => recent.filter((a) => a.state === state).length
  const up = agents.filter(({ phase }) => phase === 'up').length
  const waiting = approvals.filter(({ state }) => state === 'pending').length
  const most = recent.length === MOST_COUNTED ? ', of which only the latest are counted' : ''
  return [
    `The last 24 hours${most}`,
    `${count(agents.length, 'agent')}, ${up} running`,
    `${count(recent.length, 'request')}: ${of('allowed')} allowed, ${of('denied')} denied, ${of('expired')} without an answer`,
    `${waiting} waiting now`,
  ].join('\n')
}

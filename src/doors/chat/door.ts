import type { Clock } from '../../base/clock.ts'
import type { Caller } from '../../commands/act.ts'
import type { Channel } from '../../domain/alerts/types.ts'
import type { ChatLog } from '../../domain/chats/types.ts'
import type { OperatorAccess } from '../../domain/operators/types.ts'
import type { ChatBot, ChatMessage, ChatSaid, ChatTap } from '../../ports/chat-bot.ts'
import { chatAlertChannel } from './alert-channel.ts'
import { Chats, type PairedAccounts, type PairedChat } from './chats.ts'
import { Contact } from './contact.ts'
import { DailyDigest } from './digest.ts'
import { ChatOutbox } from './outbox.ts'
import { takeOffer } from './pairing.ts'
import { answerSaid } from './said.ts'
import { Strangers } from './strangers.ts'
import { answerTap, notDone } from './taps.ts'
import { takeUpdates } from './updates.ts'

/** What the door needs of the supervisor. */
export interface ChatDoorParts {
  bot: ChatBot
  /** The number of the bot. */
  botId: number
  log: ChatLog
  accounts: PairedAccounts
  operators: Pick<OperatorAccess, 'active' | 'whileTrusted'>
  clock: Clock
  digestAt: string | null
  execute(id: string, input: unknown, caller: Caller): unknown
  problem(what: string): void
}

/** How a door to a chat service is. */
export interface ChatDoorState {
  /** Unix milliseconds; null before the first time. */
  lastContactAt: number | null
  problem: string | null
  chats: number
  /** Messages of people who are not paired. */
  ignored: number
}

/**
 * The door for paired people in private chats. It says the same acts as every door, as the operator
 * whose account it is; everybody else gets nothing.
 */
export class ChatDoor implements AsyncDisposable {
  /** How operators are told what is escalated to them. */
  readonly channel: Channel
  readonly #parts: ChatDoorParts
  readonly #close = new AbortController()
  readonly #contact: Contact
  readonly #chats: Chats
  readonly #outboxes = new Map<string, ChatOutbox>()
  readonly #strangers: Strangers
  readonly #digest: DailyDigest
  readonly #taking: Promise<void>

  constructor(parts: ChatDoorParts) {
    const { bot, log, accounts, operators, clock, botId, problem } = parts
    this.#parts = parts
    const gone = this.#close.signal
    this.#contact = new Contact(clock, gone)
    this.#chats = new Chats(accounts, operators, gone)
    this.channel = chatAlertChannel({
      chats: () => this.#chats.all(),
      callerOf: (chat) => this.#chats.caller(chat),
      outboxOf: (chat) => this.#outboxOf(chat),
    })
    this.#strangers = new Strangers(clock, (messages, people) =>
      this.#noted(log.noteIgnored(botId, messages, people)),
    )
    this.#digest = new DailyDigest({
      ...parts,
      at: parts.digestAt,
      chats: () => this.#chats.all(),
      callerOf: (chat) => this.#chats.caller(chat),
      say: (chat, message, sent) => this.#outboxOf(chat).say(message, sent),
    })
    this.#taking = takeUpdates({
      bot,
      contact: this.#contact,
      clock,
      before: log.position(botId),
      take: (update) => {
        if (update.kind === 'said') return this.#hear(update)
        return update.kind === 'tap' ? this.#tapped(update) : Promise.resolve(false)
      },
      noteTaken: (upTo) => log.noteTaken(botId, upTo),
      problem,
    })
    this.changed()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#close.abort()
    this.#digest[Symbol.dispose]()
    await this.#taking
    await this.#strangers[Symbol.asyncDispose]()
  }

  state(): ChatDoorState {
    const { lastAt, problem } = this.#contact.state
    return {
      lastContactAt: lastAt,
      problem,
      chats: this.#chats.all().length,
      ignored: this.#parts.log.position(this.#parts.botId).ignored,
    }
  }

  /** Approvals, devices or operators changed. */
  changed(): void {
    const chats = this.#chats.all()
    for (const chat of chats) this.#outboxOf(chat).kick()
    const here = new Set(chats.map(({ device }) => device.id))
    for (const id of this.#outboxes.keys()) if (!here.has(id)) this.#outboxes.delete(id)
  }

  /** Answers whether it has to be remembered that this was taken. */
  async #hear(said: ChatSaid): Promise<boolean> {
    const { execute, accounts } = this.#parts
    const parts = { accounts, execute, gone: this.#contact.gone, send: this.#sendOnce }
    if (await takeOffer(parts, said)) return true
    const chat = this.#chats.of(said.from.user)
    const caller = chat === undefined ? undefined : this.#chats.caller(chat)
    if (chat === undefined || caller === undefined) {
      this.#strangers.ignored(said.from.user)
      return false
    }
    const outbox = this.#outboxOf(chat)
    try {
      await outbox.remembered()
      outbox.say(await answerSaid(this.#parts, said, caller))
    } catch (thrown) {
      outbox.say({ text: notDone(thrown) })
    }
    return true
  }

  async #tapped(tap: ChatTap): Promise<boolean> {
    const chat = this.#chats.of(tap.from.user)
    const caller = chat === undefined ? undefined : this.#chats.caller(chat)
    if (chat === undefined || caller === undefined) {
      this.#strangers.ignored(tap.from.user)
      return false
    }
    const outbox = this.#outboxOf(chat)
    const said = await answerTap(this.#parts, { tap, caller, outbox })
    // The message itself says what came of it. This answer is for the moment, and may be lost.
    void this.#noted(this.#parts.bot.answer(tap.tap, said, this.#contact.gone))
    return true
  }

  #outboxOf(chat: PairedChat): ChatOutbox {
    const known = this.#outboxes.get(chat.device.id)
    if (known !== undefined) return known
    const { bot, log, clock, execute, problem } = this.#parts
    const outbox = new ChatOutbox(chat, {
      bot,
      log,
      clock,
      execute,
      problem,
      contact: this.#contact,
      callerOf: (one) => this.#chats.caller(one),
    })
    this.#outboxes.set(chat.device.id, outbox)
    return outbox
  }

  readonly #sendOnce = (chat: number, message: ChatMessage): Promise<void> =>
    this.#noted(this.#parts.bot.send(chat, message, this.#contact.gone))

  #noted(done: Promise<unknown>): Promise<void> {
    return done.then(
      () => undefined,
      (thrown: unknown) => {
        if (!this.#contact.gone.aborted)
          this.#parts.problem(`a chat was not told something: ${String(thrown)}`)
      },
    )
  }
}

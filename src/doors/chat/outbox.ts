import { ChatRefusal } from '../../base/chat-refusal.ts'
import type { Clock } from '../../base/clock.ts'
import { asFault } from '../../base/fault.ts'
import type { Caller } from '../../commands/act.ts'
import { seenDigest } from '../../domain/approvals/rules.ts'
import { timeLeft } from '../../domain/approvals/holding/rules.ts'
import type { Approval } from '../../domain/approvals/types.ts'
import type { ChatLog, ShownApproval } from '../../domain/chats/types.ts'
import { RIGHTS } from '../../domain/operators/rules.ts'
import type { ChatBot, ChatMessage } from '../../ports/chat-bot.ts'
import { approvalMessages, outcomeMessage } from './approval-message.ts'
import type { PairedChat } from './chats.ts'
import { unlessInvalid, type Contact } from './contact.ts'

/** What a chat is sent, and how. */
export interface OutboxParts {
  bot: ChatBot
  log: ChatLog
  clock: Clock
  contact: Contact
  callerOf(chat: PairedChat): Caller | undefined
  execute(id: string, input: unknown, caller: Caller): unknown
  problem(what: string): void
}

/** So many approvals are shown at once in one chat; more are named. */
const MOST_SHOWN = 20
/** Answers that wait to be sent; more are not. */
const MOST_ANSWERS = 50
const LISTED = 100

type Step = () => Promise<unknown>

/**
 * Brings one chat in line with the deck: shows what waits, and what became of what was shown. It
 * compares what is with what was shown, so what an outage or a crash left out is done later, and
 * nothing is done twice.
 */
export class ChatOutbox {
  readonly chat: PairedChat
  readonly #parts: OutboxParts
  readonly #answers: Step[] = []
  /** How many messages of an approval were sent before one failed. */
  readonly #sentParts = new Map<string, number>()
  /** Approvals whose messages the service does not take. */
  readonly #refused = new Set<string>()
  #showing: Promise<void> = Promise.resolve()
  #isRunning = false
  #dirty = false
  #more = 0

  constructor(chat: PairedChat, parts: OutboxParts) {
    this.chat = chat
    this.#parts = parts
  }

  /** Something changed. */
  kick(): void {
    this.#dirty = true
    if (this.#isRunning) return
    this.#isRunning = true
    void this.#run().finally(() => {
      this.#isRunning = false
      if (this.#dirty || this.#answers.length > 0) this.kick()
    })
  }

  /** Sends a message besides approvals, then does what follows from that. */
  say(message: ChatMessage, sent: () => Promise<unknown> = async () => undefined): void {
    this.#enqueue(() => this.#send(message).then(sent))
  }

  replace(message: number, to: ChatMessage): void {
    const { bot, contact } = this.#parts
    this.#enqueue(() => bot.edit(this.chat.chat, message, to, contact.gone))
  }

  /** Shows an approval once more, below what was said since. */
  showAgain(id: string): void {
    this.#enqueue(() => this.#show(id))
  }

  #enqueue(step: Step): void {
    if (this.#answers.length >= MOST_ANSWERS) return
    this.#answers.push(step)
    this.kick()
  }

  async #run(): Promise<void> {
    const { contact, problem } = this.#parts
    let tries = 0
    while (this.#dirty || this.#answers.length > 0) {
      this.#dirty = false
      try {
        await this.#answerAll()
        await this.#showAll()
        tries = 0
      } catch (thrown) {
        if (!(thrown instanceof ChatRefusal))
          problem(`a chat was not brought up to date: ${asFault(thrown).message}`)
        if (!(await contact.waitAfter(thrown, ++tries))) return this.#giveUp()
        this.#dirty = true
      }
    }
  }

  #giveUp(): void {
    this.#dirty = false
    this.#answers.length = 0
  }

  async #answerAll(): Promise<void> {
    for (;;) {
      const [step] = this.#answers
      if (step === undefined) return
      if (this.#caller() === undefined) return this.#giveUp()
      await unlessInvalid(step)
      this.#answers.shift()
    }
  }

  async #showAll(): Promise<void> {
    const caller = this.#caller()
    if (caller === undefined) return
    const pending = (await this.#parts.execute(
      'approval.list',
      { state: 'pending', limit: LISTED },
      caller,
    )) as Approval[]
    const open = this.#parts.log.open(this.chat.chat)
    await this.#tellOutcomes(open, new Set(pending.map(({ id }) => id)), caller)
    const shown = new Set(open.map(({ approval }) => approval))
    const unseen = pending.filter(({ id }) => !shown.has(id) && !this.#refused.has(id))
    const room = MOST_SHOWN - pending.filter(({ id }) => shown.has(id)).length
    for (const { id } of unseen.slice(0, Math.max(0, room))) {
      if (!(await unlessInvalid(() => this.#show(id)))) this.#refuse(id)
      await this.#answerAll()
    }
    await this.#tellMore(unseen.length - Math.max(0, room))
  }

  async #tellOutcomes(
    open: readonly ShownApproval[],
    pending: ReadonlySet<string>,
    caller: Caller,
  ): Promise<void> {
    const { bot, log, contact, execute } = this.#parts
    for (const shown of open) {
      const sees = caller.agents?.has(shown.agent) ?? true
      if (!sees || pending.has(shown.approval)) continue
      const approval = (await execute('approval.get', { id: shown.approval }, caller)) as Approval
      if (approval.state === 'pending') continue
      await unlessInvalid(() =>
        bot.edit(this.chat.chat, shown.message, outcomeMessage(approval), contact.gone),
      )
      await log.noteUpdated(shown, approval.state)
      await this.#answerAll()
    }
  }

  /** Resolves when what is being shown just now is remembered. */
  remembered(): Promise<void> {
    return this.#showing
  }

  #show(id: string): Promise<void> {
    const shown = this.#showPending(id)
    this.#showing = shown.catch(() => undefined)
    return shown
  }

  /** Shows an approval, unless it was decided meanwhile. */
  async #showPending(id: string): Promise<void> {
    const { execute, clock, log } = this.#parts
    const caller = this.#caller()
    if (caller === undefined) return
    const approval = (await execute('approval.get', { id }, caller)) as Approval
    if (approval.state !== 'pending' || timeLeft(approval, clock.now()) <= 0) return
    const decides = RIGHTS[caller.role].has('decide')
    const { messages, whole } = approvalMessages(approval, { now: clock.now(), decides })
    const digest = seenDigest([approval])
    let complete = whole
    let message = 0
    for (const part of messages.slice(this.#sentParts.get(id) ?? 0)) {
      if (this.#caller() === undefined) return
      const sent = await this.#send(part)
      message = sent.message
      // What the service changed was not shown as it is.
      complete &&= sent.text === part.text
      this.#sentParts.set(id, (this.#sentParts.get(id) ?? 0) + 1)
    }
    const { chat, device } = this.chat
    const where = { chat, message, device: device.id, agent: approval.agent }
    await log.noteShown({ ...where, approval: id, digest, whole: complete })
    this.#sentParts.delete(id)
  }

  /** Says that more waits than is shown, once until all of it is shown. */
  async #tellMore(more: number): Promise<void> {
    if (more > 0 && this.#more === 0)
      await this.#send({
        text: `${MOST_SHOWN} requests are shown here, and more wait. /approvals lists them.`,
      })
    this.#more = Math.max(0, more)
  }

  #refuse(id: string): void {
    this.#refused.add(id)
    this.#parts.problem(`${id} is not shown in a chat: the chat service does not take its message`)
  }

  #caller(): Caller | undefined {
    return this.#parts.callerOf(this.chat)
  }

  #send(message: ChatMessage) {
    const { bot, contact } = this.#parts
    return bot.send(this.chat.chat, message, contact.gone).then((sent) => {
      contact.made()
      return sent
    })
  }
}

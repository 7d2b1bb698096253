import { asFault } from '../../base/fault.ts'
import { plain } from '../../base/text.ts'
import type { Journal } from '../../journal/journal.ts'
import { asEvent, type eventReader } from '../../journal/read.ts'
import type { DeckEvent } from '../../journal/types.ts'
import type { Store } from '../../store/open.ts'
import type { Approval } from '../approvals/types.ts'
import { messageIn, recipientParts, tells } from './rules.ts'
import type { AlertChannels, AlertMessage, Channel } from './types.ts'

export interface TellerParts {
  journal: Journal
  store: Store
  read: Pick<ReturnType<typeof eventReader>, 'one'>
  problem: (what: string) => void
}

/** Messages that are handed over at the same time. */
const AT_ONCE = 20
/** How long a channel may take. */
const MAX_MS = 60_000
const MAX_WHY = 200

/**
 * Hands messages to the channels of those that they name, and writes down what became of each. A
 * message of which that is not known, since the supervisor was killed, is handed over again.
 */
export class Teller implements AlertChannels, AsyncDisposable {
  readonly #parts: TellerParts
  readonly #channels = new Set<Channel>()
  readonly #waiting: DeckEvent[] = []
  readonly #stop = new AbortController()
  #telling = 0
  #unfollow = (): void => undefined

  constructor(parts: TellerParts) {
    this.#parts = parts
  }

  register(channel: Channel): () => void {
    this.#channels.add(channel)
    return () => {
      this.#channels.delete(channel)
    }
  }

  start(): void {
    const { journal, store, read } = this.#parts
    const seqs = store
      .prepare<[], number>("SELECT row ->> 'seq' FROM alert ORDER BY row ->> 'seq'")
      .pluck()
      .all()
    for (const seq of seqs) {
      const stored = read.one(seq)
      if (stored !== undefined) this.#waiting.push(asEvent(stored))
    }
    this.#unfollow = journal.follow(({ events }) => {
      for (const event of events) if (tells(event)) this.#waiting.push(event)
      this.#tellNext()
    })
    this.#tellNext()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#unfollow()
    this.#stop.abort()
  }

  #tellNext(): void {
    while (this.#telling < AT_ONCE) {
      const event = this.#waiting.shift()
      if (event === undefined) return
      if (!tells(event) || event.body.to.length === 0) continue
      this.#telling++
      void this.#tell(messageIn(event), event.body.to).finally(() => {
        this.#telling--
        this.#tellNext()
      })
    }
  }

  async #tell(message: AlertMessage, to: readonly string[]): Promise<void> {
    const results = await Promise.all(to.map((recipient) => this.#tellOne(message, recipient)))
    if (this.#stop.signal.aborted) return
    const failed = results.filter((result) => result.why !== '')
    const told = results.filter((result) => result.why === '').map((result) => result.to)
    const subject = message.question?.agent ?? ''
    const body = { of: message.seq, told, failed }
    await this.#parts.journal
      .append(() => [{ type: 'alert.told', actor: 'supervisor', subject, body }])
      .catch((thrown: unknown) => this.#parts.problem(asFault(thrown).message))
  }

  /** `why` it was not told; '' if it was. */
  async #tellOne(message: AlertMessage, to: string): Promise<{ to: string; why: string }> {
    const { name, who } = recipientParts(to)
    const channels = [...this.#channels].filter((channel) =>
      name === 'operator' ? channel.reaches?.(who) === true : channel.name === name,
    )
    if (message.kind === 'question' && !this.#waits(message)) return { to, why: 'it was decided' }
    if (channels.length === 0)
      return {
        to,
        why: name === 'operator' ? `${who} cannot be reached now` : 'it is not set up',
      }
    // A person is told once one of their devices is.
    return Promise.any(channels.map((channel) => this.#deliver(channel, message, who))).then(
      () => ({ to, why: '' }),
      ({ errors: [first] }: AggregateError) => ({
        to,
        why: plain(asFault(first).message, MAX_WHY),
      }),
    )
  }

  #waits({ question }: AlertMessage): boolean {
    const { rows } = this.#parts.journal
    return rows.get<Approval>('approval', question?.id ?? '')?.state === 'pending'
  }

  async #deliver(channel: Channel, message: AlertMessage, who: string): Promise<void> {
    const signal = AbortSignal.any([this.#stop.signal, AbortSignal.timeout(MAX_MS)])
    const aborted = Promise.withResolvers<never>()
    signal.addEventListener('abort', () => aborted.reject(signal.reason), { once: true })
    await Promise.race([channel.deliver(message, who, signal), aborted.promise])
  }
}

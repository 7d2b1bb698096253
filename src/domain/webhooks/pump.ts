import type { Clock } from '../../base/clock.ts'
import { asFault } from '../../base/fault.ts'
import { asEvent, type eventReader } from '../../journal/read.ts'
import type { DeckEvent } from '../../journal/types.ts'
import type { AttemptResult } from './attempt.ts'
import type { DeliveryQueue, QueuedEvent } from './queue.ts'
import type { Delivery } from './types.ts'

/** What the deliveries of every webhook are made with. */
export interface PumpParts {
  clock: Clock
  read: Pick<ReturnType<typeof eventReader>, 'since' | 'one'>
  /** The number of the latest event. */
  head: () => number
  queue: DeliveryQueue
  /** From 0 to 1. */
  random: () => number
  problem: (what: string) => void
}

/** A delivery that was given up. */
export interface GivenUp {
  delivery: string
  event: number
  attempts: number
  why: string
}

/** What a pump delivers, and how. */
export interface PumpTarget {
  /** Its name. */
  id: string
  /** Under which the queue knows it. */
  ref: string
  /** It hears of what comes after this event. */
  after: number
  /** Failures in a row so far. */
  failures: number
  /** Whether events of a type may be for it. */
  hears: (type: string) => boolean
  /** Whether this event, of such a type, is for it. */
  wants: (event: DeckEvent) => boolean
  attempt: (delivery: Delivery, signal: AbortSignal) => Promise<AttemptResult>
  /** After so many attempts a delivery is given up. */
  mostAttempts: number
  /** How long to wait after so many attempts of a delivery. `random` is from 0 to 1. */
  retryWait: (attempts: number, random: number) => number
  /** How long it is left alone after so many failures in a row. */
  failurePause: (failures: number, random: number) => number
  /** An attempt failed, as so many before it. */
  failed: (failures: number, why: string) => void
  /** Something arrived after so many failures. */
  recovered: (failures: number) => void
  gaveUp: (given: GivenUp) => void
}

/** The most that waits of one webhook. What comes then stays in the journal until there is room. */
const MOST_WAITING = 256
/** Events read at a time. */
const SLICE = 200
/** Requests at the same time to one webhook that works. */
const AT_ONCE = 4
/** How long it rests when its queue cannot be read or written, as on a full disk. */
const REST_MS = 30_000
/** How far it may have read before that is written down without anything to deliver. */
const NOTE_CURSOR_EVERY = 1000

/** Delivers to one webhook. Only its own requests wait for it. */
export class Pump implements AsyncDisposable {
  readonly #parts: PumpParts
  readonly #hook: PumpTarget
  readonly #sending = new Map<number, Promise<void>>()
  readonly #stop = new AbortController()
  /** Everything up to here was taken, or is not for it. */
  #readTo: number
  #noted: number
  #found: QueuedEvent[] = []
  /** Whether it has read all there is, so that new events are handed to it. */
  #isLive = false
  #isScheduled = false
  #cancelTimer: () => void = () => undefined
  #failures: number
  #pausedUntil = 0

  constructor(parts: PumpParts, hook: PumpTarget) {
    this.#parts = parts
    this.#hook = hook
    this.#failures = hook.failures
    const known = parts.queue.cursor(hook.ref)
    this.#readTo = known ?? hook.after
    // The journal was cut: numbers that were read come again, for other events.
    if (this.#readTo > parts.head()) {
      this.#readTo = parts.head()
      parts.queue.cut(hook.ref, this.#readTo)
    }
    this.#noted = known === undefined ? -1 : this.#readTo
  }

  get id(): string {
    return this.#hook.id
  }

  /** Whether events of a type may be for it. */
  hears(type: string): boolean {
    return this.#hook.hears(type)
  }

  start(): void {
    this.#schedule()
  }

  /** New events of types that it hears of. */
  offer(event: DeckEvent): void {
    if (!this.#isLive) return
    if (this.#hook.wants(event)) this.#found.push(queued(this.#hook, event))
    this.#schedule()
  }

  /** All events up to here were offered, as far as it hears of them. */
  passed(seq: number): void {
    if (!this.#isLive) return
    this.#readTo = seq
    if (seq - this.#noted > NOTE_CURSOR_EVERY) this.#schedule()
  }

  /** Something may be due earlier than it knew. */
  wake(): void {
    this.#pausedUntil = 0
    this.#schedule()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#cancelTimer()
    this.#take(this.#found.splice(0))
    this.#isLive = false
    this.#stop.abort()
    await Promise.all(this.#sending.values())
  }

  #schedule(): void {
    if (this.#isScheduled || this.#stop.signal.aborted) return
    this.#isScheduled = true
    setImmediate(() => {
      this.#isScheduled = false
      if (!this.#stop.signal.aborted) this.#turn()
    })
  }

  /** Reads a little, and sends what is due. What fails is read from the journal again later. */
  #turn(): void {
    try {
      this.#store()
      if (!this.#isLive) this.#readOn()
      this.#send()
    } catch (thrown) {
      this.#rest(thrown)
    }
  }

  #rest(thrown: unknown): void {
    const { problem, clock } = this.#parts
    problem(`webhook ${this.#hook.id} rests for a while: ${asFault(thrown).message}`)
    this.#cancelTimer()
    this.#cancelTimer = clock.after(REST_MS, () => {
      this.#isLive = false
      this.#readTo = Math.max(this.#noted, this.#hook.after)
      this.#schedule()
    })
  }

  /** Puts what was offered into the queue. */
  #store(): void {
    const found = this.#found.splice(0)
    const isNoted = this.#noted >= 0 && this.#readTo - this.#noted <= NOTE_CURSOR_EVERY
    if (found.length > 0 || !isNoted) this.#take(found)
    // No more is taken than there is room for: the rest is read from the journal later.
    if (found.length > 0 && this.#room() <= 0) this.#isLive = false
  }

  #take(found: readonly QueuedEvent[]): void {
    const { queue, clock } = this.#parts
    queue.take(this.#hook.ref, found, this.#readTo, clock.now())
    this.#noted = this.#readTo
  }

  #room(): number {
    return MOST_WAITING - this.#parts.queue.waiting(this.#hook.ref)
  }

  #readOn(): void {
    const most = Math.min(SLICE, this.#room())
    if (most <= 0) return
    const slice = this.#parts.read.since(this.#readTo, most)
    const found = slice
      .filter(({ type }) => this.hears(type))
      .map(asEvent)
      .filter((event) => this.#hook.wants(event))
    this.#readTo = slice.at(-1)?.seq ?? this.#readTo
    this.#take(found.map((event) => queued(this.#hook, event)))
    this.#isLive = slice.length < most
    if (!this.#isLive) this.#schedule()
  }

  #send(): void {
    const { queue, clock } = this.#parts
    const now = clock.now()
    this.#cancelTimer()
    const most = this.#failures === 0 ? AT_ONCE : 1
    if (now >= this.#pausedUntil && this.#sending.size < most)
      for (const delivery of queue.due(this.#hook.ref, now, most + this.#sending.size)) {
        if (this.#sending.size >= most) break
        if (this.#sending.has(delivery.event)) continue
        this.#sending.set(delivery.event, this.#deliver(delivery))
      }
    const next = queue.nextAt(this.#hook.ref)
    if (this.#sending.size > 0 || next === undefined) return
    const wait = Math.max(next, this.#pausedUntil) - now
    this.#cancelTimer = clock.after(wait, () => this.#schedule())
  }

  async #deliver(delivery: Delivery): Promise<void> {
    const { status, why, isOver } = await this.#hook.attempt(delivery, this.#stop.signal)
    this.#sending.delete(delivery.event)
    if (this.#stop.signal.aborted) return
    try {
      if (why === '') this.#arrived(delivery, status)
      else this.#failed(delivery, { status, why, isOver })
      this.#schedule()
    } catch (thrown) {
      this.#rest(thrown)
    }
  }

  #arrived({ event, attempts }: Delivery, status: number | null): void {
    const { queue, clock } = this.#parts
    const at = clock.now()
    const done = { event, attempts: attempts + 1, state: 'delivered', at, status, why: '' } as const
    queue.attempted(this.#hook.ref, done)
    if (this.#failures > 0) queue.hurry(this.#hook.ref, at)
    if (this.#failures > 0) this.#hook.recovered(this.#failures)
    this.#failures = 0
    this.#pausedUntil = 0
  }

  #failed({ event, id, attempts: before }: Delivery, { status, why, isOver }: AttemptResult): void {
    const { queue, clock, random } = this.#parts
    const hook = this.#hook
    const attempts = before + 1
    const isDead = isOver || attempts >= hook.mostAttempts
    const now = clock.now()
    this.#failures++
    this.#pausedUntil = now + hook.failurePause(this.#failures, random())
    const at = isDead ? now : now + hook.retryWait(attempts, random())
    const state = isDead ? 'dead' : 'waiting'
    queue.attempted(this.#hook.ref, { event, attempts, state, at, status, why })
    hook.failed(this.#failures, why)
    if (isDead) hook.gaveUp({ delivery: id, event, attempts, why })
  }
}

function queued({ ref }: Pick<PumpTarget, 'ref'>, { seq, hash, type }: DeckEvent): QueuedEvent {
  // With the hash, since the number comes again where a journal was cut.
  return { id: `${ref}.${seq}.${hash.slice(0, 8)}`, event: seq, type }
}

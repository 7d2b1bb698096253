import { AsyncLocalStorage } from 'node:async_hooks'
import { FairQueue } from './fair-queue.ts'

/**
 * Milliseconds of agents' work before everything else is served: sockets, timers, operators.
 * Several cheap questions fit in, so that they are committed together.
 */
const TURN_MS = 4
/** At least this much of a turn is left for questions that arrive before the next one. */
const ARRIVALS_MS = 1
/** What a question is expected to take before anything is known of its agent, and at least. */
const EXPECTED_MS = 0.5
const LEAST_MS = 0.05
/** What a question may take by its size alone, whatever earlier ones of its agent took. */
const MS_PER_BYTE = 2 / (64 << 10)
/** Questions of one agent that may wait for their turn. */
const MAX_WAITING = 128
/** Turns in a row that agents leave to operators whose requests are under way. */
const MAX_YIELDED = 8

/** A question while it is worked on, and the time that was spent on it. */
interface Ticket {
  ms: number
}

interface TurnsOptions {
  /** A clock in milliseconds, and how work is put off until everything else had a chance. */
  now?: () => number
  later?: (work: () => void) => void
}

/**
 * Shares the supervisor's one thread between agents, by the time spent on each, and puts operators
 * before all of them. Agents' work is done in small amounts, between which everything else is
 * served.
 */
export class Turns {
  readonly #queue = new FairQueue<() => void>(MAX_WAITING)
  readonly #tickets = new AsyncLocalStorage<Ticket>()
  /** What the next question of an agent will probably take. */
  readonly #expected = new Map<string, number>()
  readonly #now: () => number
  readonly #later: (work: () => void) => void
  #left = TURN_MS
  #isScheduled = false
  #operators = 0
  #yielded = 0

  constructor({ now = () => performance.now(), later = setImmediate }: TurnsOptions = {}) {
    this.#now = now
    this.#later = later
  }

  /**
   * Does an agent's work on so many bytes when it is its turn, in order. Undefined if too much work
   * of the agent waits already.
   */
  take<T>(agent: string, work: () => Promise<T>, bytes = 0): Promise<T> | undefined {
    const { promise, resolve } = Promise.withResolvers<T>()
    const start = (): void => resolve(this.#run(agent, work, bytes))
    if (!this.#queue.push(agent, start)) return undefined
    // At once, it is committed together with what the latest turn began.
    if (this.#operators === 0 && this.#queue.first() === agent && this.#fits(agent)) this.#next()
    this.#schedule()
    return promise
  }

  /** Does an operator's work at once. Agents' work waits until it is done, though not for ever. */
  first<T>(work: () => T): T {
    this.#operators++
    const end = (): void => void this.#operators--
    let result: T
    try {
      result = work()
    } catch (thrown) {
      end()
      throw thrown
    }
    if (result instanceof Promise) result.then(end, end)
    else end()
    return result
  }

  /** Counts the time of a part of an agent's work that is not done at once, but later. */
  timed<A extends unknown[], R>(part: (...args: A) => R): (...args: A) => R {
    const ticket = this.#tickets.getStore()
    return ticket === undefined
      ? part
      : (...args) => {
          const began = this.#now()
          try {
            return part(...args)
          } finally {
            ticket.ms += this.#now() - began
          }
        }
  }

  #schedule(): void {
    if (this.#isScheduled) return
    this.#isScheduled = true
    this.#later(() => this.#turn())
  }

  #turn(): void {
    this.#isScheduled = false
    this.#left = TURN_MS
    if (this.#queue.size === 0) {
      this.#queue.prune()
      return
    }
    if (this.#operators > 0 && this.#yielded < MAX_YIELDED) this.#yielded++
    else {
      this.#yielded = 0
      this.#next()
      while (this.#fits(this.#queue.first())) this.#next()
      this.#left = Math.max(this.#left, ARRIVALS_MS)
    }
    // Last: what was begun now is judged before the next turn, so that its time counts there.
    this.#schedule()
  }

  /** Whether another question of an agent can be done in this turn. */
  #fits(agent: string | undefined): boolean {
    return agent !== undefined && this.#expectedOf(agent) <= this.#left
  }

  #next(): void {
    this.#queue.next()?.item()
  }

  async #run<T>(agent: string, work: () => Promise<T>, bytes: number): Promise<T> {
    const ticket: Ticket = { ms: 0 }
    const began = this.#now()
    let charged = 0
    try {
      // What is not done at once is charged as expected, until it is known.
      const result = this.#tickets.run(ticket, work)
      ticket.ms += this.#now() - began
      charged = Math.max(this.#expectedOf(agent), bytes * MS_PER_BYTE, ticket.ms)
      this.#queue.charge(agent, charged)
      this.#left -= charged
      return await result
    } finally {
      const ms = Math.max(LEAST_MS, ticket.ms)
      this.#queue.charge(agent, ms - charged)
      this.#learn(agent, ms)
    }
  }

  #expectedOf(agent: string): number {
    return this.#expected.get(agent) ?? EXPECTED_MS
  }

  /** Expects at once as much as the latest took, and only slowly less. */
  #learn(agent: string, ms: number): void {
    const expected = this.#expectedOf(agent)
    this.#expected.set(agent, Math.max(ms, expected + (ms - expected) / 5))
  }

  /** Forgets an agent that is gone. */
  forget(agent: string): void {
    this.#expected.delete(agent)
  }
}

import type { Clock } from '../../base/clock.ts'

/** At most one event in this time, however many write. */
const EVERY_MS = 10 * 60_000
/** People are told apart up to so many. */
const MOST_PEOPLE = 1000

/** Counts messages of people who are not paired. They are answered nothing. */
export class Strangers implements AsyncDisposable {
  readonly #clock: Clock
  readonly #note: (messages: number, people: number) => Promise<void>
  readonly #people = new Set<number>()
  #messages = 0
  #cancel: (() => void) | undefined

  constructor(clock: Clock, note: (messages: number, people: number) => Promise<void>) {
    this.#clock = clock
    this.#note = note
  }

  /** The first message is noted at once, those that follow together. */
  ignored(user: number): void {
    this.#messages++
    if (this.#people.size < MOST_PEOPLE) this.#people.add(user)
    if (this.#cancel === undefined) this.#tell()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#cancel?.()
    if (this.#messages > 0) await this.#note(this.#messages, this.#people.size)
    this.#messages = 0
  }

  #tell(): void {
    this.#cancel = undefined
    if (this.#messages === 0) return
    void this.#note(this.#messages, this.#people.size)
    this.#messages = 0
    this.#people.clear()
    this.#cancel = this.#clock.after(EVERY_MS, () => this.#tell())
  }
}

import type { Clock } from '../../../base/clock.ts'
import type { Journal } from '../../../journal/journal.ts'
import type { Draft } from '../../../journal/types.ts'
import type { Store } from '../../../store/open.ts'
import { absenceTimes, type AbsenceTerms } from './rules.ts'
import type { Absence } from './types.ts'

interface DeadManParts {
  journal: Journal
  store: Store
  clock: Clock
  terms: AbsenceTerms
  /** Who is warned. */
  to: () => readonly string[]
  /** Whether a console of somebody who may act is open now. */
  isSomebodyHere: () => boolean
  freezeAll: (why: string, actor: string) => Promise<unknown>
  problem: (what: string) => void
}

const RETRY_MS = 5000
/** How often that somebody was seen is looked at, at most: each request of theirs tells it. */
const SEEN_MS = 1000
/** Events that are searched at the start for the last operator. */
const SEARCHED = 20_000

/**
 * Freezes the fleet, or denies everything, when no operator was seen for too long, and warns
 * before. An operator is seen while a console of theirs is open, and by whatever they do at any
 * door. Being seen again ends a denial; what is frozen is thawed by somebody.
 */
export class DeadMan implements Disposable {
  readonly #parts: DeadManParts
  readonly #started: number
  #seen: number
  #cancel = (): void => undefined

  constructor(parts: DeadManParts) {
    this.#parts = parts
    this.#started = parts.clock.now()
    this.#seen = lastSeen(parts.store) ?? this.#started
  }

  /** Begins to watch, once operators can be answered. */
  start(): void {
    if (this.#parts.terms.minutes !== null) this.#wait()
  }

  [Symbol.dispose](): void {
    this.#cancel()
  }

  /** Somebody who may act did something, or came or went. */
  saw(actor: string): void {
    if (this.#parts.terms.minutes === null) return
    const now = this.#parts.clock.now()
    if (now - this.#seen < SEEN_MS && this.#absence() === undefined) return
    this.#seen = now
    if (this.#absence() !== undefined) this.#attempt(() => this.#end(actor))
    this.#wait()
  }

  #absence(): Absence | undefined {
    return this.#parts.journal.rows.get<Absence>('absence', 'operators')
  }

  #wait(): void {
    const { clock, terms } = this.#parts
    const times = absenceTimes(terms, { seen: this.#seen, started: this.#started })
    if (times === undefined || this.#absence()?.state === 'reached') return
    const at = this.#absence() === undefined ? times.warnAt : times.until
    this.#after(at - clock.now(), () => this.#due(times))
  }

  #after(ms: number, work: () => void): void {
    this.#cancel()
    this.#cancel = this.#parts.clock.after(Math.max(0, ms), work)
  }

  #due({ until }: { until: number }): void {
    const { clock, isSomebodyHere } = this.#parts
    if (isSomebodyHere()) {
      this.saw('supervisor')
      this.#wait()
    } else if (this.#absence() === undefined) this.#attempt(() => this.#warn(until))
    // Warned by an earlier supervisor: it may have been a while.
    else if (clock.now() >= until) this.#attempt(() => this.#act())
    else this.#wait()
  }

  async #warn(until: number): Promise<void> {
    const { terms, to } = this.#parts
    const body = { since: this.#seen, until, response: terms.response, to: to() }
    await this.#append(() =>
      this.#absence() === undefined ? [{ type: 'absence.warned', ...OF_DECK, body }] : [],
    )
    this.#wait()
  }

  async #act(): Promise<void> {
    const { terms, freezeAll } = this.#parts
    const since = this.#seen
    await this.#append(() => [
      { type: 'absence.reached', ...OF_DECK, body: { since, response: terms.response } },
    ])
    if (terms.response === 'freeze')
      await freezeAll(`no operator was seen for ${terms.minutes} minutes`, 'supervisor')
  }

  async #end(actor: string): Promise<void> {
    await this.#append(() => {
      const absence = this.#absence()
      if (absence === undefined) return []
      const { since } = absence
      return [{ type: 'absence.ended', ...OF_DECK, actor, body: { since } }]
    })
    this.#wait()
  }

  #append(drafts: () => Draft[]): Promise<unknown> {
    return this.#parts.journal.append(drafts)
  }

  /** What cannot be written down, as on a full disk, is tried again. */
  #attempt(work: () => Promise<void>): void {
    work().catch((thrown: unknown) => {
      this.#parts.problem(`watching for operators: ${String(thrown)}`)
      this.#after(RETRY_MS, () => this.#wait())
    })
  }
}

const OF_DECK = { actor: 'supervisor', subject: '' }

/** When an operator did something last, or came or went, as the journal tells. */
function lastSeen(store: Store): number | undefined {
  return (
    store
      .prepare<[number], number | null>(
        `SELECT max(at) FROM event WHERE seq > (SELECT max(seq) FROM event) - ?
        AND actor LIKE 'operator:%'`,
      )
      .pluck()
      .get(SEARCHED) ?? undefined
  )
}

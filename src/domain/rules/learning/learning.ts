import type { Clock } from '../../../base/clock.ts'
import { asFault, Fault } from '../../../base/fault.ts'
import type { Journal } from '../../../journal/journal.ts'
import type { Draft } from '../../../journal/types.ts'
import type { Store } from '../../../store/open.ts'
import type { Action, AgentIdentity, Learned, Risk } from '../../policy/types.ts'
import { judgeLearned } from '../judge.ts'
import { lessonDrafts, type Lesson } from './lessons.ts'
import { RuleBook } from '../rule-book.ts'
import { RuleExpiry } from './rule-expiry.ts'
import type { RuleRecord } from '../types.ts'

export interface LearningParts {
  journal: Journal
  store: Store
  clock: Clock
  /** Compares the rules with the journal. They are not used before. */
  verified: () => Promise<void>
  log: (what: string) => void
}

/** Rules that are read at once. */
const SLICE = 200

/**
 * The learned rules: read in the background at the start, and then kept in memory as the journal
 * changes them. While they cannot be trusted, a person decides everything and nothing is learned.
 */
export class Learning implements AsyncDisposable {
  readonly book = new RuleBook()
  /** Resolves when the rules are read, or cannot be. Never rejects. */
  readonly ready: Promise<void>
  readonly #parts: LearningParts
  readonly #expiry: RuleExpiry
  #problem: string | undefined
  #isClosed = false

  constructor(parts: LearningParts) {
    this.#parts = parts
    this.#expiry = new RuleExpiry({ ...parts, book: this.book })
    this.ready = this.#read().catch((thrown: unknown) => {
      this.#problem = asFault(thrown).message
      parts.log(this.#notUsed())
    })
  }

  /** Resolves when the rules are read. Fault `journal.corrupt` if they cannot be trusted. */
  async usable(): Promise<void> {
    await this.ready
    if (this.#problem !== undefined)
      throw new Fault('journal.corrupt', this.#notUsed(), {
        hint: 'Until then a person decides everything. `clawdeck audit verify` shows what is wrong.',
      })
  }

  readonly judge = (agent: AgentIdentity, action: Action, risk: Risk): Learned => {
    const { clock } = this.#parts
    if (this.#problem !== undefined)
      return { says: 'ask', reasons: [{ layer: 'supervisor', text: this.#notUsed() }] }
    return judgeLearned(this.book, { agent, action, risk, now: clock.now(), clock })
  }

  /** Events of what a lesson teaches. To be called in an append. */
  readonly learn = (lesson: Lesson): Draft[] =>
    this.#problem === undefined
      ? lessonDrafts({ book: this.book, clock: this.#parts.clock }, lesson)
      : []

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true
    await this.#expiry[Symbol.asyncDispose]()
  }

  #notUsed(): string {
    return `learned rules are not used: ${this.#problem}`
  }

  async #read(): Promise<void> {
    const { verified, journal, store } = this.#parts
    await verified()
    journal.rows.watch('rule', (id, row) => this.#put(id, row as RuleRecord | undefined))
    const slice = store.prepare<[number, number], { at: number; id: string; row: string }>(
      'SELECT rowid AS at, id, row FROM rule WHERE rowid > ? ORDER BY rowid LIMIT ?',
    )
    for (let at = 0; !this.#isClosed;) {
      const rows = slice.all(at, SLICE)
      for (const { id, row } of rows) this.#put(id, JSON.parse(row) as RuleRecord)
      at = rows.at(-1)?.at ?? at
      if (rows.length < SLICE) return
      await new Promise(setImmediate)
    }
  }

  #put(id: string, record: RuleRecord | undefined): void {
    this.book.put(id, record)
    this.#expiry.watch(record)
  }
}

import type { Clock } from '../../../base/clock.ts'
import { asFault } from '../../../base/fault.ts'
import type { Journal } from '../../../journal/journal.ts'
import type { Draft } from '../../../journal/types.ts'
import { isoTimestamp } from '../../../clawpolicy/times.ts'
import { hasExpired, type RuleBook } from '../rule-book.ts'
import { eventSubject, withChange } from '../stored.ts'
import type { RuleRecord } from '../types.ts'

interface RuleExpiryParts {
  journal: Journal
  clock: Clock
  book: RuleBook
  log: (what: string) => void
}

const RETRY_MS = 1000
/** Timers cannot be much longer than this. */
const MAX_TIMER_MS = 20 * 86_400_000

/** Archives rules when they expire. There is one timer, for the rule that expires first. */
export class RuleExpiry implements AsyncDisposable {
  readonly #parts: RuleExpiryParts
  #next = Infinity
  #isClosed = false
  #cancel = (): void => undefined

  constructor(parts: RuleExpiryParts) {
    this.#parts = parts
  }

  /** To be called with each rule that is added or changed. */
  watch(record: RuleRecord | undefined, now = this.#parts.clock.now()): void {
    if (record === undefined || record.rule.status === 'archived') return
    const { expiresAt } = record
    if (expiresAt !== null && expiresAt < this.#next)
      this.#schedule(expiresAt, Math.max(expiresAt - now, 0))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true
    this.#cancel()
  }

  #schedule(at: number, ms: number): void {
    this.#cancel()
    if (this.#isClosed) return
    this.#next = at
    this.#cancel = this.#parts.clock.after(Math.min(ms, MAX_TIMER_MS), () => {
      if (ms > MAX_TIMER_MS) {
        this.#schedule(at, ms - MAX_TIMER_MS)
        return
      }
      this.#archiveExpired(at).catch((thrown: unknown) => {
        if (!this.#isClosed) this.#parts.log(asFault(thrown).message)
        this.#schedule(at, RETRY_MS)
      })
    })
  }

  /** Timers are monotonic: what they waited for has expired, even if the clock was set back. */
  async #archiveExpired(at: number): Promise<void> {
    const { journal, clock, book } = this.#parts
    const now = Math.max(at, clock.now())
    await journal.append(() =>
      [...book.all()]
        .filter((record) => record.rule.status !== 'archived' && hasExpired(record, now))
        .map((record) =>
          expiredDraft(record, eventSubject(journal.rows, record.rule), clock.now()),
        ),
    )
    this.#next = Infinity
    for (const record of book.all()) this.watch(record, now)
  }
}

function expiredDraft(record: RuleRecord, subject: string, now: number): Draft {
  const stored = withChange(record, {
    status: 'archived',
    last_lifecycle_event_at: isoTimestamp(now * 1000),
  })
  const from = record.rule.status
  return {
    type: 'rule.expired',
    actor: 'supervisor',
    subject,
    body: { stored, from, because: 'expired', of: '', outcome: null },
  }
}

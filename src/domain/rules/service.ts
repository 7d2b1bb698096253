import type { Clock } from '../../base/clock.ts'
import { asFault, Fault } from '../../base/fault.ts'
import type { Journal } from '../../journal/journal.ts'
import type { Draft } from '../../journal/types.ts'
import type { Store } from '../../store/open.ts'
import { isoTimestamp } from '../../clawpolicy/times.ts'
import type { Action, Risk, Learned, Doer } from '../policy/types.ts'
import { judgeLearned } from './judge.ts'
import { lessonDrafts, type Lesson } from './lessons.ts'
import { isOver, RuleBook } from './rule-book.ts'
import { moved, subjectOf } from './stored.ts'
import type { RuleRecord } from './types.ts'

export interface LearningParts {
  journal: Journal
  store: Store
  clock: Clock
  /** Holds the rules against the journal. Until it has, nothing is asked of them. */
  proven: () => Promise<void>
  log: (what: string) => void
}

export interface Learning {
  book: RuleBook
  /** Resolves when every rule is known, or cannot be; never rejects. */
  ready: Promise<void>
  /** Resolves when every rule is known. Fault `journal.corrupt` if they cannot be trusted. */
  usable(): Promise<void>
  judge(doer: Doer, action: Action, risk: Risk): Learned
  learn(lesson: Lesson): Draft[]
  close(): void
}

const SLICE = 200
const RETRY_MS = 1000
/** As long as a timer can be. */
const LONGEST_MS = 20 * 86_400_000

/**
 * The rules, read in the background from the start on, and kept in memory as the journal changes them. If they cannot be
 * trusted, a person decides everything, and nothing is learned.
 */
export function openLearning(parts: LearningParts): Learning {
  const { journal, clock } = parts
  const book = new RuleBook()
  let problem: string | undefined
  let closed = false
  const expiry = keepRuleExpiry(parts, book)

  async function open(): Promise<void> {
    await parts.proven()
    journal.rows.watch('rule', (id, row) => {
      book.take(id, row as RuleRecord | undefined)
      expiry.look(row as RuleRecord | undefined)
    })
    const after = parts.store.prepare<[number, number], { at: number; id: string; row: string }>(
      'SELECT rowid AS at, id, row FROM rule WHERE rowid > ? ORDER BY rowid LIMIT ?',
    )
    for (let at = 0; !closed;) {
      const slice = after.all(at, SLICE)
      for (const { id, row } of slice) {
        const kept = JSON.parse(row) as RuleRecord
        book.take(id, kept)
        expiry.look(kept)
      }
      at = slice.at(-1)?.at ?? at
      if (slice.length < SLICE) return
      await new Promise(setImmediate)
    }
  }

  const ready = open().catch((thrown: unknown) => {
    problem = asFault(thrown).message
    parts.log(`learned rules are not used: ${problem}`)
  })

  return {
    book,
    ready,
    async usable() {
      await ready
      if (problem !== undefined)
        throw new Fault('journal.corrupt', `learned rules are not used: ${problem}`, {
          hint: 'A person decides everything meanwhile. `clawdeck audit verify` tells what is wrong.',
        })
    },
    judge(doer, action, risk) {
      if (problem !== undefined)
        return {
          says: 'ask',
          reasons: [{ layer: 'supervisor', text: `learned rules are not used: ${problem}` }],
        }
      return judgeLearned(book, { action, risk, doer, now: clock.now(), clock })
    },
    learn: (lesson) => (problem === undefined ? lessonDrafts({ book, clock }, lesson) : []),
    close() {
      closed = true
      expiry.close()
    },
  }
}

/** What has expired is archived when its time comes. One timer for all: the earliest. */
function keepRuleExpiry(
  { journal, clock, log }: LearningParts,
  book: RuleBook,
): { look(kept: RuleRecord | undefined): void; close(): void } {
  let due = Infinity
  let closed = false
  let cancel = (): void => undefined

  function look(kept: RuleRecord | undefined, now = clock.now()): void {
    if (
      kept === undefined ||
      kept.expiresAt === null ||
      kept.rule.status === 'archived' ||
      kept.expiresAt >= due
    )
      return
    set(kept.expiresAt, Math.max(kept.expiresAt - now, 0))
  }

  function set(at: number, left: number): void {
    cancel()
    if (closed) return
    due = at
    cancel = clock.after(Math.min(left, LONGEST_MS), () => {
      if (left > LONGEST_MS) {
        set(at, left - LONGEST_MS)
        return
      }
      sweep(at).catch((thrown: unknown) => {
        if (!closed) log(asFault(thrown).message)
        set(at, RETRY_MS)
      })
    })
  }

  /** Timers are monotonic: what they have waited for is over, wherever the wall clock was set meanwhile. */
  async function sweep(at: number): Promise<void> {
    const now = Math.max(at, clock.now())
    await journal.append(() =>
      [...book.all()]
        .filter((kept) => kept.rule.status !== 'archived' && isOver(kept, now))
        .map((kept) => expired(kept, subjectOf(journal.rows, kept.rule), clock.now())),
    )
    due = Infinity
    for (const kept of book.all()) look(kept, now)
  }

  return {
    look,
    close() {
      closed = true
      cancel()
    },
  }
}

function expired(kept: RuleRecord, subject: string, now: number): Draft {
  const stored = moved(kept, {
    status: 'archived',
    last_lifecycle_event_at: isoTimestamp(now * 1000),
  })
  return {
    type: 'rule.expired',
    actor: 'supervisor',
    subject,
    body: { stored, from: kept.rule.status, because: 'expired', of: '', outcome: null },
  }
}

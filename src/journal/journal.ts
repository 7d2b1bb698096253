import type { Statement } from 'better-sqlite3'
import { canonical } from '../base/canonical.ts'
import type { Clock } from '../base/clock.ts'
import { Fault } from '../base/fault.ts'
import type { HeadMark } from './head-mark.ts'
import { storeFault, type Store } from '../store/open.ts'
import { chainHash, GENESIS, type Head, type StoredEvent } from './chain.ts'
import type { Nouns } from './noun.ts'
import { tableRows, type Rows } from './tables/rows.ts'
import type { DeckEvent, Draft } from './types.ts'

/** What was committed together: events in order, and the noun rows that they changed. */
interface Commit {
  events: DeckEvent[]
  stored: StoredEvent[]
  touched: { table: string; id: string }[]
}

export interface Journal {
  /**
   * Appends what `decide` returns. It runs inside the transaction, after everything before it was
   * folded, so that it reads the current state; what it throws rejects only this call. Resolves
   * once the events are on disk. Waiting appends are committed together. Faults:
   * `journal.unwritable`, or what `decide` threw.
   */
  append(decide: (next: number) => Draft[]): Promise<DeckEvent[]>
  /** Calls `take` after each commit, in order. Returns a function that stops this. */
  follow(take: (commit: Commit) => void): () => void
  head(): Head
  rows: Rows
  /** Commits waiting appends, and refuses later ones. */
  close(): void
}

interface Waiting {
  decide: (next: number) => Draft[]
  resolve: (events: DeckEvent[]) => void
  reject: (reason: unknown) => void
  events: DeckEvent[]
}

const GROUP = 512

export function openJournal(store: Store, options: JournalOptions): Journal {
  return new GroupCommit(store, options)
}

interface JournalOptions {
  clock: Clock
  nouns: Nouns
  path: string
  /** Learns which event is the latest, before and after each commit. */
  mark?: Pick<HeadMark, 'before' | 'after'>
}

class GroupCommit implements Journal {
  readonly rows: Rows
  readonly #options: JournalOptions
  readonly #insert: Statement
  readonly #commitGroup: {
    immediate(group: Waiting[], stored: StoredEvent[]): Map<Waiting, unknown>
  }
  readonly #followers = new Set<(commit: Commit) => void>()
  #head: Head
  #queue: Waiting[] = []
  #scheduled = false
  #closed = false

  constructor(store: Store, options: JournalOptions) {
    this.#options = options
    this.rows = tableRows(store, options.nouns)
    this.#insert = store.prepare(
      'INSERT INTO event (seq, at, actor, type, subject, body, prev, hash) VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
    )
    this.#head = store
      .prepare<[], Head>('SELECT seq, hash FROM event ORDER BY seq DESC LIMIT 1')
      .get() ?? { seq: 0, hash: GENESIS }
    this.#commitGroup = store.transaction((group: Waiting[], stored: StoredEvent[]) => {
      const before = this.#head
      const refused = this.#decideAll(group, stored)
      this.rows.settle()
      const last = stored.at(-1)
      if (last !== undefined) options.mark?.before(before, this.#head, last.at)
      return refused
    })
  }

  head() {
    return this.#head
  }

  append(decide: (next: number) => Draft[]): Promise<DeckEvent[]> {
    if (this.#closed)
      return Promise.reject(
        new Fault('supervisor.stopping', 'the supervisor is stopping: nothing more is journalled', {
          hint: 'Try again in a moment.',
        }),
      )
    return new Promise((resolve, reject) => {
      this.#queue.push({ decide, resolve, reject, events: [] })
      this.#schedule()
    })
  }

  follow(take: (commit: Commit) => void): () => void {
    this.#followers.add(take)
    return () => {
      this.#followers.delete(take)
    }
  }

  close(): void {
    while (this.#queue.length > 0) this.#flush()
    this.#closed = true
  }

  #schedule(): void {
    if (this.#scheduled) return
    this.#scheduled = true
    setImmediate(() => this.#flush())
  }

  #flush(): void {
    this.#scheduled = false
    const group = this.#queue.slice(0, GROUP)
    this.#queue = this.#queue.slice(GROUP)
    if (group.length > 0) this.#commit(group)
    if (this.#queue.length > 0) this.#schedule()
  }

  #commit(group: Waiting[]): void {
    const before = this.#head
    const stored: StoredEvent[] = []
    let refused: Map<Waiting, unknown>
    try {
      refused = this.#commitGroup.immediate(group, stored)
    } catch (thrown) {
      this.#head = before
      this.rows.undone()
      // One bad append must not fail the others: each is committed alone.
      if (group.length > 1) for (const one of group) this.#commit([one])
      else group[0]?.reject(storeFault(thrown, this.#options.path))
      return
    }
    const last = stored.at(-1)
    if (last !== undefined) this.#options.mark?.after(this.#head, last.at)
    const done: Commit = {
      events: group.flatMap((w) => w.events),
      stored,
      touched: this.rows.touched(),
    }
    if (done.events.length > 0) for (const take of this.#followers) take(done)
    for (const waiting of group) {
      if (refused.has(waiting)) waiting.reject(refused.get(waiting))
      else waiting.resolve(waiting.events)
    }
  }

  /**
   * Runs inside the transaction. A decision that throws has written nothing, so the others
   * continue.
   */
  #decideAll(group: Waiting[], stored: StoredEvent[]): Map<Waiting, unknown> {
    const refused = new Map<Waiting, unknown>()
    for (const waiting of group) {
      let drafts: Draft[]
      try {
        drafts = waiting.decide(this.#head.seq + 1)
      } catch (thrown) {
        refused.set(waiting, thrown)
        continue
      }
      waiting.events = drafts.map((draft) => this.#write(draft, stored))
    }
    return refused
  }

  #write(draft: Draft, stored: StoredEvent[]): DeckEvent {
    const row = {
      seq: this.#head.seq + 1,
      at: draft.at ?? this.#options.clock.now(),
      actor: draft.actor,
      type: draft.type,
      subject: draft.subject,
      body: canonical(draft.body),
      prev: this.#head.hash,
    }
    const complete: StoredEvent = { ...row, hash: chainHash(row) }
    this.#insert.run(
      complete.seq,
      complete.at,
      complete.actor,
      complete.type,
      complete.subject,
      complete.body,
      complete.prev,
      complete.hash,
    )
    this.#head = { seq: complete.seq, hash: complete.hash }
    const event = { ...complete, type: draft.type, body: draft.body } as DeckEvent
    this.#options.nouns.fold(event, this.rows)
    stored.push(complete)
    return event
  }
}

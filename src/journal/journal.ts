import { canonical } from '../base/canonical.ts'
import type { Clock } from '../base/clock.ts'
import { Fault } from '../base/fault.ts'
import { storeFault, type Store } from '../store/open.ts'
import { chainHash, GENESIS, type StoredEvent } from './chain.ts'
import { rowsOf, type Fold, type NounTable, type Rows } from './rows.ts'
import type { DeckEvent, Draft } from './types.ts'

/** What was committed together: events in order, and the noun rows they changed. */
export interface Commit { events: DeckEvent[]; stored: StoredEvent[]; touched: { table: NounTable; id: string }[] }

export interface Journal {
  /**
   * Appends what `decide` answers. It runs inside the transaction, after everything appended before it was folded, so
   * what it reads is what is true; what it throws is this caller's alone. Resolves once the events are on disk. Appends
   * that wait together are committed together. Faults: `journal.unwritable`, or what `decide` threw.
   */
  append(decide: (next: number) => Draft[]): Promise<DeckEvent[]>
  /** Calls after each commit, in order of commits. Returns how to stop. */
  follow(take: (commit: Commit) => void): () => void
  /** Sequence number and hash of the latest event; 0 and zeros before the first. */
  head(): { seq: number; hash: string }
  rows: Rows
  /** Commits what waits, and appends no more. */
  close(): void
}

interface Waiting { decide: (next: number) => Draft[]; resolve: (events: DeckEvent[]) => void; reject: (reason: unknown) => void; events: DeckEvent[] }

const GROUP = 512

export function openJournal(store: Store, options: { clock: Clock; fold: Fold; path: string }): Journal {
  const rows = rowsOf(store)
  const insert = store.prepare('INSERT INTO event (seq, at, actor, type, subject, body, prev, hash) VALUES (?, ?, ?, ?, ?, ?, ?, ?)')
  const last = store.prepare<[], { seq: number; hash: string }>('SELECT seq, hash FROM event ORDER BY seq DESC LIMIT 1').get()
  const followers = new Set<(commit: Commit) => void>()
  let head = last ?? { seq: 0, hash: GENESIS }
  let queue: Waiting[] = []
  let scheduled = false
  let closed = false

  function write(draft: Draft, stored: StoredEvent[]): DeckEvent {
    const row = { seq: head.seq + 1, at: draft.at ?? options.clock.now(), actor: draft.actor, type: draft.type, subject: draft.subject, body: canonical(draft.body), prev: head.hash }
    const complete: StoredEvent = { ...row, hash: chainHash(row) }
    insert.run(complete.seq, complete.at, complete.actor, complete.type, complete.subject, complete.body, complete.prev, complete.hash)
    head = { seq: complete.seq, hash: complete.hash }
    const event = { ...complete, type: draft.type, body: draft.body } as DeckEvent
    options.fold(event, rows)
    stored.push(complete)
    return event
  }

  const commitGroup = store.transaction((group: Waiting[], stored: StoredEvent[]): Map<Waiting, unknown> => {
    const refused = new Map<Waiting, unknown>()
    for (const waiting of group) {
      let drafts: Draft[]
      try { drafts = waiting.decide(head.seq + 1) } catch (thrown) { refused.set(waiting, thrown); continue }
      waiting.events = drafts.map((draft) => write(draft, stored))
    }
    return refused
  })

  function commit(group: Waiting[]): void {
    const before = head
    const stored: StoredEvent[] = []
    let refused: Map<Waiting, unknown>
    try {
      refused = commitGroup.immediate(group, stored)
    } catch (thrown) {
      head = before
      rows.touched()
      if (group.length > 1) { for (const one of group) commit([one]); return }
      group[0]?.reject(storeFault(thrown, options.path))
      return
    }
    const done: Commit = { events: group.flatMap((w) => w.events), stored, touched: rows.touched() }
    if (done.events.length > 0) for (const take of followers) take(done)
    for (const waiting of group) {
      if (refused.has(waiting)) waiting.reject(refused.get(waiting))
      else waiting.resolve(waiting.events)
    }
  }

  function flush(): void {
    scheduled = false
    const group = queue.slice(0, GROUP)
    queue = queue.slice(GROUP)
    if (group.length > 0) commit(group)
    if (queue.length > 0) schedule()
  }

  function schedule(): void {
    if (scheduled) return
    scheduled = true
    setImmediate(flush)
  }

  return {
    rows,
    head: () => head,
    append(decide) {
      if (closed) return Promise.reject(new Fault('supervisor.stopping', 'the supervisor is stopping: nothing more is written down', { hint: 'Try again in a moment.' }))
      return new Promise((resolve, reject) => { queue.push({ decide, resolve, reject, events: [] }); schedule() })
    },
    follow(take) { followers.add(take); return () => { followers.delete(take) } },
    close() { while (queue.length > 0) flush(); closed = true },
  }
}

import type { Statement } from 'better-sqlite3'
import { Fault } from '../../base/fault.ts'
import { isCorruption, openDerived, removeDerived, type Store } from '../../store/open.ts'
import { GENESIS, type StoredEvent } from '../chain.ts'
import { eventReader } from '../read.ts'
import type { WordIndex } from './search.ts'

/**
 * Which words occur in which events; `mark` is the last indexed event, whose hash covers all before
 * it.
 */
const TABLES = `
CREATE VIRTUAL TABLE event_text USING fts5(
  actor, type, subject, body, content='', columnsize=0, tokenize='unicode61', prefix='2 3'
);
CREATE TABLE mark (seq INTEGER NOT NULL, hash TEXT NOT NULL) STRICT;
INSERT INTO mark VALUES (0, '${GENESIS}');
`

/**
 * A full-text index of the journal, in a file of its own so that writing it never delays an append.
 * When it is missing, damaged or belongs to another journal, it is rebuilt and `report` is called
 * with the reason. Faults: `journal.unwritable`.
 */
export class TextIndex implements WordIndex {
  readonly #path: string
  readonly #read: ReturnType<typeof eventReader>
  readonly #report: (what: string) => void
  #file: IndexFile

  constructor(journal: Store, path: string, report: (what: string) => void) {
    this.#path = path
    this.#read = eventReader(journal)
    this.#report = report
    this.#file = this.#open()
  }

  /** Indexes up to `limit` further events. Returns whether there may be more. */
  addNext(limit: number): boolean {
    const events = this.#read.since(this.#file.lastSeq, limit)
    if (events.length === 0) return false
    return this.#rebuildingOnDamage(
      () => {
        this.#file.add(events)
        return events.length === limit
      },
      () => true,
    )
  }

  matching(expression: string, before: number, limit: number): number[] {
    return this.#rebuildingOnDamage(
      () => this.#file.matching(expression, before, limit),
      () => {
        throw new Fault('journal.unwritable', 'the search index was damaged and is being rebuilt', {
          hint: 'Search again in a moment.',
        })
      },
    )
  }

  close(): void {
    this.#file.close()
  }

  #rebuildingOnDamage<T>(act: () => T, afterRebuild: () => T): T {
    try {
      return act()
    } catch (thrown) {
      if (!isCorruption(thrown)) throw indexFault(thrown, this.#path)
      this.#file.close()
      this.#file = this.#rebuilt(thrown)
      return afterRebuild()
    }
  }

  #open(): IndexFile {
    try {
      const file = new IndexFile(this.#path)
      if (file.lastSeq === 0 || this.#read.one(file.lastSeq)?.hash === file.lastHash) return file
      file.close()
      return this.#rebuilt('it belongs to another journal')
    } catch (thrown) {
      if (isCorruption(thrown)) return this.#rebuilt(thrown)
      throw indexFault(thrown, this.#path)
    }
  }

  #rebuilt(why: unknown): IndexFile {
    this.#report(`the search index ${this.#path} is rebuilt: ${String(why)}`)
    removeDerived(this.#path)
    return new IndexFile(this.#path)
  }
}

/** The index file and the last event in it. Throws what SQLite throws. */
class IndexFile {
  lastSeq: number
  lastHash: string
  readonly #store: Store
  readonly #add: (events: readonly StoredEvent[], last: StoredEvent) => void
  readonly #matching: Statement<[string, number, number], { seq: number }>

  constructor(path: string) {
    const store = openDerived(path, TABLES)
    const { seq, hash } = store
      .prepare<[], { seq: number; hash: string }>('SELECT seq, hash FROM mark')
      .get() ?? { seq: 0, hash: GENESIS }
    const insert = store.prepare(
      'INSERT INTO event_text (rowid, actor, type, subject, body) VALUES (?, ?, ?, ?, ?)',
    )
    const setMark = store.prepare('UPDATE mark SET seq = ?, hash = ?')
    this.lastSeq = seq
    this.lastHash = hash
    this.#store = store
    this.#matching = store.prepare(
      'SELECT rowid AS seq FROM event_text WHERE event_text MATCH ? AND rowid < ? ORDER BY rowid DESC LIMIT ?',
    )
    this.#add = store.transaction((events: readonly StoredEvent[], last: StoredEvent) => {
      for (const e of events) insert.run(e.seq, e.actor, e.type, e.subject, e.body)
      setMark.run(last.seq, last.hash)
    })
  }

  add(events: readonly StoredEvent[]): void {
    const last = events.at(-1)
    if (last === undefined) return
    this.#add(events, last)
    this.lastSeq = last.seq
    this.lastHash = last.hash
  }

  matching(expression: string, before: number, limit: number): number[] {
    return this.#matching.all(expression, before, limit).map(({ seq }) => seq)
  }

  close(): void {
    this.#store.close()
  }
}

function indexFault(thrown: unknown, path: string): Fault {
  const why = thrown instanceof Error ? thrown.message : String(thrown)
  return new Fault(
    'journal.unwritable',
    `the search index ${path} cannot be written (${why}). Until it can, text cannot be searched; everything else works.`,
    {
      cause: thrown,
      hint: 'Free disk space, and check who owns the file. clawdeck then continues by itself.',
    },
  )
}

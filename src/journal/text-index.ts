import type { Statement } from 'better-sqlite3'
import { Fault } from '../base/fault.ts'
import { isCorruption, openDerived, removeDerived, type Store } from '../store/open.ts'
import { GENESIS, type StoredEvent } from './chain.ts'
import { eventReader } from './read.ts'
import type { Words } from './search.ts'

/** Which words occur in which events, and up to which event: its hash vouches for all before it. */
const TABLES = `
CREATE VIRTUAL TABLE event_text USING fts5(actor, type, subject, body, content='', columnsize=0, tokenize='unicode61', prefix='2 3');
CREATE TABLE mark (seq INTEGER NOT NULL, hash TEXT NOT NULL) STRICT;
INSERT INTO mark VALUES (0, '${GENESIS}');
`

/**
 * The words of the journal, in a file of their own, so that whoever writes it never holds up an append. It is made from the
 * journal: lost, damaged or of another journal, it is made anew, and `say` hears why. Faults: `journal.unwritable`.
 */
export class TextIndex implements Words {
  readonly #path: string
  readonly #read: ReturnType<typeof eventReader>
  readonly #say: (what: string) => void
  #file: IndexFile

  constructor(journal: Store, path: string, say: (what: string) => void) {
    this.#path = path
    this.#read = eventReader(journal)
    this.#say = say
    this.#file = this.#opened()
  }

  /** Takes up to `limit` events in; answers whether there may be more. */
  take(limit: number): boolean {
    const events = this.#read.since(this.#file.at, limit)
    if (events.length === 0) return false
    return this.#healing(
      () => {
        this.#file.add(events)
        return events.length === limit
      },
      () => true,
    )
  }

  matching(match: string, before: number, limit: number): number[] {
    return this.#healing(
      () => this.#file.matching(match, before, limit),
      () => {
        throw new Fault('journal.unwritable', 'the search index was damaged, and is made anew', {
          hint: 'Search again in a moment.',
        })
      },
    )
  }

  close(): void {
    this.#file.close()
  }

  #healing<T>(act: () => T, healed: () => T): T {
    try {
      return act()
    } catch (thrown) {
      if (!isCorruption(thrown)) throw indexFault(thrown, this.#path)
      this.#file.close()
      this.#file = this.#anew(thrown)
      return healed()
    }
  }

  #opened(): IndexFile {
    try {
      const file = new IndexFile(this.#path)
      if (file.at === 0 || this.#read.one(file.at)?.hash === file.hash) return file
      file.close()
      return this.#anew('it is of another journal')
    } catch (thrown) {
      if (isCorruption(thrown)) return this.#anew(thrown)
      throw indexFault(thrown, this.#path)
    }
  }

  #anew(why: unknown): IndexFile {
    this.#say(`the search index ${this.#path} is made anew: ${String(why)}`)
    removeDerived(this.#path)
    return new IndexFile(this.#path)
  }
}

/** The file, and the hash of the last event in it. Throws what SQLite throws. */
class IndexFile {
  at: number
  hash: string
  readonly #store: Store
  readonly #add: (events: readonly StoredEvent[], last: StoredEvent) => void
  readonly #matching: Statement<[string, number, number], { seq: number }>

  constructor(path: string) {
    const store = openDerived(path, TABLES)
    const { seq, hash } = store
      .prepare<[], { seq: number; hash: string }>('SELECT seq, hash FROM mark')
      .get() ?? { seq: 0, hash: GENESIS }
    const word = store.prepare(
      'INSERT INTO event_text (rowid, actor, type, subject, body) VALUES (?, ?, ?, ?, ?)',
    )
    const mark = store.prepare('UPDATE mark SET seq = ?, hash = ?')
    this.at = seq
    this.hash = hash
    this.#store = store
    this.#matching = store.prepare(
      'SELECT rowid AS seq FROM event_text WHERE event_text MATCH ? AND rowid < ? ORDER BY rowid DESC LIMIT ?',
    )
    this.#add = store.transaction((events: readonly StoredEvent[], last: StoredEvent) => {
      for (const e of events) word.run(e.seq, e.actor, e.type, e.subject, e.body)
      mark.run(last.seq, last.hash)
    })
  }

  add(events: readonly StoredEvent[]): void {
    const last = events.at(-1)
    if (last === undefined) return
    this.#add(events, last)
    this.at = last.seq
    this.hash = last.hash
  }

  matching(match: string, before: number, limit: number): number[] {
    return this.#matching.all(match, before, limit).map(({ seq }) => seq)
  }

  close(): void {
    this.#store.close()
  }
}

function indexFault(thrown: unknown, path: string): Fault {
  return new Fault(
    'journal.unwritable',
    `the search index ${path} cannot be kept (${thrown instanceof Error ? thrown.message : String(thrown)}): words are not found until it can, everything else goes on`,
    {
      cause: thrown,
      hint: 'Free disk space, and look at who owns the file; the deck goes on by itself.',
    },
  )
}

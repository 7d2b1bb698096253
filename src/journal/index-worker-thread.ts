import { setImmediate as turn } from 'node:timers/promises'
import { parentPort, workerData, type MessagePort } from 'node:worker_threads'
import { asFault, type FaultJson } from '../base/fault.ts'
import { openSecondConnection, storeFault, type Store } from '../store/open.ts'
import type { StoredEvent } from './chain.ts'
import { eventReader } from './read.ts'
import { findEvents, findWords, type SearchOptions } from './search.ts'
import { TextIndex } from './text-index.ts'

/** Where this very file is, wherever it was bundled to: a thread begins with it. */
export const address: string = import.meta.url

/** What the thread is given to begin with: paths of the journal's database and of the index of its words. */
export interface Desk {
  address: string
  database: string
  words: string
}

/** What it is told. `tidy`: the journal has grown. */
export type Errand =
  | { kind: 'tidy' }
  | { kind: 'find'; id: number; options: SearchOptions }
  | { kind: 'close' }

/** What it says. `copied`: nearly all of the database's log is in the database now. */
export type Word =
  | { kind: 'found'; id: number; events: StoredEvent[] }
  | { kind: 'failed'; id: number; fault: FaultJson }
  | { kind: 'untidy'; why: string }
  | { kind: 'said'; what: string }
  | { kind: 'copied' }

/** Events taken into the index in one piece. */
const BITE = 500
/** Pages of the log that are worth to be copied. */
const WORTH_COPYING = 800

/**
 * The thread: keeps the index of words and copies the log into the database, and looks for events. It has the priority of
 * the others: with less, a busy machine takes the processor from it while it holds, for an instant, what an append needs.
 */
export function serve(): void {
  if (parentPort === null) return
  const clerk = new ThreadClerk(parentPort, workerData as Desk)
  parentPort.on('message', (errand: Errand) => clerk.take(errand))
}

class ThreadClerk {
  readonly #port: MessagePort
  readonly #desk: Desk
  readonly #journal: Store
  readonly #one: (seq: number) => StoredEvent | undefined
  #opened: TextIndex | undefined
  #closed = false

  constructor(port: MessagePort, desk: Desk) {
    this.#port = port
    this.#desk = desk
    this.#journal = openSecondConnection(desk.database)
    this.#one = eventReader(this.#journal).one
  }

  take(errand: Errand): void {
    if (errand.kind === 'close') this.#close()
    else if (errand.kind === 'find') void this.#find(errand)
    else void this.#tidy()
  }

  get #index(): TextIndex {
    return (this.#opened ??= new TextIndex(this.#journal, this.#desk.words, (what) =>
      this.#tell({ kind: 'said', what }),
    ))
  }

  async #find({ id, options }: Errand & { kind: 'find' }): Promise<void> {
    try {
      if (options.text !== undefined) await this.#catchUp()
      const events =
        options.text === undefined
          ? await findEvents(this.#journal, options)
          : await findWords(this.#index, this.#one, options)
      this.#tell({ kind: 'found', id, events })
    } catch (thrown) {
      this.#tell({ kind: 'failed', id, fault: storeFault(thrown, this.#desk.database).toJSON() })
    }
  }

  async #tidy(): Promise<void> {
    try {
      this.#copy()
      await this.#catchUp()
    } catch (thrown) {
      this.#tell({ kind: 'untidy', why: asFault(thrown).message })
    }
  }

  async #catchUp(): Promise<void> {
    while (!this.#closed && this.#index.take(BITE)) {
      this.#copy()
      await turn()
    }
  }

  /** Appends go on meanwhile: nothing of this takes the lock that they need. */
  #copy(): void {
    if (this.#closed) return
    const [{ log, checkpointed }] = this.#journal.pragma('wal_checkpoint(NOOP)') as [
      { log: number; checkpointed: number },
    ]
    if (log - checkpointed < WORTH_COPYING) return
    this.#journal.pragma('wal_checkpoint(PASSIVE)')
    this.#tell({ kind: 'copied' })
  }

  #tell(word: Word): void {
    if (!this.#closed) this.#port.postMessage(word)
  }

  #close(): void {
    this.#closed = true
    this.#opened?.close()
    this.#journal.close()
    this.#port.close()
  }
}

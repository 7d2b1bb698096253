import { setImmediate as nextTurn } from 'node:timers/promises'
import type { MessagePort } from 'node:worker_threads'
import { asFault, type FaultJson } from '../../base/fault.ts'
import type { WorkerEntry } from '../../base/worker.ts'
import { openSecondConnection, storeFault, type Store } from '../../store/open.ts'
import type { StoredEvent } from '../chain.ts'
import { eventReader } from '../read.ts'
import { findByWords, findEvents } from './search.ts'
import { TextIndex } from './text-index.ts'
import type { SearchOptions } from '../types.ts'

/** Paths of the journal's database and of the search index. */
interface IndexWorkerData {
  database: string
  searchIndex: string
}

/** `update`: the journal has grown. */
export type IndexRequest =
  | { kind: 'update' }
  | { kind: 'find'; id: number; options: SearchOptions }
  | { kind: 'close' }

/** `checkpointed`: nearly all of the write-ahead log was copied into the database. */
export type IndexReply =
  | { kind: 'found'; id: number; events: StoredEvent[] }
  | { kind: 'failed'; id: number; fault: FaultJson }
  | { kind: 'update_failed'; why: string }
  | { kind: 'problem'; what: string }
  | { kind: 'checkpointed' }

/** Events that are indexed in one transaction. */
const BATCH = 500
/** Pages in the write-ahead log that are worth a checkpoint. */
const CHECKPOINT_PAGES = 800

/**
 * Updates the search index, checkpoints the write-ahead log, and searches. It keeps the process's
 * priority: with a lower one, a busy machine could suspend it while it briefly holds a lock that an
 * append needs.
 */
export const indexWorkerThread: WorkerEntry<IndexWorkerData> = {
  url: import.meta.url,
  name: 'indexWorkerThread',
  run(port, data) {
    const thread = new IndexThread(port, data)
    port.on('message', (request: IndexRequest) => thread.handle(request))
  },
}

class IndexThread {
  readonly #port: MessagePort
  readonly #data: IndexWorkerData
  readonly #journal: Store
  readonly #eventAt: (seq: number) => StoredEvent | undefined
  #openIndex: TextIndex | undefined
  #closed = false

  constructor(port: MessagePort, data: IndexWorkerData) {
    this.#port = port
    this.#data = data
    this.#journal = openSecondConnection(data.database)
    this.#eventAt = eventReader(this.#journal).one
  }

  handle(request: IndexRequest): void {
    if (request.kind === 'close') this.#close()
    else if (request.kind === 'find') void this.#find(request)
    else void this.#update()
  }

  get #index(): TextIndex {
    return (this.#openIndex ??= new TextIndex(this.#journal, this.#data.searchIndex, (what) =>
      this.#reply({ kind: 'problem', what }),
    ))
  }

  async #find({ id, options }: IndexRequest & { kind: 'find' }): Promise<void> {
    try {
      if (options.text !== undefined) await this.#indexAll()
      const events =
        options.text === undefined
          ? await findEvents(this.#journal, options)
          : await findByWords(this.#index, this.#eventAt, options)
      this.#reply({ kind: 'found', id, events })
    } catch (thrown) {
      const fault = storeFault(thrown, this.#data.database).toJSON()
      this.#reply({ kind: 'failed', id, fault })
    }
  }

  async #update(): Promise<void> {
    try {
      this.#checkpoint()
      await this.#indexAll()
    } catch (thrown) {
      this.#reply({ kind: 'update_failed', why: asFault(thrown).message })
    }
  }

  async #indexAll(): Promise<void> {
    while (!this.#closed && this.#index.addNext(BATCH)) {
      this.#checkpoint()
      await nextTurn()
    }
  }

  /** Appends continue meanwhile: neither checkpoint mode takes the write lock. */
  #checkpoint(): void {
    if (this.#closed) return
    const [{ log, checkpointed }] = this.#journal.pragma('wal_checkpoint(NOOP)') as [
      { log: number; checkpointed: number },
    ]
    if (log - checkpointed < CHECKPOINT_PAGES) return
    this.#journal.pragma('wal_checkpoint(PASSIVE)')
    this.#reply({ kind: 'checkpointed' })
  }

  #reply(reply: IndexReply): void {
    if (!this.#closed) this.#port.postMessage(reply)
  }

  #close(): void {
    this.#closed = true
    this.#openIndex?.close()
    this.#journal.close()
    this.#port.close()
  }
}

import type { Worker } from 'node:worker_threads'
import { Fault } from '../../base/fault.ts'
import { startWorker } from '../../base/worker.ts'
import type { Store } from '../../store/open.ts'
import type { StoredEvent } from '../chain.ts'
import type { IndexReply, IndexRequest } from './index-worker-thread.ts'
import type { Journal } from '../journal.ts'
import type { SearchOptions } from '../types.ts'

interface IndexWorkerOptions {
  store: Store
  journal: Journal
  /** Where the search index is. */
  path: string
  problem: (what: string) => void
}

/** Requests for updates are gathered this long. */
const GATHER_MS = 250
/** How long nothing is tried after a failure: a full disk may stay full. */
const PAUSE_MS = 30_000

interface PendingSearch {
  resolve: (events: StoredEvent[]) => void
  reject: (fault: Fault) => void
}

/**
 * Does in a thread of its own what would delay appends: updates the search index, searches, and
 * checkpoints the write-ahead log. The thread starts with the first request, so that it does not
 * delay the start of the deck.
 */
export class IndexWorker {
  readonly #options: IndexWorkerOptions
  readonly #pending = new Map<number, PendingSearch>()
  #thread: Promise<Worker> | undefined
  #lastId = 0
  #timer: NodeJS.Timeout | undefined
  #pausedUntil = 0
  #closed = false
  #unfollow = (): void => undefined

  constructor(options: IndexWorkerOptions) {
    this.#options = options
  }

  /** From now on appended events are indexed soon, and the write-ahead log stays short. */
  follow(): void {
    this.#unfollow()
    this.#unfollow = this.#options.journal.follow(() => this.#scheduleUpdate())
    this.#scheduleUpdate()
  }

  /**
   * Committed events that match, newest first. Faults: `journal.unwritable`, `supervisor.stopping`.
   */
  find(options: SearchOptions): Promise<StoredEvent[]> {
    if (this.#closed) return Promise.reject(stopping())
    const id = ++this.#lastId
    return new Promise((resolve, reject) => {
      this.#pending.set(id, { resolve, reject })
      this.#send({ kind: 'find', id, options })
    })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true
    this.#unfollow()
    clearTimeout(this.#timer)
    const thread = await this.#thread?.catch(() => undefined)
    if (thread === undefined) return
    thread.ref()
    const exited = new Promise((resolve) => {
      thread.once('exit', resolve)
    })
    thread.postMessage({ kind: 'close' } satisfies IndexRequest)
    await exited
  }

  #scheduleUpdate(): void {
    this.#timer ??= setTimeout(
      () => {
        this.#timer = undefined
        // The pause may have begun after the timer was set.
        if (performance.now() < this.#pausedUntil) this.#scheduleUpdate()
        else this.#send({ kind: 'update' })
      },
      Math.max(GATHER_MS, this.#pausedUntil - performance.now()),
    ).unref()
  }

  #send(request: IndexRequest): void {
    this.#thread ??= this.#start()
    this.#thread.then(
      (thread) => thread.postMessage(request),
      (thrown: unknown) => this.#onExit(`it cannot start: ${String(thrown)}`),
    )
  }

  async #start(): Promise<Worker> {
    const { indexWorkerThread } = await import('./index-worker-thread.ts')
    const { store, path } = this.#options
    const thread = startWorker(indexWorkerThread, {
      database: store.name,
      searchIndex: path,
    })
    thread.unref()
    thread.on('message', (reply: IndexReply) => this.#onReply(reply))
    let why = 'it ended'
    thread.on('error', (thrown) => {
      why = String(thrown)
    })
    thread.on('exit', () => this.#onExit(why))
    return thread
  }

  #onReply(reply: IndexReply): void {
    if (reply.kind === 'checkpointed') this.#checkpointRest()
    else if (reply.kind === 'problem') this.#options.problem(reply.what)
    else if (reply.kind === 'update_failed') this.#pause(reply.why)
    else this.#settle(reply)
  }

  #settle(reply: IndexReply & { kind: 'found' | 'failed' }): void {
    const search = this.#pending.get(reply.id)
    this.#pending.delete(reply.id)
    if (reply.kind === 'found') search?.resolve(reply.events)
    else search?.reject(Fault.fromJson(reply.fault))
  }

  /**
   * Copies what was appended while the thread did: only then does the next append restart the log.
   */
  #checkpointRest(): void {
    if (this.#closed) return
    try {
      this.#options.store.pragma('wal_checkpoint(PASSIVE)')
    } catch (thrown) {
      this.#pause(`the write-ahead log of the journal cannot be checkpointed: ${String(thrown)}`)
    }
  }

  #pause(why: string): void {
    this.#options.problem(why)
    this.#pausedUntil = performance.now() + PAUSE_MS
  }

  #onExit(why: string): void {
    this.#thread = undefined
    const fault = this.#closed
      ? stopping()
      : new Fault('journal.unwritable', `the search thread failed: ${why}`, {
          hint: 'Search again.',
        })
    for (const { reject } of this.#pending.values()) reject(fault)
    this.#pending.clear()
    if (!this.#closed) this.#pause(`the search thread failed: ${why}`)
  }
}

function stopping(): Fault {
  return new Fault('supervisor.stopping', 'the supervisor is stopping', {
    hint: 'Try again in a moment.',
  })
}

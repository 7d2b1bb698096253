import { Worker } from 'node:worker_threads'
import { Fault, type FaultJson } from '../base/fault.ts'
import type { Store } from '../store/open.ts'
import type { StoredEvent } from './chain.ts'
import type { Desk, Errand, Word } from './index-worker-thread.ts'
import type { Journal } from './journal.ts'
import type { SearchOptions } from './search.ts'

export interface ClerkParts {
  store: Store
  journal: Journal
  /** The file that knows which words occur where. */ words: string
  problem: (what: string) => void
}

/** Does in a thread of its own what would hold up appends: indexes words, searches, and copies the log into the database. */
export interface Clerk {
  /** From now on what is appended can soon be found, and the log stays short. */
  follow(): void
  /** Newest first, out of all that is committed. Fault `journal.unwritable`. */
  find(options: SearchOptions): Promise<StoredEvent[]>
  close(): Promise<void>
}

/** What a thread does first: all else is in the file whose address it is given. */
const FIRST =
  'import(require("node:worker_threads").workerData.address).then((file) => file.serve())'
/** Work is gathered for so long; after work that failed it is let be for a while, as a full disk may stay full. */
const GATHER_MS = 250
const PAUSE_MS = 30_000

/** The thread starts with the first work for it: not before the doors are open. */
export function openClerk(parts: ClerkParts): Clerk {
  return new ThreadedClerk(parts)
}

interface Asked {
  resolve: (events: StoredEvent[]) => void
  reject: (fault: Fault) => void
}

class ThreadedClerk implements Clerk {
  readonly #parts: ClerkParts
  readonly #asked = new Map<number, Asked>()
  #thread: Promise<Worker> | undefined
  #count = 0
  #timer: NodeJS.Timeout | undefined
  #pausedUntil = 0
  #closed = false
  #unfollow = (): void => undefined

  constructor(parts: ClerkParts) {
    this.#parts = parts
  }

  follow(): void {
    this.#unfollow()
    this.#unfollow = this.#parts.journal.follow(() => this.#soon())
    this.#soon()
  }

  find(options: SearchOptions): Promise<StoredEvent[]> {
    if (this.#closed) return Promise.reject(stopping())
    const id = ++this.#count
    return new Promise((resolve, reject) => {
      this.#asked.set(id, { resolve, reject })
      this.#send({ kind: 'find', id, options })
    })
  }

  async close(): Promise<void> {
    this.#closed = true
    this.#unfollow()
    clearTimeout(this.#timer)
    const thread = await this.#thread?.catch(() => undefined)
    if (thread === undefined) return
    thread.ref()
    const ended = new Promise((resolve) => {
      thread.once('exit', resolve)
    })
    thread.postMessage({ kind: 'close' } satisfies Errand)
    await ended
  }

  #soon(): void {
    this.#timer ??= setTimeout(
      () => {
        this.#timer = undefined
        // What failed may have begun before this was set.
        if (performance.now() < this.#pausedUntil) this.#soon()
        else this.#send({ kind: 'tidy' })
      },
      Math.max(GATHER_MS, this.#pausedUntil - performance.now()),
    ).unref()
  }

  #send(errand: Errand): void {
    this.#thread ??= this.#started()
    this.#thread.then(
      (thread) => thread.postMessage(errand),
      (thrown: unknown) => this.#ended(`it cannot start: ${String(thrown)}`),
    )
  }

  async #started(): Promise<Worker> {
    const { address } = await import('./index-worker-thread.ts')
    const { store, words } = this.#parts
    const thread = new Worker(FIRST, {
      eval: true,
      workerData: { address, database: store.name, words } satisfies Desk,
      execArgv: [],
      name: 'clerk',
    })
    thread.unref()
    thread.on('message', (word: Word) => this.#hear(word))
    let why = 'it ended'
    thread.on('error', (thrown) => {
      why = String(thrown)
    })
    thread.on('exit', () => this.#ended(why))
    return thread
  }

  #hear(word: Word): void {
    if (word.kind === 'copied') this.#copyRest()
    else if (word.kind === 'said') this.#parts.problem(word.what)
    else if (word.kind === 'untidy') this.#pause(word.why)
    else this.#answer(word)
  }

  #answer(word: Word & { kind: 'found' | 'failed' }): void {
    const asked = this.#asked.get(word.id)
    this.#asked.delete(word.id)
    if (word.kind === 'found') asked?.resolve(word.events)
    else asked?.reject(faultOf(word.fault))
  }

  /** Copies the little that was appended while the thread copied: only then can the next append begin the log anew. */
  #copyRest(): void {
    if (this.#closed) return
    try {
      this.#parts.store.pragma('wal_checkpoint(PASSIVE)')
    } catch (thrown) {
      this.#pause(`the log of the journal cannot be copied: ${String(thrown)}`)
    }
  }

  #pause(why: string): void {
    this.#parts.problem(why)
    this.#pausedUntil = performance.now() + PAUSE_MS
  }

  #ended(why: string): void {
    this.#thread = undefined
    for (const { reject } of this.#asked.values())
      reject(
        this.#closed
          ? stopping()
          : new Fault('journal.unwritable', `the search thread failed: ${why}`, {
              hint: 'Search again.',
            }),
      )
    this.#asked.clear()
    if (!this.#closed) this.#pause(`the search thread failed: ${why}`)
  }
}

function faultOf({ code, message, hint }: FaultJson): Fault {
  return new Fault(code, message, hint === undefined ? {} : { hint })
}

function stopping(): Fault {
  return new Fault('supervisor.stopping', 'the supervisor is stopping', {
    hint: 'Try again in a moment.',
  })
}

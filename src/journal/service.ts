import { resolve } from 'node:path'
import { errno, Fault } from '../base/fault.ts'
import type { HostKey } from '../base/signing.ts'
import { openReadOnly, type Store } from '../store/open.ts'
import { latestCheckpoint, type CheckpointFiles } from './checkpoint-files.ts'
import type { Checkpoints } from './checkpoints.ts'
import { verifyExport, writeExport } from './export.ts'
import type { IndexWorker } from './search/index-worker.ts'
import type { Journal } from './journal.ts'
import type { Mirror } from './mirror.ts'
import { asEvent, eventReader } from './read.ts'
import type { Nouns } from './noun.ts'
import { compareNouns, describeDifference } from './tables/rebuild.ts'
import { tailEvents, type TailOptions } from './tail.ts'
import type { LossAcceptance } from './loss/acceptance.ts'
import type { Losses } from './loss/losses.ts'
import type {
  AcceptedLoss,
  Audit,
  Checkpoint,
  DeckEvent,
  SearchOptions,
  Verification,
} from './types.ts'
import { verifyJournal } from './verify/verify.ts'

interface AuditOptions {
  store: Store
  journal: Journal
  key: HostKey
  checkpoints: Checkpoints
  mirror: Mirror
  indexWorker: IndexWorker
  nouns: Nouns
  losses: Losses
  acceptance: LossAcceptance
  files: {
    mirror: string
    checkpoints: CheckpointFiles
    agentMirrors: () => { agent: string; file: string }[]
  }
}

/** Up to this many events every verification is a deep one: that takes about two seconds. */
const ALWAYS_DEEP_EVENTS = 200_000
const MAX_DIFFERENCES = 50

/** Questions to the journal: follow, search, verify, export, rebuild. */
export class AuditService implements Audit {
  readonly #options: AuditOptions
  readonly #read: ReturnType<typeof eventReader>
  readonly #closing = new AbortController()
  /** Work that reads the database through connections of its own. */
  readonly #running = new Set<Promise<unknown>>()
  #lastVerified: boolean | null = null

  constructor(options: AuditOptions) {
    this.#options = options
    this.#read = eventReader(options.store)
  }

  /** Whether the journal was intact when it was last verified; null before the first time. */
  get lastVerified(): boolean | null {
    return this.#lastVerified
  }

  tail(options: TailOptions): AsyncIterable<DeckEvent> {
    return tailEvents(this.#options.journal, this.#read, options)
  }

  async search(options: SearchOptions): Promise<DeckEvent[]> {
    return (await this.#options.indexWorker.find(options)).map(asEvent)
  }

  /** Verifies an exported file, or else the journal of this deck. */
  async verify({
    file,
    deep = false,
  }: {
    file?: string | undefined
    deep?: boolean | undefined
  }): Promise<Verification> {
    if (file === undefined) return this.#track(this.#verifyDeck(deep))
    return verifyExport(resolve(file), this.#options.key).catch((cause: unknown) => {
      throw new Fault('not.found', `${file} cannot be read (${errno(cause) ?? String(cause)})`, {
        cause,
      })
    })
  }

  async export(
    path: string,
    actor: string,
  ): Promise<{ path: string; events: number; head: string }> {
    const { journal, key } = this.#options
    const target = resolve(path)
    await journal.append(() => [
      {
        type: 'audit.exported',
        actor,
        subject: '',
        body: { path: target, events: journal.head().seq + 1, head: journal.head().hash },
      },
    ])
    return writeExport(target, journal.head(), key, this.#read)
  }

  /** Folds the whole journal again and compares the result with the tables. */
  rebuild(): Promise<{ events: number; same: boolean; differences: string[] }> {
    return this.#track(this.#compare())
  }

  async checkpoint(): Promise<Checkpoint> {
    const { problem } = this.#options.losses
    if (problem !== undefined)
      throw new Fault('journal.corrupt', `nothing is signed now: ${problem}`, {
        hint: 'Run `clawdeck audit verify`.',
      })
    this.#options.checkpoints.sign()
    const latest = latestCheckpoint(this.#options.store)
    if (latest === undefined)
      throw new Fault('not.found', 'the journal is empty: there is no head to sign')
    return latest
  }

  acceptLoss(actor: string): Promise<AcceptedLoss> {
    return this.#options.acceptance.accept(actor, () => this.verify({ deep: true }))
  }

  /** Ends running verifications and rebuilds. The database may be closed after that. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort(
      new Fault('supervisor.stopping', 'the supervisor is stopping', {
        hint: 'Try again in a moment.',
      }),
    )
    await Promise.allSettled(this.#running)
  }

  async #verifyDeck(deep: boolean): Promise<Verification> {
    const { store, journal, key, mirror, checkpoints, files, nouns, losses } = this.#options
    const head = journal.head()
    const began = losses.version
    await mirror.flush()
    checkpoints.catchUp()
    const result = await verifyJournal({
      ...files,
      database: store.name,
      head,
      signer: key,
      nouns,
      losses,
      deep: deep || head.seq <= ALWAYS_DEEP_EVENTS,
      signal: this.#closing.signal,
    })
    this.#lastVerified = result.ok
    await losses.verified(result, began)
    return result
  }

  async #compare(): Promise<{ events: number; same: boolean; differences: string[] }> {
    const { store, nouns } = this.#options
    const snapshot = openReadOnly(store.name)
    try {
      const { events, differences } = await compareNouns(snapshot, nouns, this.#closing.signal)
      return {
        events,
        same: differences.length === 0,
        differences: differences.slice(0, MAX_DIFFERENCES).map(describeDifference),
      }
    } finally {
      snapshot.close()
    }
  }

  async #track<T>(work: Promise<T>): Promise<T> {
    this.#running.add(work)
    try {
      return await work
    } finally {
      this.#running.delete(work)
    }
  }
}

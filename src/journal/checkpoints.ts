import type { Clock } from '../base/clock.ts'
import type { HostKey } from '../base/signing.ts'
import type { Store } from '../store/open.ts'
import { checkpointText } from './chain.ts'
import { CheckpointCopies, latestCheckpoint, type CheckpointFiles } from './checkpoint-files.ts'
import type { Journal } from './journal.ts'
import type { Checkpoint } from './types.ts'

/** A head is signed after this many events … */
const EVERY_EVENTS = 1000
/** … or once this time has passed since an event … */
const DELAY_MS = 2000
/** … but on a quiet deck not more often than this, because verification checks every signature. */
const MIN_INTERVAL_MS = 30_000

interface CheckpointOptions {
  store: Store
  journal: Journal
  signer: HostKey
  clock: Clock
  files: CheckpointFiles
  /** Whether the journal is whole, as far as is known: otherwise nothing is signed. */
  trusted?: () => boolean
  problem: (what: string) => void
}

/**
 * Signs heads of the journal, because a hash chain alone cannot reveal a rewritten or shortened
 * tail. Each checkpoint is stored in the database and copied from there to both files.
 */
export class Checkpoints {
  readonly #options: CheckpointOptions
  readonly #copies: CheckpointCopies
  readonly #unfollow: () => void
  #signedSeq: number
  #signedAt = 0
  #cancel: (() => void) | undefined

  constructor(options: CheckpointOptions) {
    const { store, journal, files, problem } = options
    this.#options = options
    this.#signedSeq = latestCheckpoint(store)?.seq ?? 0
    this.#copies = new CheckpointCopies(store, files)
    if (!this.#copies.consistent)
      problem(
        `the journal does not contain the last signed head (${files.last}): it was cut, or replaced by an older one`,
      )
    this.#attempt(() => this.#copies.update())
    this.#unfollow = journal.follow(() => this.#schedule())
  }

  /**
   * Signs the head now, unless it is signed already, or the journal is not trusted. Throws when the
   * files cannot be written.
   */
  sign(): Checkpoint | undefined {
    this.#cancelTimer()
    const { journal, clock, signer, trusted } = this.#options
    const head = journal.head()
    if (head.seq <= this.#signedSeq || trusted?.() === false) return undefined
    const unsigned = { seq: head.seq, hash: head.hash, at: clock.now(), keyId: signer.keyId }
    const checkpoint = { ...unsigned, signature: signer.sign(checkpointText(unsigned)) }
    this.#insert(checkpoint)
    this.#copies.update()
    this.#signedSeq = head.seq
    this.#signedAt = clock.now()
    return checkpoint
  }

  /** Adds what could not be written to the files before, if that is possible now. */
  catchUp(): void {
    if (this.#copies.behind) this.#attempt(() => this.#copies.update())
  }

  /**
   * Begins anew with what remains: removes checkpoints of other events than those of the journal,
   * keeps the files under other names, and signs the head.
   */
  renew(label: string): void {
    const { store } = this.#options
    store.exec(
      'DELETE FROM checkpoint WHERE NOT EXISTS (SELECT 1 FROM event e WHERE e.seq = checkpoint.seq AND e.hash = checkpoint.hash)',
    )
    this.#signedSeq = latestCheckpoint(store)?.seq ?? 0
    this.#copies.renew(label)
    this.sign()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#unfollow()
    this.#cancelTimer()
  }

  #schedule(): void {
    const { journal, clock } = this.#options
    if (journal.head().seq - this.#signedSeq >= EVERY_EVENTS) this.#attempt(() => this.sign())
    else
      this.#cancel ??= clock.after(
        Math.max(
          DELAY_MS,
          Math.min(MIN_INTERVAL_MS, this.#signedAt + MIN_INTERVAL_MS - clock.now()),
        ),
        () => this.#attempt(() => this.sign()),
      )
  }

  #cancelTimer(): void {
    this.#cancel?.()
    this.#cancel = undefined
  }

  #insert({ seq, hash, at, keyId, signature }: Checkpoint): void {
    this.#options.store
      .prepare(
        'INSERT OR IGNORE INTO checkpoint (seq, hash, at, keyId, signature) VALUES (?, ?, ?, ?, ?)',
      )
      .run(seq, hash, at, keyId, signature)
  }

  /** A full disk must not stop what is already committed. The next commit tries again. */
  #attempt(act: () => unknown): void {
    try {
      act()
    } catch {
      /* verification reports that the files lack a checkpoint */
    }
  }
}

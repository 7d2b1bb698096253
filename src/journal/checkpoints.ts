import { appendFileSync } from 'node:fs'
import type { Clock } from '../base/clock.ts'
import type { HostKey } from '../config/host-key.ts'
import type { Store } from '../store/open.ts'
import { checkpointText } from './chain.ts'
import type { Journal } from './journal.ts'
import { lastWholeLine } from './lines.ts'
import type { Checkpoint } from './types.ts'

/** A head is signed after so many events, or this long after the last one. */
const EVERY_EVENTS = 1000
const QUIET_MS = 2000

export interface Checkpoints {
  /** Signs the head now, unless it is signed already. */
  sign(): Checkpoint | undefined
  close(): void
}

/**
 * Signs heads of the journal, because a chain alone cannot reveal a rewritten or cut tail. Each goes into the database
 * and, one canonical line each, into a file that can be handed out.
 */
export function keepCheckpoints(options: { store: Store; journal: Journal; signer: HostKey; clock: Clock; file: string }): Checkpoints {
  const { store, journal, signer, clock } = options
  const insert = store.prepare('INSERT OR IGNORE INTO checkpoint (seq, hash, at, keyId, signature) VALUES (?, ?, ?, ?, ?)')
  let signed = store.prepare<[], { seq: number | null }>('SELECT max(seq) AS seq FROM checkpoint').get()?.seq ?? 0
  let cancel: (() => void) | undefined

  function sign(): Checkpoint | undefined {
    cancel?.()
    cancel = undefined
    const head = journal.head()
    if (head.seq <= signed) return undefined
    const unsigned = { seq: head.seq, hash: head.hash, at: clock.now(), keyId: signer.keyId }
    const checkpoint = { ...unsigned, signature: signer.sign(checkpointText(unsigned)) }
    insert.run(checkpoint.seq, checkpoint.hash, checkpoint.at, checkpoint.keyId, checkpoint.signature)
    // Whatever a full disk left of the last attempt must not become part of this line.
    lastWholeLine(options.file)
    appendFileSync(options.file, `${JSON.stringify(checkpoint)}\n`, { mode: 0o600 })
    signed = head.seq
    return checkpoint
  }

  /** A full disk must not stop what was already committed; the next commit tries again. */
  function attempt(): void {
    try { sign() } catch { cancel = undefined }
  }

  const unfollow = journal.follow(() => {
    if (journal.head().seq - signed >= EVERY_EVENTS) attempt()
    else cancel ??= clock.after(QUIET_MS, attempt)
  })
  return { sign, close() { unfollow(); cancel?.() } }
}

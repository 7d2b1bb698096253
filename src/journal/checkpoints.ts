import { appendFileSync, existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import type { Clock } from '../base/clock.ts'
import type { HostKey } from '../base/signing.ts'
import type { Store } from '../store/open.ts'
import { checkpointText } from './chain.ts'
import type { Journal } from './journal.ts'
import { lastWholeLine } from './lines.ts'
import type { Checkpoint } from './types.ts'

/** A head is signed after so many events, or this long after the last one … */
const EVERY_EVENTS = 1000
const QUIET_MS = 2000
/** … but a deck on which little happens signs no more often than this: each signature is proven again and again. */
const RARELY_MS = 30_000

export interface Checkpoints {
  /** Signs the head now, unless it is signed already. */
  sign(): Checkpoint | undefined
  /** Brings the files up to what was signed, where they could not be written then. What somebody else did to them stays as it is. */
  settle(): void
  close(): void
}

/** Where signed heads go besides the database: a file of all of them, to be handed out, and a copy of the last one among the secrets. */
export interface CheckpointFiles {
  all: string
  last: string
}

/** The line of a checkpoint in its file. */
export function checkpointLine({ seq, hash, at, keyId, signature }: Checkpoint): string {
  return JSON.stringify({ seq, hash, at, keyId, signature })
}

/** A checkpoint in the one spelling that counts; undefined for anything else. */
export function parseCheckpoint(line: string): Checkpoint | undefined {
  try {
    const value = JSON.parse(line) as Checkpoint
    return Number.isSafeInteger(value.seq) &&
      typeof value.signature === 'string' &&
      checkpointLine(value) === line
      ? value
      : undefined
  } catch {
    return undefined
  }
}

/**
 * Signs heads of the journal, because a chain alone cannot reveal a rewritten or cut tail. Each goes into the database,
 * and from there into both files. Of an older database that was put in place of this one the copy of the last head still
 * tells: it is never replaced by a head that does not follow from it.
 */
export function keepCheckpoints(options: {
  store: Store
  journal: Journal
  signer: HostKey
  clock: Clock
  files: CheckpointFiles
  problem: (what: string) => void
}): Checkpoints {
  const { store, journal, signer, clock, files } = options
  const insert = store.prepare(
    'INSERT OR IGNORE INTO checkpoint (seq, hash, at, keyId, signature) VALUES (?, ?, ?, ?, ?)',
  )
  const since = store.prepare<[number], Checkpoint>(
    'SELECT seq, hash, at, keyId, signature FROM checkpoint WHERE seq > ? ORDER BY seq',
  )
  let signed =
    store.prepare<[], { seq: number | null }>('SELECT max(seq) AS seq FROM checkpoint').get()
      ?.seq ?? 0
  let signedAt = 0
  let cancel: (() => void) | undefined
  let behind = false
  const follows = copyFollows(store, files.last)
  if (!follows)
    options.problem(
      `the journal does not hold the head that was signed last (${files.last}): it was cut, or an older one was put in its place. Whoever restored a backup on purpose moves that file away, and starts again.`,
    )

  /** Both files are brought up to the table, whatever a crash or a full disk kept from them before. */
  function copy(): void {
    behind = true
    const line = lastWholeLine(files.all)
    const last = line === '' ? 0 : parseCheckpoint(line)?.seq
    const lacking = last === undefined ? [] : since.all(last)
    if (lacking.length > 0)
      appendFileSync(files.all, lacking.map((c) => `${checkpointLine(c)}\n`).join(''), {
        mode: 0o600,
      })
    const latest = since.all(signed - 1).at(-1)
    if (follows && latest !== undefined) {
      writeFileSync(`${files.last}.new`, `${checkpointLine(latest)}\n`, {
        mode: 0o600,
        flush: true,
      })
      renameSync(`${files.last}.new`, files.last)
    }
    behind = false
  }

  function sign(): Checkpoint | undefined {
    cancel?.()
    cancel = undefined
    const head = journal.head()
    if (head.seq <= signed) return undefined
    const unsigned = { seq: head.seq, hash: head.hash, at: clock.now(), keyId: signer.keyId }
    const checkpoint = { ...unsigned, signature: signer.sign(checkpointText(unsigned)) }
    insert.run(
      checkpoint.seq,
      checkpoint.hash,
      checkpoint.at,
      checkpoint.keyId,
      checkpoint.signature,
    )
    copy()
    signed = head.seq
    signedAt = clock.now()
    return checkpoint
  }

  /** A full disk must not stop what was already committed; the next commit tries again. */
  function attempt(act: () => unknown): void {
    try {
      act()
    } catch {
      cancel = undefined
    }
  }

  attempt(copy)
  const unfollow = journal.follow(() => {
    if (journal.head().seq - signed >= EVERY_EVENTS) attempt(sign)
    else
      cancel ??= clock.after(
        Math.max(QUIET_MS, Math.min(RARELY_MS, signedAt + RARELY_MS - clock.now())),
        () => attempt(sign),
      )
  })
  return {
    sign,
    settle() {
      try {
        if (behind) copy()
      } catch {
        /* they still cannot be written, which whoever looks at them sees */
      }
    },
    close() {
      unfollow()
      cancel?.()
    },
  }
}

/** Whether the journal holds the head of the copy; where there is none, every journal does. */
function copyFollows(store: Store, path: string): boolean {
  if (!existsSync(path)) return true
  const copy = parseCheckpoint(readFileSync(path, 'utf8').trimEnd())
  return (
    copy !== undefined &&
    store.prepare<[number], { hash: string }>('SELECT hash FROM event WHERE seq = ?').get(copy.seq)
      ?.hash === copy.hash
  )
}

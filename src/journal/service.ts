import { resolve } from 'node:path'
import { Fault, errno } from '../base/fault.ts'
import type { HostKey } from '../base/signing.ts'
import { openReadOnly, type Store } from '../store/open.ts'
import type { CheckpointFiles, Checkpoints } from './checkpoints.ts'
import type { Clerk } from './index-worker.ts'
import { verifyExport, writeExport } from './export.ts'
import type { Journal } from './journal.ts'
import type { Mirror } from './mirror.ts'
import { asEvent, eventReader } from './read.ts'
import { compareNouns, describeDifference } from './rebuild.ts'
import type { Nouns } from './noun.ts'
import type { SearchOptions } from './search.ts'
import type { Checkpoint, DeckEvent, Verification } from './types.ts'
import { verifyJournal } from './verify.ts'

export interface AuditParts {
  store: Store
  journal: Journal
  key: HostKey
  checkpoints: Checkpoints
  mirror: Mirror
  clerk: Clerk
  nouns: Nouns
  files: {
    whole: string
    checkpoints: CheckpointFiles
    mirrors: () => { agent: string; file: string }[]
  }
}

/** Events that a follower is given in one piece. */
const TAILED = 200
/** Up to so many events `verify` looks at everything, unasked: that takes about two seconds. */
const DEEP_UNASKED = 200_000

/** Questions to the journal: follow, search, prove, export, rebuild. */
export function auditService(parts: AuditParts) {
  const { store, journal } = parts
  const read = eventReader(store)
  let verified: boolean | null = null
  const ended = new AbortController()
  const running = new Set<Promise<unknown>>()

  /** What reads the database through a connection of its own must be over before the database is closed. */
  async function during<T>(work: Promise<T>): Promise<T> {
    running.add(work)
    try {
      return await work
    } finally {
      running.delete(work)
    }
  }

  async function verify({
    file,
    deep,
  }: {
    file?: string | undefined
    deep?: boolean | undefined
  }): Promise<Verification> {
    if (file !== undefined)
      return verifyExport(resolve(file), parts.key).catch((cause: unknown) => {
        throw new Fault('not.found', `${file} cannot be read (${errno(cause) ?? String(cause)})`, {
          cause,
        })
      })
    return during(verifyAll(deep === true))
  }

  async function verifyAll(deep: boolean): Promise<Verification> {
    const head = journal.head()
    await parts.mirror.settled()
    parts.checkpoints.settle()
    const { whole, mirrors, checkpoints } = parts.files
    const result = await verifyJournal({
      database: store.name,
      head,
      signer: parts.key,
      whole,
      mirrors,
      checkpoints,
      nouns: parts.nouns,
      deep: deep || head.seq <= DEEP_UNASKED,
      signal: ended.signal,
    })
    verified = result.ok
    return result
  }

  async function rebuild(): Promise<{ events: number; same: boolean; differences: string[] }> {
    const now = openReadOnly(store.name)
    try {
      const { events, differences } = await compareNouns(now, parts.nouns, ended.signal)
      return {
        events,
        same: differences.length === 0,
        differences: differences.slice(0, 50).map(describeDifference),
      }
    } finally {
      now.close()
    }
  }

  return {
    tail: (options: {
      limit: number
      follow: boolean
      agent?: string | undefined
      signal: AbortSignal
    }) => tail(journal, read, options),
    async search(options: SearchOptions): Promise<DeckEvent[]> {
      return (await parts.clerk.find(options)).map(asEvent)
    },
    verify,
    lastVerified: () => verified,
    async export(path: string, actor: string) {
      const target = resolve(path)
      await journal.append(() => [
        {
          type: 'audit.exported',
          actor,
          subject: '',
          body: { path: target, events: journal.head().seq + 1, head: journal.head().hash },
        },
      ])
      return writeExport(target, journal.head(), parts.key, read)
    },
    rebuild: () => during(rebuild()),
    async checkpoint(): Promise<Checkpoint> {
      parts.checkpoints.sign()
      return latestCheckpoint(store)
    },
    /** Ends what is being proven or rebuilt. */
    async close(): Promise<void> {
      ended.abort(
        new Fault('supervisor.stopping', 'the supervisor is stopping', {
          hint: 'Try again in a moment.',
        }),
      )
      await Promise.allSettled(running)
    },
  }
}

function latestCheckpoint(store: Store): Checkpoint {
  const found = store
    .prepare<[], Checkpoint>('SELECT * FROM checkpoint ORDER BY seq DESC LIMIT 1')
    .get()
  if (found === undefined)
    throw new Fault('not.found', 'the journal is empty: there is no head to sign')
  return found
}

/** Backfill, then live without a gap or a repeat. What comes is read from the journal when the reader is ready for it, so one that stopped reading costs nothing. */
async function* tail(
  journal: Journal,
  read: ReturnType<typeof eventReader>,
  options: { limit: number; follow: boolean; agent?: string | undefined; signal: AbortSignal },
): AsyncIterable<DeckEvent> {
  const { agent, signal } = options
  let wake = () => {}
  let news = true
  const unfollow = options.follow
    ? journal.follow(() => {
        news = true
        wake()
      })
    : () => {}
  const aborted = () => wake()
  signal.addEventListener('abort', aborted)
  try {
    let seq = journal.head().seq
    for (const event of read.latest(options.limit, agent)) {
      seq = event.seq
      yield asEvent(event)
    }
    while (options.follow && !signal.aborted) {
      news = false
      const slice =
        agent === undefined ? read.since(seq, TAILED) : read.ofSubject(agent, seq, TAILED)
      for (const event of slice) {
        seq = event.seq
        yield asEvent(event)
      }
      if (slice.length < TAILED && !news && !signal.aborted)
        await new Promise<void>((go) => {
          wake = go
        })
    }
  } finally {
    unfollow()
    signal.removeEventListener('abort', aborted)
  }
}

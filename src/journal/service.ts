import { createWriteStream } from 'node:fs'
import { once } from 'node:events'
import { resolve } from 'node:path'
import { canonical } from '../base/canonical.ts'
import { Fault, errno } from '../base/fault.ts'
import type { HostKey } from '../config/host-key.ts'
import { openStore, type Store } from '../store/open.ts'
import { checkpointText, lineOf } from './chain.ts'
import type { Checkpoints } from './checkpoints.ts'
import type { Journal } from './journal.ts'
import type { Mirror } from './mirror.ts'
import { asEvent, eventReader } from './read.ts'
import { NOUN_TABLES, rowsOf, type Fold } from './rows.ts'
import { openSearch, type SearchOptions } from './search.ts'
import type { Checkpoint, DeckEvent, Verification } from './types.ts'
import { verifyExport, verifyJournal } from './verify.ts'

export interface AuditParts {
  store: Store
  journal: Journal
  key: HostKey
  checkpoints: Checkpoints
  mirror: Mirror
  fold: Fold
  files: { whole: string; checkpoints: string; mirrors: () => { agent: string; file: string }[] }
}

const SLICE = 2000

/** Questions to the journal: follow, search, prove, export, rebuild. */
export function auditService(parts: AuditParts) {
  const { store, journal } = parts
  const read = eventReader(store)
  const search = openSearch(store)
  let verified: boolean | null = null

  async function verify({ file }: { file?: string | undefined }): Promise<Verification> {
    if (file !== undefined) return verifyExport(resolve(file), parts.key).catch((cause: unknown) => { throw new Fault('not.found', `${file} cannot be read (${errno(cause) ?? String(cause)})`, { cause }) })
    const due = journal.head().seq
    await parts.mirror.settled()
    const result = await verifyJournal({ store, signer: parts.key, due, whole: parts.files.whole, mirrors: parts.files.mirrors, checkpointFile: parts.files.checkpoints })
    verified = result.ok
    return result
  }

  return {
    tail: (options: { limit: number; follow: boolean; agent?: string | undefined; signal: AbortSignal }) => tail(journal, read, options),
    async search(options: SearchOptions): Promise<DeckEvent[]> { return search.find(options).map(asEvent) },
    /** Takes events into the search index while nothing else is to be done; answers how many wait. */
    index: (limit: number) => search.index(limit),
    verify,
    lastVerified: () => verified,
    async export(path: string, actor: string) {
      const target = resolve(path)
      await journal.append(() => [{ type: 'audit.exported', actor, subject: '', body: { path: target, events: journal.head().seq + 1, head: journal.head().hash } }])
      return writeExport(target, parts, read)
    },
    async rebuild() { return rebuild(store, read, parts.fold) },
    async checkpoint(): Promise<Checkpoint> {
      parts.checkpoints.sign()
      return latestCheckpoint(store)
    },
  }
}

function latestCheckpoint(store: Store): Checkpoint {
  const found = store.prepare<[], Checkpoint>('SELECT * FROM checkpoint ORDER BY seq DESC LIMIT 1').get()
  if (found === undefined) throw new Fault('not.found', 'the journal is empty: there is no head to sign')
  return found
}

/** Backfill, then live without a gap or a repeat: live events wait until the backfill has reached them. */
async function* tail(journal: Journal, read: ReturnType<typeof eventReader>, options: { limit: number; follow: boolean; agent?: string | undefined; signal: AbortSignal }): AsyncIterable<DeckEvent> {
  let queue: DeckEvent[] = []
  let wake = () => {}
  const unfollow = options.follow ? journal.follow((commit) => { queue.push(...commit.events); wake() }) : () => {}
  const aborted = () => wake()
  options.signal.addEventListener('abort', aborted)
  try {
    let seq = 0
    for (const event of read.latest(options.limit, options.agent).map(asEvent)) { seq = event.seq; yield event }
    while (options.follow && !options.signal.aborted) {
      const batch = queue
      queue = []
      for (const event of batch) if (event.seq > seq && (options.agent === undefined || event.subject === options.agent)) { seq = event.seq; yield event }
      if (queue.length === 0 && !options.signal.aborted) await new Promise<void>((go) => { wake = go })
    }
  } finally {
    unfollow()
    options.signal.removeEventListener('abort', aborted)
  }
}

/** Every event up to the head, a line each, and as last line the signed head. Never over an existing file. */
async function writeExport(path: string, parts: AuditParts, read: ReturnType<typeof eventReader>): Promise<{ path: string; events: number; head: string }> {
  const { key, journal } = parts
  const head = journal.head()
  const out = createWriteStream(path, { flags: 'wx', mode: 0o600 })
  try {
    await once(out, 'open')
    for (let seq = 0; seq < head.seq;) {
      const slice = read.since(seq, Math.min(SLICE, head.seq - seq))
      if (slice.length === 0) throw new Fault('journal.corrupt', `event ${seq + 1} is missing from the journal`, { hint: 'clawdeck audit verify' })
      seq = slice.at(-1)?.seq ?? head.seq
      if (!out.write(slice.map((e) => `${lineOf(e)}\n`).join(''))) await once(out, 'drain')
    }
    const unsigned = { seq: head.seq, hash: head.hash, at: Date.now(), keyId: key.keyId }
    out.end(`${JSON.stringify({ checkpoint: { ...unsigned, signature: key.sign(checkpointText(unsigned)) }, publicKey: key.publicKey })}\n`)
    await once(out, 'close')
  } catch (thrown) {
    out.destroy()
    if (thrown instanceof Fault) throw thrown
    const exists = errno(thrown) === 'EEXIST'
    throw new Fault(exists ? 'name.taken' : 'not.possible', exists ? `${path} exists already` : `${path} cannot be written (${errno(thrown) ?? String(thrown)})`, { cause: thrown, hint: 'Name another file.' })
  }
  return { path, events: head.seq, head: head.hash }
}

/** Folds the whole journal into fresh tables and compares them with the live ones. */
function rebuild(store: Store, read: ReturnType<typeof eventReader>, fold: Fold): { events: number; same: boolean; differences: string[] } {
  const fresh = openStore(':memory:')
  const rows = rowsOf(fresh)
  let events = 0
  const replay = fresh.transaction(() => {
    for (let seq = 0; ;) {
      const slice = read.since(seq, SLICE)
      if (slice.length === 0) return
      for (const stored of slice) { fold(asEvent(stored), rows); events++ }
      rows.touched()
      seq = slice.at(-1)?.seq ?? seq
    }
  })
  replay()
  const differences = NOUN_TABLES.flatMap((table) => compare(table, store, fresh))
  fresh.close()
  return { events, same: differences.length === 0, differences: differences.slice(0, 50) }
}

function compare(table: string, live: Store, fresh: Store): string[] {
  const sql = `SELECT id, row FROM ${table} ORDER BY id`
  const want = new Map(fresh.prepare<[], { id: string; row: string }>(sql).all().map((r) => [r.id, r.row]))
  const differences: string[] = []
  for (const { id, row } of live.prepare<[], { id: string; row: string }>(sql).iterate()) {
    if (!want.has(id)) differences.push(`${table} ${id}: the journal knows none`)
    else if (want.get(id) !== row && canonical(JSON.parse(want.get(id) ?? '')) !== canonical(JSON.parse(row))) differences.push(`${table} ${id}: not what the journal says`)
    want.delete(id)
  }
  return [...differences, ...[...want.keys()].map((id) => `${table} ${id}: missing`)]
}

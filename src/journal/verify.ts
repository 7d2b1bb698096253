import { yielder } from '../base/yield.ts'
import { asFault } from '../base/fault.ts'
import type { HostVerifier } from '../base/signing.ts'
import { openReadOnly, type Store } from '../store/open.ts'
import { brokenLink, GENESIS, lineOf, type StoredEvent } from './chain.ts'
import type { CheckpointFiles } from './checkpoints.ts'
import { FileWalk, type Line } from './file-walk.ts'
import { checkPages } from './pages.ts'
import { eventReader } from './read.ts'
import { compareNouns, describeDifference } from './rebuild.ts'
import type { Nouns } from './noun.ts'
import type { Verification } from './types.ts'
import { verdict, type Problem } from './verification.ts'
import { verifyCheckpoints } from './verify-checkpoints.ts'

/** Small, so that what is read dies young: larger slices are slower. */
const SLICE = 128

export interface VerifyOptions {
  database: string
  /** What must be there at least: the head as its writer knows it. */
  head: { seq: number; hash: string }
  signer: HostVerifier
  /** The mirror of all events, and those of the agents that there are when it is called. */
  whole: string
  mirrors: () => { agent: string; file: string }[]
  checkpoints: CheckpointFiles
  nouns: Nouns
  /** Also every page and index of the database, every old signature, and the tables that events are folded into. */
  deep: boolean
  /** Ends it before its time: then it rejects. */
  signal: AbortSignal
}

/**
 * Proves the journal as it lies on disk: every link of the chain, every signed head, and that each mirror holds exactly
 * the lines of the journal. Reads in slices through a connection of its own, so that a supervisor goes on serving: a
 * mirror may lag behind what is appended meanwhile.
 */
export async function verifyJournal(options: VerifyOptions): Promise<Verification> {
  const began = performance.now()
  const problems: Problem[] = []
  const found = { events: 0, head: GENESIS, checkpoints: 0, mirrors: 0 }
  const pages = options.deep ? checkPages(options.database, options.signal) : Promise.resolve([])
  await tried(problems, async () => {
    const store = openReadOnly(options.database)
    try {
      Object.assign(found, await verifyChain(store, options, problems))
      await tried(problems, async () => {
        found.checkpoints = await verifyCheckpoints({
          store,
          signer: options.signer,
          files: options.checkpoints,
          deep: options.deep,
          problems,
        })
      })
      await tried(problems, async () => {
        found.mirrors = await verifyMirrors(store, options, problems)
      })
      if (options.deep && found.events >= options.head.seq)
        await tried(problems, () => verifyNouns(store, options, problems))
    } finally {
      store.close()
    }
  })
  problems.push(...(await pages))
  options.signal.throwIfAborted()
  return verdict({ ...found, deep: options.deep, problems, began })
}

/** A damaged page is something that verification finds, not something that it fails of. */
async function tried(problems: Problem[], part: () => Promise<void>): Promise<void> {
  try {
    await part()
  } catch (thrown) {
    const fault = asFault(thrown)
    problems.push({
      where: 'database',
      seq: null,
      what: `it cannot be read: ${fault.code === 'bug' ? String(fault.cause) : fault.message}`,
    })
  }
}

async function verifyChain(
  store: Store,
  { head, whole, signal }: VerifyOptions,
  problems: Problem[],
): Promise<{ events: number; head: string }> {
  const read = eventReader(store)
  const mirror = new FileWalk(whole, head.seq, problems)
  const yieldIfBusy = yielder(signal)
  let prev = GENESIS
  let seq = 0
  const bad = (what: string) => {
    problems.push({ where: 'journal', seq: seq + 1, what })
    mirror.close()
    return { events: seq, head: prev }
  }
  while (seq < head.seq) {
    const slice = readSlice(read, seq)
    if ('unreadable' in slice) return bad(slice.unreadable)
    if (slice.length === 0) return bad(`event ${seq + 1} is missing`)
    for (const event of slice) {
      const broken =
        brokenLink(event, seq + 1, prev) ??
        (event.seq === head.seq && event.hash !== head.hash
          ? 'it is not what was written'
          : undefined)
      if (broken !== undefined) return bad(broken)
      seq = event.seq
      prev = event.hash
    }
    mirror.matches(slice.map(mirrorLine))
    await yieldIfBusy()
  }
  await mirror.end(seq, (last) => read.since(last, SLICE).map(mirrorLine))
  return { events: seq, head: prev }
}

const mirrorLine = (event: StoredEvent): Line => ({ seq: event.seq, text: lineOf(event) })

function readSlice(
  read: ReturnType<typeof eventReader>,
  seq: number,
): StoredEvent[] | { unreadable: string } {
  try {
    return read.since(seq, SLICE)
  } catch {
    // A damaged page hides its whole slice: go on one by one, to name the first row that cannot be read.
    const good: StoredEvent[] = []
    for (let next = seq + 1; ; next++) {
      try {
        const event = read.one(next)
        if (event === undefined) return good
        good.push(event)
      } catch (thrown) {
        return good.length === 0
          ? { unreadable: `the database cannot be read here: ${String(thrown)}` }
          : good
      }
    }
  }
}

/** The mirrors of all agents, the whole one counted in. */
async function verifyMirrors(
  store: Store,
  { head, mirrors, signal }: VerifyOptions,
  problems: Problem[],
): Promise<number> {
  const all = mirrors()
  const yieldIfBusy = yielder(signal)
  const there = (agent: string) => mirrors().some((mirror) => mirror.agent === agent)
  for (const { agent, file } of all) {
    if (!there(agent)) continue
    const own: Problem[] = []
    await verifyMirror(store, agent, new FileWalk(file, head.seq, own), yieldIfBusy)
    // Agents come and go while this goes on, and their folders with them.
    if (own.length > 0 && there(agent) && !cameOrWent(store, agent, head.seq)) problems.push(...own)
  }
  return all.length + 1
}

function cameOrWent(store: Store, agent: string, since: number): boolean {
  return (
    store
      .prepare<[string, number], unknown>(
        "SELECT 1 FROM event WHERE subject = ? AND type IN ('agent.created', 'agent.deleted', 'agent.restored') AND seq > ? LIMIT 1",
      )
      .get(agent, since) !== undefined
  )
}

async function verifyMirror(
  store: Store,
  agent: string,
  walk: FileWalk,
  yieldIfBusy: () => Promise<void>,
): Promise<void> {
  const read = eventReader(store)
  const since = (seq: number) => read.ofSubject(agent, seq, SLICE)
  let seq = 0
  for (let slice = since(seq); walk.goesOn && slice.length > 0; slice = since(seq)) {
    walk.matches(slice.map(mirrorLine))
    seq = slice.at(-1)?.seq ?? seq
    await yieldIfBusy()
  }
  await walk.end(seq, (last) => since(last).map(mirrorLine))
}

async function verifyNouns(
  store: Store,
  { nouns, signal }: VerifyOptions,
  problems: Problem[],
): Promise<void> {
  const { differences } = await compareNouns(store, nouns, signal)
  for (const difference of differences.slice(0, 20))
    problems.push({ where: 'state', seq: null, what: describeDifference(difference) })
}

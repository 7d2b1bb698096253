import { asFault } from '../../base/fault.ts'
import type { HostVerifier } from '../../base/signing.ts'
import { yielder } from '../../base/yield.ts'
import { openReadOnly, type Store } from '../../store/open.ts'
import { GENESIS, lineOf, type Head, type StoredEvent } from '../chain.ts'
import { acceptedPart, ChainWalk } from '../loss/accepted-part.ts'
import type { Losses } from '../loss/losses.ts'
import type { CheckpointFiles } from '../checkpoint-files.ts'
import { FileComparison, type ExpectedLine } from './file-comparison.ts'
import { checkPages } from './pages.ts'
import { eventReader } from '../read.ts'
import { compareNouns, describeDifference } from '../tables/rebuild.ts'
import type { Nouns } from '../noun.ts'
import type { Verification } from '../types.ts'
import { verificationOf, type VerificationProblem } from './verification.ts'
import { verifyCheckpoints } from './checkpoints.ts'

/** Small, so that garbage collection stays cheap: larger slices are slower. */
const SLICE = 128

interface VerifyOptions {
  database: string
  /** The head as the writer of the journal knows it: the database must contain it. */
  head: Head
  signer: HostVerifier
  /** The mirror of all events. */
  mirror: string
  /** The mirrors of the agents that exist when this is called. */
  agentMirrors: () => { agent: string; file: string }[]
  checkpoints: CheckpointFiles
  nouns: Nouns
  /** What is known to be lost. */
  losses: Pick<Losses, 'open' | 'accepted'>
  /** Also check every page and index of the database, old signatures, and the folded tables. */
  deep: boolean
  /** Makes it end early and reject. */
  signal: AbortSignal
}

/**
 * Verifies the journal as it is on disk: every link of the chain, every checkpoint, and that each
 * mirror contains exactly the lines of the journal. Reads in slices through a connection of its
 * own, so that a supervisor can continue; mirrors may lag behind what is appended meanwhile.
 */
export async function verifyJournal(options: VerifyOptions): Promise<Verification> {
  const began = performance.now()
  const problems: VerificationProblem[] = []
  const found = { events: 0, head: GENESIS, signed: 0, checkpoints: 0, mirrors: 0 }
  const { open, accepted } = options.losses
  for (const { after, what } of open)
    problems.push({ where: 'journal', seq: after === null ? null : after + 1, what })
  const pages = options.deep ? checkPages(options.database, options.signal) : Promise.resolve([])
  await reportingFaults(problems, async () => {
    const store = openReadOnly(options.database)
    try {
      Object.assign(found, await verifyChain(store, options, problems))
      await reportingFaults(problems, async () => {
        const checked = await verifyCheckpoints({
          store,
          signer: options.signer,
          files: options.checkpoints,
          deep: options.deep,
          problems,
        })
        Object.assign(found, checked)
      })
      await reportingFaults(problems, async () => {
        found.mirrors = await verifyMirrors(store, options, problems)
      })
      if (options.deep && found.events >= options.head.seq)
        await reportingFaults(problems, () => verifyNouns(store, options, problems))
    } finally {
      store.close()
    }
  })
  problems.push(...(await pages))
  options.signal.throwIfAborted()
  found.signed = Math.min(found.signed, found.events)
  return verificationOf({ ...found, deep: options.deep, losses: accepted, problems, began })
}

/** A damaged page is a finding of the verification, not a failure of it. */
async function reportingFaults(
  problems: VerificationProblem[],
  part: () => Promise<void>,
): Promise<void> {
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
  { head, mirror, signal }: VerifyOptions,
  problems: VerificationProblem[],
): Promise<{ events: number; head: string }> {
  const read = eventReader(store)
  const file = new FileComparison(mirror, head.seq, problems)
  const yieldIfBusy = yielder(signal)
  const walk = new ChainWalk(acceptedPart(store))
  const stop = (what: string, found: { seq: number; prev: string } = walk) => {
    problems.push({ where: 'journal', seq: found.seq + 1, what })
    file.close()
    return { events: found.seq, head: found.prev }
  }
  while (walk.seq < head.seq) {
    const slice = readSlice(read, walk.seq)
    if ('unreadable' in slice) return stop(slice.unreadable)
    if (slice.length === 0) return stop(`event ${walk.seq + 1} is missing`)
    for (const event of slice) {
      const before = { seq: walk.seq, prev: walk.prev }
      const broken = walk.next(event) ?? otherThanWritten(event, head)
      if (broken !== undefined) return stop(broken, before)
    }
    file.expect(slice.map(mirrorLine))
    await yieldIfBusy()
  }
  await file.finish(walk.seq, (last) => read.since(last, SLICE).map(mirrorLine))
  return { events: walk.seq, head: walk.prev }
}

function otherThanWritten({ seq, hash }: StoredEvent, head: Head): string | undefined {
  return seq === head.seq && hash !== head.hash ? 'it differs from what was written' : undefined
}

const mirrorLine = (event: StoredEvent): ExpectedLine => ({ seq: event.seq, text: lineOf(event) })

function readSlice(
  read: ReturnType<typeof eventReader>,
  seq: number,
): StoredEvent[] | { unreadable: string } {
  try {
    return read.since(seq, SLICE)
  } catch {
    // A damaged page makes the whole slice unreadable. Read row by row to name the first bad one.
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

/**
 * Verifies the mirrors of all agents. Returns the number of mirrors, including that of all events.
 */
async function verifyMirrors(
  store: Store,
  { head, agentMirrors, signal }: VerifyOptions,
  problems: VerificationProblem[],
): Promise<number> {
  const all = agentMirrors()
  const yieldIfBusy = yielder(signal)
  const exists = (agent: string) => agentMirrors().some((mirror) => mirror.agent === agent)
  for (const { agent, file } of all) {
    if (!exists(agent)) continue
    const own: VerificationProblem[] = []
    await verifyMirror(store, agent, new FileComparison(file, head.seq, own), yieldIfBusy)
    // An agent's folder may be created or removed while this runs.
    if (own.length > 0 && exists(agent) && !folderChanged(store, agent, head.seq))
      problems.push(...own)
  }
  return all.length + 1
}

function folderChanged(store: Store, agent: string, since: number): boolean {
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
  file: FileComparison,
  yieldIfBusy: () => Promise<void>,
): Promise<void> {
  const read = eventReader(store)
  const since = (seq: number) => read.ofSubject(agent, seq, SLICE)
  let seq = 0
  for (let slice = since(seq); file.continues && slice.length > 0; slice = since(seq)) {
    file.expect(slice.map(mirrorLine))
    seq = slice.at(-1)?.seq ?? seq
    await yieldIfBusy()
  }
  await file.finish(seq, (last) => since(last).map(mirrorLine))
}

async function verifyNouns(
  store: Store,
  { nouns, signal }: VerifyOptions,
  problems: VerificationProblem[],
): Promise<void> {
  const { differences } = await compareNouns(store, nouns, signal)
  for (const difference of differences.slice(0, 20))
    problems.push({ where: 'state', seq: null, what: describeDifference(difference) })
}

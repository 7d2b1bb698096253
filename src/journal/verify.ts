import { existsSync } from 'node:fs'
import { setImmediate as breathe } from 'node:timers/promises'
import type { HostKey } from '../config/host-key.ts'
import type { Store } from '../store/open.ts'
import { brokenLink, checkpointText, GENESIS, lineOf, type StoredEvent } from './chain.ts'
import { lineBatches, LineReader } from './lines.ts'
import { eventReader } from './read.ts'
import type { Checkpoint, Verification } from './types.ts'

const SLICE = 4000

type Problem = Verification['problems'][number]

/**
 * Proves the journal: every link of the chain, every signed head, and that each mirror holds exactly the lines of the
 * journal. Reads in slices, so that a supervisor goes on serving. Mirrors must be settled before.
 */
export async function verifyJournal(options: { store: Store; signer: HostKey; whole: string; mirrors: { agent: string; file: string }[]; checkpointFile: string }): Promise<Verification> {
  const began = performance.now()
  const problems: Problem[] = []
  const chain = await verifyChain(options.store, options.whole, problems)
  const checkpoints = verifyCheckpoints(options.store, options.signer, problems)
  await verifyCheckpointFile(options.checkpointFile, options.store, options.signer, problems)
  for (const mirror of options.mirrors) await verifyMirror(options.store, mirror, problems)
  return answer({ events: chain.events, head: chain.head, checkpoints, mirrors: options.mirrors.length + 1, problems, began })
}

function answer(parts: { events: number; head: string; checkpoints: number; mirrors: number; problems: Problem[]; began: number }): Verification {
  const { problems, began, ...rest } = parts
  const seqs = problems.map((p) => p.seq).filter((seq) => seq !== null)
  return { ok: problems.length === 0, ...rest, firstBad: seqs.length === 0 ? null : Math.min(...seqs), problems: problems.slice(0, 20), took: Math.round(performance.now() - began) }
}

async function verifyChain(store: Store, whole: string, problems: Problem[]): Promise<{ events: number; head: string }> {
  const read = eventReader(store)
  const mirror = existsSync(whole) ? new LineReader(whole) : undefined
  if (mirror === undefined) problems.push({ where: whole, seq: null, what: 'the mirror is missing; it is written anew when the supervisor starts' })
  let prev = GENESIS
  let seq = 0
  let mirrorHolds = mirror !== undefined
  for (;;) {
    const slice = readSlice(read, seq, problems)
    if (slice.length === 0) break
    for (const event of slice) {
      const broken = brokenLink(event, seq + 1, prev)
      if (broken !== undefined) { problems.push({ where: 'journal', seq: seq + 1, what: broken }); await mirror?.close(); return { events: seq, head: prev } }
      seq = event.seq
      prev = event.hash
      if (!mirrorHolds || mirror === undefined) continue
      const line = mirror.ready() ?? await mirror.next()
      if (line === lineOf(event)) continue
      mirrorHolds = false
      problems.push({ where: whole, seq, what: line === undefined ? 'the line is missing' : 'the line is not the event of the journal' })
    }
    await breathe()
  }
  if (mirrorHolds && await mirror?.next() !== undefined) problems.push({ where: whole, seq: seq + 1, what: 'the mirror has events that the journal lost' })
  await mirror?.close()
  return { events: seq, head: prev }
}

function readSlice(read: ReturnType<typeof eventReader>, seq: number, problems: Problem[]): StoredEvent[] {
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
        if (good.length === 0) problems.push({ where: 'journal', seq: next, what: `the database cannot be read here: ${String(thrown)}` })
        return good
      }
    }
  }
}

function verifyCheckpoints(store: Store, signer: HostKey, problems: Problem[]): number {
  const all = store.prepare<[], Checkpoint & { actual: string | null }>('SELECT c.*, e.hash AS actual FROM checkpoint c LEFT JOIN event e ON e.seq = c.seq ORDER BY c.seq').all()
  for (const c of all) {
    const what = checkpointFault(c, c.actual, signer)
    if (what !== undefined) problems.push({ where: 'checkpoint', seq: c.seq, what })
  }
  return all.length
}

function checkpointFault(c: Checkpoint, actual: string | null | undefined, signer: HostKey): string | undefined {
  if (c.keyId !== signer.keyId) return `it was signed by ${c.keyId}, not by this host's ${signer.keyId}`
  if (!signer.verify(checkpointText(c), c.signature)) return 'its signature does not hold'
  if (actual === null || actual === undefined) return 'the journal ends before this signed head: its tail was cut'
  return actual === c.hash ? undefined : 'the journal was rewritten: this signed head has another hash'
}

async function verifyCheckpointFile(file: string, store: Store, signer: HostKey, problems: Problem[]): Promise<void> {
  if (!existsSync(file)) return
  const read = eventReader(store)
  for await (const lines of lineBatches(file)) {
    for (const line of lines) {
      const c = parse<Checkpoint>(line)
      const what = c === undefined || typeof c.seq !== 'number' ? 'a line is not a checkpoint' : checkpointFault(c, read.one(c.seq)?.hash, signer)
      if (what !== undefined) problems.push({ where: file, seq: typeof c?.seq === 'number' ? c.seq : null, what })
    }
  }
}

async function verifyMirror(store: Store, mirror: { agent: string; file: string }, problems: Problem[]): Promise<void> {
  if (!existsSync(mirror.file)) { problems.push({ where: mirror.file, seq: null, what: 'the mirror is missing; it is written anew when the supervisor starts' }); return }
  const read = eventReader(store)
  const lines = new LineReader(mirror.file)
  let seq = 0
  for (;;) {
    const slice = read.ofSubject(mirror.agent, seq, SLICE)
    for (const event of slice) {
      const line = lines.ready() ?? await lines.next()
      if (line !== lineOf(event)) { problems.push({ where: mirror.file, seq: event.seq, what: line === undefined ? 'the line is missing' : 'the line is not the event of the journal' }); await lines.close(); return }
      seq = event.seq
    }
    if (slice.length === 0) break
    await breathe()
  }
  if (await lines.next() !== undefined) problems.push({ where: mirror.file, seq: null, what: 'the mirror has a line that is not in the journal' })
  await lines.close()
}

/** Proves an exported file by itself: chain, every byte of every line, and the signed head at its end. */
export async function verifyExport(file: string, signer: HostKey): Promise<Verification> {
  const began = performance.now()
  const problems: Problem[] = []
  let prev = GENESIS
  let seq = 0
  let head: Checkpoint | undefined
  for await (const lines of lineBatches(file)) {
    for (const line of lines) {
      if (problems.length > 0) break
      const value = parse<Record<string, unknown>>(line)
      if (head !== undefined) { problems.push({ where: file, seq: seq + 1, what: 'something follows the signed head' }); continue }
      if (value !== undefined && typeof value['checkpoint'] === 'object') { head = value['checkpoint'] as Checkpoint; continue }
      const event = value === undefined ? undefined : { ...value, body: bodyText(line) } as unknown as StoredEvent
      const what = event === undefined ? 'the line is not JSON' : brokenLink(event, seq + 1, prev) ?? (lineOf(event) === line ? undefined : 'the line was changed')
      if (event === undefined || what !== undefined) { problems.push({ where: file, seq: seq + 1, what: what ?? '' }); continue }
      seq = event.seq
      prev = event.hash
    }
  }
  if (problems.length === 0) {
    const what = head === undefined ? 'the signed head is missing' : head.seq !== seq ? `the signed head is at ${head.seq}` : checkpointFault(head, prev, signer)
    if (what !== undefined) problems.push({ where: file, seq, what })
  }
  return answer({ events: seq, head: prev, checkpoints: head === undefined ? 0 : 1, mirrors: 0, problems, began })
}

/** The body as it stands in the line: between its key and the hash, both of fixed form. */
function bodyText(line: string): string {
  return line.slice(line.indexOf(',"body":') + 8, line.lastIndexOf(',"hash":"'))
}

function parse<T>(line: string): T | undefined {
  try {
    const value: unknown = JSON.parse(line)
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value as T : undefined
  } catch {
    return undefined
  }
}

import { closeSync, existsSync, fstatSync, openSync, readSync } from 'node:fs'
import { setImmediate as breathe } from 'node:timers/promises'
import type { HostKey } from '../config/host-key.ts'
import type { Store } from '../store/open.ts'
import { brokenLink, checkpointText, GENESIS, lineOf, type StoredEvent } from './chain.ts'
import { lineBatches } from './lines.ts'
import { eventReader } from './read.ts'
import type { Checkpoint, Verification } from './types.ts'

const SLICE = 500

type Problem = Verification['problems'][number]

/**
 * Proves the journal: every link of the chain, every signed head, and that each mirror holds exactly the lines of the
 * journal, up to event `due`. Reads in slices, so that a supervisor goes on serving: a mirror may lag behind what is
 * appended meanwhile. `mirrors` are those of the agents that there are when it is called.
 */
export async function verifyJournal(options: { store: Store; signer: HostKey; due: number; whole: string; mirrors: () => { agent: string; file: string }[]; checkpointFile: string }): Promise<Verification> {
  const began = performance.now()
  const { due, mirrors } = options
  const problems: Problem[] = []
  const chain = await verifyChain(options.store, due, new MirrorWalk(options.whole, due, problems), problems)
  const checkpoints = verifyCheckpoints(options.store, options.signer, problems)
  await verifyCheckpointFile(options.checkpointFile, options.store, options.signer, problems)
  const all = mirrors()
  for (const { agent, file } of all) {
    // Agents come and go while this goes on.
    if (mirrors().some((mirror) => mirror.agent === agent)) await verifyMirror(options.store, agent, new MirrorWalk(file, due, problems))
  }
  return answer({ events: chain.events, head: chain.head, checkpoints, mirrors: all.length + 1, problems, began })
}

function answer(parts: { events: number; head: string; checkpoints: number; mirrors: number; problems: Problem[]; began: number }): Verification {
  const { problems, began, ...rest } = parts
  const seqs = problems.map((p) => p.seq).filter((seq) => seq !== null)
  return { ok: problems.length === 0, ...rest, firstBad: seqs.length === 0 ? null : Math.min(...seqs), problems: problems.slice(0, 20), took: Math.round(performance.now() - began) }
}

async function verifyChain(store: Store, due: number, mirror: MirrorWalk, problems: Problem[]): Promise<{ events: number; head: string }> {
  const read = eventReader(store)
  let prev = GENESIS
  let seq = 0
  while (seq < due) {
    const slice = readSlice(read, seq, problems)
    if (slice.length === 0) break
    for (const event of slice) {
      const broken = brokenLink(event, seq + 1, prev)
      if (broken !== undefined) {
        problems.push({ where: 'journal', seq: seq + 1, what: broken })
        mirror.close()
        return { events: seq, head: prev }
      }
      seq = event.seq
      prev = event.hash
    }
    mirror.matches(slice)
    await breathe()
  }
  mirror.end(seq, (last) => read.since(last, SLICE))
  return { events: seq, head: prev }
}

/** Walks a mirror beside the journal, and stops at its first line that is not the journal's. */
class MirrorWalk {
  #holds: boolean
  readonly #file: string
  readonly #due: number
  readonly #problems: Problem[]
  readonly #fd: number | undefined
  #at = 0
  /** The mirror ends here, on its way to what was appended after `due`. */
  #ended = false

  constructor(file: string, due: number, problems: Problem[]) {
    this.#file = file
    this.#due = due
    this.#problems = problems
    this.#fd = existsSync(file) ? openSync(file, 'r') : undefined
    this.#holds = this.#fd !== undefined
    if (!this.#holds) problems.push({ where: file, seq: null, what: 'the mirror is missing; it is written anew when the supervisor starts' })
  }

  /** Whether there is more of it that must be there. */
  get goesOn(): boolean { return this.#holds && !this.#ended }

  /** Holds the next lines against these events. They are compared as one run of bytes; only where that fails, one by one. */
  matches(events: readonly StoredEvent[]): void {
    if (!this.goesOn || this.#fd === undefined) return
    const wanted = Buffer.from(events.map((event) => `${lineOf(event)}\n`).join(''))
    const there = Buffer.allocUnsafe(wanted.length)
    const length = readSync(this.#fd, there, 0, wanted.length, this.#at)
    this.#at += length
    if (length !== wanted.length || !there.equals(wanted)) this.#stop(events, there.subarray(0, length))
  }

  /** After the journal's last event nothing may follow but what was appended meanwhile, which `since` reads. */
  end(seq: number, since: (seq: number) => StoredEvent[]): void {
    for (let last = seq; this.#more();) {
      const events = since(last)
      if (events.length === 0) this.#blame(seq + 1, 'the mirror has a line that the journal does not have')
      this.matches(events)
      last = events.at(-1)?.seq ?? last
    }
    this.close()
  }

  close(): void {
    if (this.#fd !== undefined) closeSync(this.#fd)
  }

  #more(): boolean {
    return this.goesOn && this.#fd !== undefined && fstatSync(this.#fd).size > this.#at
  }

  #stop(events: readonly StoredEvent[], there: Buffer): void {
    let at = 0
    for (const event of events) {
      const line = Buffer.from(`${lineOf(event)}\n`)
      const part = there.subarray(at, at + line.length)
      at += line.length
      if (part.equals(line)) continue
      this.#ended = event.seq > this.#due && part.equals(line.subarray(0, part.length))
      if (!this.#ended) this.#blame(event.seq, part.length === 0 ? 'the line is missing' : 'the line is not the event of the journal')
      return
    }
  }

  #blame(seq: number, what: string): void {
    this.#holds = false
    this.#problems.push({ where: this.#file, seq, what })
  }
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

async function verifyMirror(store: Store, agent: string, walk: MirrorWalk): Promise<void> {
  const read = eventReader(store)
  const since = (seq: number) => read.ofSubject(agent, seq, SLICE)
  let seq = 0
  for (let slice = since(seq); walk.goesOn && slice.length > 0; slice = since(seq)) {
    walk.matches(slice)
    seq = slice.at(-1)?.seq ?? seq
    await breathe()
  }
  walk.end(seq, since)
}

/** Proves an exported file by itself: chain, every byte of every line, and the signed head at its end. */
export async function verifyExport(file: string, signer: HostKey): Promise<Verification> {
  const began = performance.now()
  const walk = { prev: GENESIS, seq: 0, head: undefined as Checkpoint | undefined }
  const problems: Problem[] = []
  for await (const lines of lineBatches(file)) {
    for (const line of lines) {
      const what = exportFault(line, walk)
      if (what !== undefined) problems.push({ where: file, seq: walk.seq + 1, what })
      if (what !== undefined) break
    }
    if (problems.length > 0) break
  }
  const { head, seq, prev } = walk
  if (problems.length === 0) {
    const what = head === undefined ? 'the signed head is missing' : head.seq !== seq ? `the signed head is at ${head.seq}` : checkpointFault(head, prev, signer)
    if (what !== undefined) problems.push({ where: file, seq, what })
  }
  return answer({ events: seq, head: prev, checkpoints: head === undefined ? 0 : 1, mirrors: 0, problems, began })
}

/** Takes the next line of an export into the walk, or says what is wrong with it. */
function exportFault(line: string, walk: { prev: string; seq: number; head: Checkpoint | undefined }): string | undefined {
  if (walk.head !== undefined) return 'something follows the signed head'
  const value = parse<Record<string, unknown>>(line)
  if (value === undefined) return 'the line is not JSON'
  if (typeof value['checkpoint'] === 'object' && value['checkpoint'] !== null) { walk.head = value['checkpoint'] as Checkpoint; return undefined }
  const event = { ...value, body: bodyText(line) } as unknown as StoredEvent
  const what = brokenLink(event, walk.seq + 1, walk.prev) ?? (lineOf(event) === line ? undefined : 'the line was changed')
  if (what === undefined) { walk.seq = event.seq; walk.prev = event.hash }
  return what
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

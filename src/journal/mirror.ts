import { closeSync, existsSync, fstatSync, ftruncateSync, openSync, readSync } from 'node:fs'
import { appendFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { Store } from '../store/open.ts'
import { lineOf, type StoredEvent } from './chain.ts'
import type { Journal } from './journal.ts'
import { eventReader } from './read.ts'

export interface Mirror {
  /** Resolves when every committed event is in its files. */
  settled(): Promise<void>
  close(): Promise<void>
}

const CHUNK = 2000
/** Events are gathered for so long: a file is opened once for many, and not while an agent waits for its answer. */
const GATHER_MS = 50

/**
 * Copies every event, as the line that `verify` expects, to the whole mirror and to its agent's own. The journal is
 * the truth: a mirror is brought up to date from it when the supervisor starts, and may lag while it runs.
 */
export async function keepMirror(options: { store: Store; journal: Journal; whole: string; ofAgent: (name: string) => string; agents: () => string[]; problem: (what: string) => void }): Promise<Mirror> {
  const read = eventReader(options.store)
  let waiting: StoredEvent[] = []
  let running: Promise<void> | undefined
  let hurry = (): void => undefined

  const gathered = (): Promise<void> => new Promise((go) => {
    const timer = setTimeout(go, GATHER_MS)
    hurry = () => { clearTimeout(timer); go() }
  })

  async function write(events: readonly StoredEvent[]): Promise<void> {
    const files = new Map<string, string[]>([[options.whole, []]])
    for (const event of events) {
      const line = `${lineOf(event)}\n`
      files.get(options.whole)?.push(line)
      if (event.subject === '') continue
      const own = options.ofAgent(event.subject)
      const lines = files.get(own)
      if (lines === undefined) files.set(own, [line])
      else lines.push(line)
    }
    for (const [file, lines] of files) {
      if (file !== options.whole && !existsSync(dirname(file))) continue
      try { await appendFile(file, lines.join(''), { mode: 0o600 }) } catch (thrown) { options.problem(`${file} cannot be written: ${String(thrown)}`) }
    }
  }

  async function drain(): Promise<void> {
    const batch = waiting
    waiting = []
    await write(batch)
    running = waiting.length === 0 ? undefined : gathered().then(drain)
  }

  for (let from = lastSeq(options.whole); ;) {
    const events = read.since(from, CHUNK)
    if (events.length === 0) break
    await appendFile(options.whole, events.map((e) => `${lineOf(e)}\n`).join(''), { mode: 0o600 })
    from = events.at(-1)?.seq ?? from
  }
  for (const agent of options.agents()) await catchUp(options.ofAgent(agent), agent, read)

  const unfollow = options.journal.follow((commit) => {
    waiting.push(...commit.stored)
    running ??= gathered().then(drain)
  })
  const settled = async (): Promise<void> => {
    while (running !== undefined) { hurry(); await running }
  }
  return { settled, async close() { unfollow(); await settled() } }
}

/** Brings one agent's mirror up to the journal: after a crash, or when its folder came back from the trash. */
export async function catchUp(file: string, agent: string, read: ReturnType<typeof eventReader>): Promise<void> {
  if (!existsSync(dirname(file))) return
  for (let from = lastSeq(file); ;) {
    const events = read.ofSubject(agent, from, CHUNK)
    if (events.length === 0) return
    await appendFile(file, events.map((e) => `${lineOf(e)}\n`).join(''), { mode: 0o600 })
    from = events.at(-1)?.seq ?? from
  }
}

/** The sequence number of a mirror's last whole line; a line that a crash cut short is removed. */
function lastSeq(file: string): number {
  if (!existsSync(file)) return 0
  const fd = openSync(file, 'r+')
  try {
    const { size } = fstatSync(fd)
    for (let want = 65_536; ; want *= 4) {
      const length = Math.min(want, size)
      const tail = Buffer.alloc(length)
      readSync(fd, tail, 0, length, size - length)
      const end = tail.lastIndexOf(10)
      const begin = end <= 0 ? -1 : tail.lastIndexOf(10, end - 1)
      if (end < 0 && length < size) continue
      if (begin < 0 && length < size) continue
      if (end + 1 < length) ftruncateSync(fd, size - length + end + 1)
      return Number(/"seq":(\d+),"subject":/.exec(tail.subarray(begin + 1, end + 1).toString())?.[1] ?? 0)
    }
  } finally {
    closeSync(fd)
  }
}

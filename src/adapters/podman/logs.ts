import { closeSync, existsSync, fstatSync, openSync, readSync, statSync, watch } from 'node:fs'
import { dirname } from 'node:path'
import { StringDecoder } from 'node:string_decoder'
import { plain } from '../../base/text.ts'
import type { LogLine, PodLogs } from '../../ports/pods.ts'
import { demux } from './demux.ts'
import { logLineReader } from './log-lines.ts'
import type { Pods } from './pods.ts'

const CHUNK = 64 * 1024
const MOST_TAIL = 10_000
const LONGEST_REST = 1024 * 1024

/**
 * A pod's output. On this machine it is read from the engine's log file and followed by inotify: well under a
 * millisecond, and a slow reader never holds up the pod. Elsewhere it comes through the engine.
 */
export function podmanLogs(pods: Pods): PodLogs {
  return {
    async *read(agent, options) {
      const tail = Math.max(0, Math.min(options.tail, MOST_TAIL))
      const found = await pods.get(agent)
      const path = found.HostConfig?.LogConfig?.Path ?? ''
      const near = (await pods.engine.facts()).local && path !== '' && existsSync(dirname(path))
      if (near) yield* readFile(path, { ...options, tail })
      else yield* readEngine(pods, agent, { ...options, tail })
    },
  }
}

async function* readFile(path: string, options: { tail: number; follow: boolean; signal: AbortSignal }): AsyncGenerator<LogLine> {
  const wake = waker()
  // The watch begins before the first read, so that nothing falls between the two.
  const watcher = options.follow ? watch(dirname(path), () => wake.ring()) : undefined
  watcher?.on('error', () => wake.ring())
  options.signal.addEventListener('abort', wake.ring, { once: true })
  const file = new GrowingFile(path)
  const next = logLineReader()
  try {
    file.skipToLast(options.tail)
    yield* file.more().map(next).filter((line) => line !== undefined)
    while (options.follow && !options.signal.aborted) {
      await wake.next()
      if (options.signal.aborted) return
      for (let lines = file.more(); lines.length > 0; lines = file.more()) {
        for (const text of lines) {
          const line = next(text)
          if (line) yield line
        }
      }
      if (!existsSync(dirname(path))) return
    }
  } finally {
    watcher?.close()
    file.close()
    options.signal.removeEventListener('abort', wake.ring)
  }
}

/** Rings are not lost while nobody waits; many rings are one. */
function waker(): { ring: () => void; next: () => Promise<void> } {
  let rung = false
  let wake: (() => void) | undefined
  return {
    ring: () => { rung = true; wake?.() },
    async next() {
      if (!rung) await new Promise<void>((resolve) => { wake = resolve })
      rung = false
      wake = undefined
    },
  }
}

/** Reads what was appended since the last time; starts again when the engine began a new file. */
class GrowingFile {
  readonly #path: string
  #fd: number | undefined
  #inode = 0
  #at = 0
  #rest = ''
  #decoder = new StringDecoder('utf8')

  constructor(path: string) { this.#path = path }

  /** Goes to where the last `count` lines begin. */
  skipToLast(count: number): void {
    if (!existsSync(this.#path)) return
    this.#open()
    const chunk = Buffer.alloc(CHUNK)
    let left = count + 1
    for (let end = fstatSync(this.#fd as number).size; end > 0;) {
      const from = Math.max(0, end - CHUNK)
      const size = readSync(this.#fd as number, chunk, 0, end - from, from)
      for (let i = chunk.lastIndexOf(10, size - 1); size > 0 && i >= 0; i = i === 0 ? -1 : chunk.lastIndexOf(10, i - 1)) {
        if (--left > 0) continue
        this.#at = from + i + 1
        return
      }
      end = from
    }
  }

  /** Whole lines that are new, at most a few megabytes at a time. */
  more(): string[] {
    const now = statSync(this.#path, { throwIfNoEntry: false })
    if (!now) return []
    if (this.#fd === undefined || now.ino !== this.#inode || now.size < this.#at) this.#open()
    const lines: string[] = []
    const chunk = Buffer.alloc(CHUNK)
    for (let size = CHUNK; size === CHUNK && lines.length < MOST_TAIL;) {
      size = readSync(this.#fd as number, chunk, 0, CHUNK, this.#at)
      this.#at += size
      const parts = (this.#rest + this.#decoder.write(chunk.subarray(0, size))).split('\n')
      this.#rest = (parts.pop() ?? '').slice(-LONGEST_REST)
      lines.push(...parts)
    }
    return lines
  }

  close(): void {
    if (this.#fd !== undefined) closeSync(this.#fd)
    this.#fd = undefined
  }

  #open(): void {
    this.close()
    this.#fd = openSync(this.#path, 'r')
    this.#inode = fstatSync(this.#fd).ino
    this.#at = 0
    this.#rest = ''
    this.#decoder = new StringDecoder('utf8')
  }
}

async function* readEngine(pods: Pods, agent: string, options: { tail: number; follow: boolean; signal: AbortSignal }): AsyncGenerator<LogLine> {
  const client = await pods.engine.client()
  const query = `stdout=true&stderr=true&timestamps=true&tail=${options.tail}&follow=${options.follow}`
  const rest = { stdout: '', stderr: '' }
  for await (const frame of demux(client.bytes('GET', pods.path(agent, `/logs?${query}`), { signal: options.signal }))) {
    const lines = (rest[frame.stream] + frame.data.toString('utf8')).split('\n')
    rest[frame.stream] = (lines.pop() ?? '').slice(-LONGEST_REST)
    for (const line of lines) {
      const space = line.indexOf(' ')
      yield { at: Date.parse(line.slice(0, space)), stream: frame.stream, text: plain(line.slice(space + 1)) }
    }
  }
}

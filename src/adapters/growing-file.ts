import { closeSync, existsSync, fstatSync, openSync, readSync, statSync } from 'node:fs'
import { StringDecoder } from 'node:string_decoder'

const CHUNK = 64 * 1024
/** The most lines that are tailed, or read at a time. */
export const MOST_LINES = 10_000
/** How much of a line without an end is kept. */
export const LONGEST_REST = 1024 * 1024

/** Rings are not lost while nobody waits; many rings are one. */
export function waker(): { ring: () => void; next: () => Promise<void> } {
  let rung = false
  let wake: (() => void) | undefined
  return {
    ring: () => {
      rung = true
      wake?.()
    },
    async next() {
      if (!rung)
        await new Promise<void>((resolve) => {
          wake = resolve
        })
      rung = false
      wake = undefined
    },
  }
}

/** Reads what was appended since the last time; starts again when the engine began a new file. */
export class GrowingFile {
  readonly #path: string
  #fd: number | undefined
  #inode = 0
  #at = 0
  #rest = ''
  #decoder = new StringDecoder('utf8')

  constructor(path: string) {
    this.#path = path
  }

  /** Goes to where the last `count` lines begin. */
  skipToLast(count: number): void {
    if (!existsSync(this.#path)) return
    this.#open()
    const chunk = Buffer.alloc(CHUNK)
    let left = count + 1
    for (let end = fstatSync(this.#fd as number).size; end > 0;) {
      const from = Math.max(0, end - CHUNK)
      const size = readSync(this.#fd as number, chunk, 0, end - from, from)
      for (
        let i = chunk.lastIndexOf(10, size - 1);
        size > 0 && i >= 0;
        i = i === 0 ? -1 : chunk.lastIndexOf(10, i - 1)
      ) {
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
    for (let size = CHUNK; size === CHUNK && lines.length < MOST_LINES;) {
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

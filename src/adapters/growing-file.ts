import { closeSync, existsSync, fstatSync, openSync, readSync, statSync } from 'node:fs'
import { StringDecoder } from 'node:string_decoder'

const CHUNK = 64 * 1024
/** Most lines of a tail, and most lines read at a time. */
export const MAX_LINES = 10_000
/** How many characters of an unfinished line are kept. */
export const MAX_UNFINISHED = 1024 * 1024

/** A wake-up call that is remembered while nobody waits. Several calls count as one. */
export function waker(): { wake: () => void; next: () => Promise<void> } {
  let called = false
  let resume: (() => void) | undefined
  return {
    wake: () => {
      called = true
      resume?.()
    },
    async next() {
      if (!called)
        await new Promise<void>((resolve) => {
          resume = resolve
        })
      called = false
      resume = undefined
    },
  }
}

/** Reads what was appended since the last time, and starts again when the file was replaced. */
export class GrowingFile {
  readonly #path: string
  #fd: number | undefined
  #inode = 0
  #position = 0
  #rest = ''
  #decoder = new StringDecoder('utf8')

  constructor(path: string) {
    this.#path = path
  }

  /** Continues at the beginning of the last `count` lines. */
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
        this.#position = from + i + 1
        return
      }
      end = from
    }
  }

  /** New complete lines, at most a few megabytes at a time. */
  more(): string[] {
    const stats = statSync(this.#path, { throwIfNoEntry: false })
    if (!stats) return []
    const replaced = stats.ino !== this.#inode || stats.size < this.#position
    if (this.#fd === undefined || replaced) this.#open()
    const lines: string[] = []
    const chunk = Buffer.alloc(CHUNK)
    for (let size = CHUNK; size === CHUNK && lines.length < MAX_LINES;) {
      size = readSync(this.#fd as number, chunk, 0, CHUNK, this.#position)
      this.#position += size
      const parts = (this.#rest + this.#decoder.write(chunk.subarray(0, size))).split('\n')
      this.#rest = (parts.pop() ?? '').slice(-MAX_UNFINISHED)
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
    this.#position = 0
    this.#rest = ''
    this.#decoder = new StringDecoder('utf8')
  }
}

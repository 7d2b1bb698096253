import { open, stat, type FileHandle } from 'node:fs/promises'
import { StringDecoder } from 'node:string_decoder'
import { LineSplitter } from './line-splitter.ts'

/** Bytes that are read at a time. Others have their turn before the next ones. */
const BLOCK_BYTES = 32 * 1024
/** Most lines of a tail. */
export const MAX_LINES = 10_000
/** Bytes of one file in which the lines of a tail are searched. */
const MAX_TAIL_BYTES = 16 << 20

const MISSED = 'clawdeck: output before this line came too fast to be shown'

/** Lines that were read, and whether there may be more at once. */
interface ReadLines {
  lines: string[]
  more: boolean
}

/**
 * Reads a log that grows, and continues in the next file when it is rotated: the previous one is
 * then `<path>.1`, or is gone. All reading is asynchronous and a block at a time, whatever is in
 * the file.
 */
export class GrowingFile {
  readonly #path: string
  readonly #splitter = new LineSplitter()
  #decoder = new StringDecoder('utf8')
  readonly #block = Buffer.allocUnsafe(BLOCK_BYTES)
  #file: FileHandle | undefined
  #inode = 0
  #position = 0
  /** The file was replaced: what is left of it is read before the next. */
  #isReplaced = false

  constructor(path: string) {
    this.#path = path
  }

  /** The last `count` lines, or some more if it grows meanwhile. Then continues after them. */
  async last(count: number): Promise<string[]> {
    await this.#skipToLast(count)
    const lines: string[] = []
    for (let bytes = 0; lines.length < count && bytes < 2 * MAX_TAIL_BYTES; bytes += BLOCK_BYTES) {
      const next = await this.more()
      lines.push(...next.lines)
      if (!next.more) break
    }
    return lines
  }

  /** The next lines. */
  async more(): Promise<ReadLines> {
    if (this.#file === undefined && !(await this.#open(this.#path)))
      return { lines: [], more: false }
    const size = await this.#read(this.#position)
    this.#position += size
    if (size > 0) {
      const lines = this.#splitter.push(this.#decoder.write(this.#block.subarray(0, size)))
      return { lines, more: true }
    }
    if (this.#isReplaced) return this.#openNext()
    const now = await stat(this.#path).catch(() => undefined)
    if (now === undefined) return { lines: [], more: false }
    if (now.ino !== this.#inode) this.#isReplaced = true
    else if (now.size < this.#position) this.#restart()
    return { lines: [], more: this.#isReplaced || now.size > this.#position }
  }

  async close(): Promise<void> {
    const file = this.#file
    this.#file = undefined
    await file?.close()
  }

  async #skipToLast(count: number): Promise<void> {
    if (!(await this.#open(this.#path))) return
    const missing = await this.#skipBack(count + 1)
    if (missing === 0 || count === 0) return
    const previous = await stat(previousOf(this.#path)).catch(() => undefined)
    if (previous === undefined || previous.ino === this.#inode) return
    if (await this.#open(previousOf(this.#path))) await this.#skipBack(missing)
  }

  /** Opens the file after the one that was read to its end. */
  async #openNext(): Promise<ReadLines> {
    const previous = await stat(previousOf(this.#path)).catch(() => undefined)
    const isMissed = previous !== undefined && previous.ino !== this.#inode
    // Only what was rotated continues in the middle of a line.
    if (isMissed || previous === undefined) this.#restart()
    await this.#open(isMissed ? previousOf(this.#path) : this.#path)
    return { lines: isMissed ? [MISSED] : [], more: this.#file !== undefined }
  }

  async #open(path: string): Promise<boolean> {
    await this.close()
    const file = await open(path, 'r').catch(() => undefined)
    if (file === undefined) return false
    this.#file = file
    this.#inode = (await file.stat()).ino
    this.#position = 0
    this.#isReplaced = false
    return true
  }

  /** Continues at the beginning of the file, where no line has begun. */
  #restart(): void {
    this.#position = 0
    this.#splitter.reset()
    this.#decoder = new StringDecoder('utf8')
  }

  /**
   * Moves to after the line feed that is the `count`th from the end. Returns how many line feeds
   * are missing to that: then the position is the beginning of the file, or as far as is searched.
   */
  async #skipBack(count: number): Promise<number> {
    const { size } = (await this.#file?.stat()) ?? { size: 0 }
    const first = Math.max(0, size - MAX_TAIL_BYTES)
    let left = count
    for (let end = size; end > first;) {
      const from = Math.max(first, end - BLOCK_BYTES)
      const got = await this.#read(from, end - from)
      for (
        let i = got === 0 ? -1 : this.#block.lastIndexOf(10, got - 1);
        i >= 0;
        i = i === 0 ? -1 : this.#block.lastIndexOf(10, i - 1)
      ) {
        if (--left > 0) continue
        this.#position = from + i + 1
        return 0
      }
      end = from
    }
    this.#position = first
    return left
  }

  async #read(position: number, bytes = BLOCK_BYTES): Promise<number> {
    const got = await this.#file?.read(this.#block, 0, bytes, position)
    return got?.bytesRead ?? 0
  }
}

function previousOf(path: string): string {
  return `${path}.1`
}

import { closeSync, existsSync, fstatSync, openSync, readSync } from 'node:fs'
import { yielder } from '../base/yield.ts'
import type { Problem } from './verification.ts'

/** A line that a file must hold, without its line feed, and the event that it tells of. */
export interface Line {
  seq: number
  text: string
}

/** Walks a file of lines beside the table that it copies, and stops at its first line that is not the table's. */
export class FileWalk {
  #holds: boolean
  readonly #file: string
  readonly #due: number
  readonly #problems: Problem[]
  readonly #fd: number | undefined
  #at = 0
  /** The file ends here, on its way to what was appended after `due`. */
  #ended = false

  /** Up to the line of event `due` the file must be complete. */
  constructor(file: string, due: number, problems: Problem[]) {
    this.#file = file
    this.#due = due
    this.#problems = problems
    this.#fd = existsSync(file) ? openSync(file, 'r') : undefined
    this.#holds = this.#fd !== undefined
    if (!this.#holds)
      problems.push({
        where: file,
        seq: null,
        what: 'the file is missing; it is written anew when the supervisor starts',
      })
  }

  /** Whether there is more of it that must be there. */
  get goesOn(): boolean {
    return this.#holds && !this.#ended
  }

  /** Holds what comes next in the file against these lines. They are compared as one run of bytes; only where that fails, one by one. */
  matches(lines: readonly Line[]): void {
    if (!this.goesOn || this.#fd === undefined) return
    const wanted = Buffer.from(lines.map(({ text }) => `${text}\n`).join(''))
    const there = Buffer.allocUnsafe(wanted.length)
    const length = readSync(this.#fd, there, 0, wanted.length, this.#at)
    this.#at += length
    if (length !== wanted.length || !there.equals(wanted))
      this.#stop(lines, there.subarray(0, length))
  }

  /** After the last line nothing may follow but what was appended meanwhile, which `since` reads. */
  async end(seq: number, since: (seq: number) => Line[]): Promise<void> {
    const yieldIfBusy = yielder()
    for (let last = seq; this.#more(); await yieldIfBusy()) {
      const lines = since(last)
      if (lines.length === 0) this.#blame(seq + 1, 'it has a line that the journal does not have')
      this.matches(lines)
      last = lines.at(-1)?.seq ?? last
    }
    this.close()
  }

  close(): void {
    if (this.#fd !== undefined) closeSync(this.#fd)
  }

  #more(): boolean {
    return this.goesOn && this.#fd !== undefined && fstatSync(this.#fd).size > this.#at
  }

  #stop(lines: readonly Line[], there: Buffer): void {
    let at = 0
    for (const { seq, text } of lines) {
      const line = Buffer.from(`${text}\n`)
      const part = there.subarray(at, at + line.length)
      at += line.length
      if (part.equals(line)) continue
      this.#ended = seq > this.#due && part.equals(line.subarray(0, part.length))
      if (!this.#ended)
        this.#blame(
          seq,
          part.length === 0 ? 'the line is missing' : 'the line is not what the journal holds',
        )
      return
    }
  }

  #blame(seq: number, what: string): void {
    this.#holds = false
    this.#problems.push({ where: this.#file, seq, what })
  }
}

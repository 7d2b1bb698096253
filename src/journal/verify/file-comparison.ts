import { closeSync, existsSync, fstatSync, openSync, readSync } from 'node:fs'
import { yielder } from '../../base/yield.ts'
import type { VerificationProblem } from './verification.ts'

/** A line that a file must contain, without its line feed, and the event that it is about. */
export interface ExpectedLine {
  seq: number
  text: string
}

/** Compares a file of lines with the table that it copies, and stops at the first difference. */
export class FileComparison {
  readonly #file: string
  readonly #requiredSeq: number
  readonly #problems: VerificationProblem[]
  readonly #fd: number | undefined
  #position = 0
  /** Whether the file is as expected so far. */
  #matching: boolean
  /** Whether the file ends here, in the middle of what was appended after `requiredSeq`. */
  #ended = false

  /** The file must be complete up to the line of event `requiredSeq`. */
  constructor(file: string, requiredSeq: number, problems: VerificationProblem[]) {
    this.#file = file
    this.#requiredSeq = requiredSeq
    this.#problems = problems
    this.#fd = existsSync(file) ? openSync(file, 'r') : undefined
    this.#matching = this.#fd !== undefined
    if (!this.#matching)
      problems.push({
        where: file,
        seq: null,
        what: 'the file is missing. It is written again when the supervisor starts.',
      })
  }

  /** Whether there is more to compare. */
  get continues(): boolean {
    return this.#matching && !this.#ended
  }

  /**
   * Compares the next part of the file. All lines are compared as one run of bytes; only on a
   * difference one by one.
   */
  expect(lines: readonly ExpectedLine[]): void {
    if (!this.continues || this.#fd === undefined) return
    const expected = Buffer.from(lines.map(({ text }) => `${text}\n`).join(''))
    const actual = Buffer.allocUnsafe(expected.length)
    const length = readSync(this.#fd, actual, 0, expected.length, this.#position)
    this.#position += length
    if (length !== expected.length || !actual.equals(expected))
      this.#stop(lines, actual.subarray(0, length))
  }

  /**
   * Checks that nothing follows the last line but what was appended meanwhile, which `since` reads.
   */
  async finish(seq: number, since: (seq: number) => ExpectedLine[]): Promise<void> {
    const yieldIfBusy = yielder()
    for (let last = seq; this.#hasMore(); await yieldIfBusy()) {
      const lines = since(last)
      if (lines.length === 0) this.#report(seq + 1, 'it has a line that is not in the journal')
      this.expect(lines)
      last = lines.at(-1)?.seq ?? last
    }
    this.close()
  }

  close(): void {
    if (this.#fd !== undefined) closeSync(this.#fd)
  }

  #hasMore(): boolean {
    return this.continues && this.#fd !== undefined && fstatSync(this.#fd).size > this.#position
  }

  #stop(lines: readonly ExpectedLine[], actual: Buffer): void {
    let at = 0
    for (const { seq, text } of lines) {
      const line = Buffer.from(`${text}\n`)
      const part = actual.subarray(at, at + line.length)
      at += line.length
      if (part.equals(line)) continue
      this.#ended = seq > this.#requiredSeq && part.equals(line.subarray(0, part.length))
      if (!this.#ended)
        this.#report(
          seq,
          part.length === 0 ? 'the line is missing' : 'the line differs from the journal',
        )
      return
    }
  }

  #report(seq: number, what: string): void {
    this.#matching = false
    this.#problems.push({ where: this.#file, seq, what })
  }
}

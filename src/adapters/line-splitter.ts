/** Characters of a line that are kept. */
export const MAX_LINE_CHARS = 16 * 1024

/**
 * Splits text that arrives in parts into lines. A line that becomes too long is given at once, with
 * one character more than is kept, and the rest of it is dropped: so a line without an end is seen,
 * and takes no more memory than another.
 */
export class LineSplitter {
  #line = ''
  #isCut = false

  /** The lines that this part completes. */
  push(text: string): string[] {
    const lines: string[] = []
    let from = 0
    for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', from)) {
      this.#add(text.slice(from, end), lines)
      if (!this.#isCut) lines.push(this.#line)
      this.reset()
      from = end + 1
    }
    this.#add(text.slice(from), lines)
    return lines
  }

  /** Forgets the line that has begun. */
  reset(): void {
    this.#line = ''
    this.#isCut = false
  }

  #add(text: string, lines: string[]): void {
    if (this.#isCut) return
    this.#line += text.slice(0, MAX_LINE_CHARS + 1 - this.#line.length)
    if (this.#line.length <= MAX_LINE_CHARS) return
    lines.push(this.#line)
    this.#line = ''
    this.#isCut = true
  }
}

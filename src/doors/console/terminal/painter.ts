import { hiddenState, lineText } from '../../../base/emulator.ts'
import type { Terminal } from '../../../base/emulator.ts'
import type { Rect } from '../terminal-seam.ts'
import { slice } from '../text/slice.ts'
import { openCells } from '../overlays/covers.ts'

/**
 * Paints an emulator's screen into a rectangle of the operator's terminal, past Ink: only the rows
 * that changed, only text and colours, in one synchronised update that leaves the cursor where it
 * was.
 */
export class PanePainter {
  readonly #screen: Terminal
  #rect: Rect | null = null
  #covers: readonly Rect[] = []
  /** What each row of the rectangle shows; undefined where that is not known. */
  #shown: (string | undefined)[] = []

  constructor(screen: Terminal) {
    this.#screen = screen
  }

  get rect(): Rect | null {
    return this.#rect
  }

  /** Where to paint, and what covers it and is left out. */
  place(rect: Rect | null, covers: readonly Rect[] = []): void {
    this.#rect = rect
    this.#covers = covers
    this.forget()
  }

  /** The rectangle may have been overwritten: the next paint is of every row. */
  forget(): void {
    this.#shown = []
  }

  /** The bytes that update the rectangle; '' if nothing changed. */
  paint(showCursor: boolean): string {
    const rect = this.#rect
    if (rect === null || rect.width < 1 || rect.height < 1) return ''
    let text = ''
    for (let y = 0; y < rect.height; y++) {
      const row = this.#placed(this.#row(y, rect.width, showCursor), rect, rect.y + y)
      if (row === this.#shown[y]) continue
      this.#shown[y] = row
      text += row
    }
    return text === '' ? '' : `\x1b[?2026h\x1b7\x1b[0m${text}\x1b8\x1b[?2026l`
  }

  /** A row at its place, without its covered cells. */
  #placed(row: string, rect: Rect, y: number): string {
    const open = openCells(y, { from: rect.x, to: rect.x + rect.width }, this.#covers)
    if (open[0]?.to === rect.x + rect.width && open[0].from === rect.x)
      return `\x1b[${y + 1};${rect.x + 1}H${row}`
    const cells = row.replace(/\x1b\[(\d+)X$/, (_, blanks: string) => ' '.repeat(Number(blanks)))
    return open
      .map(
        (r) =>
          `\x1b[${y + 1};${r.from + 1}H${slice(cells, { from: r.from - rect.x, to: r.to - rect.x })}`,
      )
      .join('')
  }

  #row(y: number, width: number, showCursor: boolean): string {
    const buffer = this.#screen.buffer.active
    const line = y < this.#screen.rows ? buffer.getLine(buffer.viewportY + y) : undefined
    if (line === undefined) return `\x1b[${width}X`
    const here =
      showCursor &&
      buffer.viewportY + y === buffer.baseY + buffer.cursorY &&
      !hiddenState(this.#screen).cursorHidden
    // The cursor past the last column is shown on that column.
    const cursor = here ? Math.min(buffer.cursorX, this.#screen.cols - 1) : -1
    const columns = Math.min(width, this.#screen.cols)
    const text = lineText(line, buffer.getNullCell(), { columns, fill: true, cursor })
    return columns < width ? `${text}\x1b[${width - columns}X` : text
  }
}

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Terminal } from '../../../../src/base/emulator.ts'
import { PanePainter } from '../../../../src/doors/console/terminal/painter.ts'
import type { Rect } from '../../../../src/doors/console/terminal-seam.ts'
import { drawings } from '../../../support/drawings.ts'
import { cells, emulatorWith, fed } from '../../../support/screens.ts'

const SIZE = { columns: 24, rows: 7 }
const OUTER = { columns: 50, rows: 16 }
const RECT: Rect = { x: 11, y: 4, width: 24, height: 7 }
const FRAME = Array.from({ length: OUTER.rows }, () => '#'.repeat(OUTER.columns)).join('\r\n')

/** The rows of `outer` within the rectangle, and whether all around it is as it was. */
async function inside(outer: Terminal, rect: Rect): Promise<{ rows: string[]; around: boolean }> {
  const rows: string[] = []
  let around = true
  for (let y = 0; y < outer.rows; y++) {
    const line = outer.buffer.active.getLine(y)
    const text = Array.from(
      { length: outer.cols },
      (_, x) => line?.getCell(x)?.getChars() || (line?.getCell(x)?.getWidth() === 0 ? '' : ' '),
    )
    const within = y >= rect.y && y < rect.y + rect.height
    if (within) rows.push(text.slice(rect.x, rect.x + rect.width).join(''))
    const others = within ? [...text.slice(0, rect.x), ...text.slice(rect.x + rect.width)] : text
    around &&= others.every((char) => char === '#')
  }
  return { rows, around }
}

/** The same rows as `cells`, but of a copy that holds nothing else. */
async function shownAlone(painted: string): Promise<string[]> {
  const alone = await emulatorWith(SIZE, '')
  await fed(alone, painted)
  return cells(alone, false)
}

const plainRows = (screen: Terminal) =>
  Array.from(
    { length: screen.rows },
    (_, y) =>
      screen.buffer.active.getLine(screen.buffer.active.baseY + y)?.translateToString(false) ?? '',
  )

describe('a painted pane', () => {
  it('shows the inner screen, and touches nothing around it', async () => {
    await fc.assert(
      fc.asyncProperty(drawings(SIZE.rows), drawings(SIZE.rows), async (first, second) => {
        const inner = await emulatorWith(SIZE, first)
        const outer = await emulatorWith(OUTER, `${FRAME}\x1b[3;3H`)
        const painter = new PanePainter(inner)
        painter.place(RECT)
        await fed(outer, painter.paint(false))
        await fed(inner, second)
        await fed(outer, painter.paint(false))
        const { rows, around } = await inside(outer, RECT)
        expect(rows).toEqual(plainRows(inner))
        expect(around).toBe(true)
        expect([outer.buffer.active.cursorX, outer.buffer.active.cursorY]).toEqual([2, 2])
        expect(painter.paint(false)).toBe('')
      }),
      { numRuns: 150 },
    )
  })

  it('keeps every colour and style', async () => {
    await fc.assert(
      fc.asyncProperty(drawings(SIZE.rows), async (drawing) => {
        const inner = await emulatorWith(SIZE, drawing)
        const painter = new PanePainter(inner)
        painter.place({ x: 0, y: 0, width: SIZE.columns, height: SIZE.rows })
        expect(await shownAlone(painter.paint(false))).toEqual(cells(inner, false))
      }),
      { numRuns: 150 },
    )
  })

  it('is text and colours alone, whatever the program wrote', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          drawings(SIZE.rows),
          fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes).toString('latin1')),
        ),
        async (drawing) => {
          const inner = await emulatorWith(SIZE, `${drawing}\x1b]52;c;aGk=\x07\u202e`)
          const painter = new PanePainter(inner)
          painter.place(RECT)
          const text = painter
            .paint(true)
            .replace(/^\x1b\[\?2026h\x1b7|\x1b8\x1b\[\?2026l$/g, '')
            .replace(/\x1b\[[0-9;]*[mH]/g, '')
          expect(text).not.toMatch(/[\x00-\x1f\x7f-\x9f\u202a-\u202e]/)
        },
      ),
      { numRuns: 150 },
    )
  })

  it('writes only the rows that changed', async () => {
    const inner = await emulatorWith(SIZE, 'one\r\ntwo\r\n')
    const painter = new PanePainter(inner)
    painter.place(RECT)
    painter.paint(false)
    await fed(inner, 'three')
    const text = painter.paint(false)
    expect(text).toContain('three')
    expect(text).not.toContain('two')
    expect(text.length).toBeLessThan(80)
  })

  it('shows the cursor inverted, at the edge too, unless the program hid it', async () => {
    const inner = await emulatorWith(SIZE, `${'x'.repeat(24)}`)
    const painter = new PanePainter(inner)
    painter.place(RECT)
    expect(painter.paint(true)).toContain('\x1b[0;7mx\x1b[0m')
    await fed(inner, '\x1b[?25l')
    expect(painter.paint(true)).not.toContain(';7m')
  })

  it('cuts a larger screen and fills around a smaller one', async () => {
    const inner = await emulatorWith(SIZE, `${'x'.repeat(11)}你${'y'.repeat(11)}`)
    const outer = await emulatorWith(OUTER, FRAME)
    const painter = new PanePainter(inner)
    for (const rect of [
      { x: 3, y: 2, width: 12, height: 3 },
      { x: 3, y: 2, width: 40, height: 12 },
    ]) {
      await fed(outer, `\x1b[H${FRAME}`)
      painter.place(rect)
      await fed(outer, painter.paint(false))
      const { rows, around } = await inside(outer, rect)
      expect([rows[0], around]).toEqual([
        rect.width === 12
          ? `${'x'.repeat(11)} `
          : `${'x'.repeat(11)}你${'y'.repeat(11)}${' '.repeat(16)}`,
        true,
      ])
    }
    painter.place(null)
    expect(painter.paint(true)).toBe('')
  })
})

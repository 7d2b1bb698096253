import type headless from '@xterm/headless'
import jsqr from 'jsqr'

type Colour = readonly [red: number, green: number, blue: number]

/** The colours of a terminal that a program did not choose. */
export interface TerminalColours {
  text: Colour
  back: Colour
}
export const DARK: TerminalColours = { text: [216, 222, 233], back: [16, 19, 24] }
export const LIGHT: TerminalColours = { text: [40, 44, 52], back: [250, 250, 250] }

/** Pixels of half a cell, which is a square. */
const HALF = 4

/** What a QR reader finds on a screen that shows this terminal. */
export function scanned(terminal: headless.Terminal, colours: TerminalColours): string | undefined {
  const { data, width, height } = pixelsOf(terminal, colours)
  const read = jsqr as unknown as { default?: typeof jsqr.default } & typeof jsqr.default
  return (read.default ?? read)(data, width, height)?.data
}

/** The screen as pixels. Letters are blots: only blocks have a shape. */
function pixelsOf(terminal: headless.Terminal, colours: TerminalColours) {
  const [width, height] = [terminal.cols * HALF, terminal.rows * 2 * HALF]
  const data = new Uint8ClampedArray(width * height * 4)
  const paint = (left: number, top: number, [red, green, blue]: Colour): void => {
    for (let y = top; y < top + HALF; y++)
      for (let x = left; x < left + HALF; x++)
        data.set([red, green, blue, 255], (y * width + x) * 4)
  }
  const { active } = terminal.buffer
  for (let row = 0; row < terminal.rows; row++)
    for (let column = 0; column < terminal.cols; column++) {
      const cell = active.getLine(active.viewportY + row)?.getCell(column)
      const [upper, lower] = halvesOf(cell, colours)
      paint(column * HALF, 2 * row * HALF, upper)
      paint(column * HALF, (2 * row + 1) * HALF, lower)
    }
  return { data, width, height }
}

type Cell = NonNullable<ReturnType<NonNullable<ReturnType<headless.IBuffer['getLine']>>['getCell']>>

function halvesOf(cell: Cell | undefined, colours: TerminalColours): [Colour, Colour] {
  if (cell === undefined) return [colours.back, colours.back]
  const text = cell.isFgDefault() ? colours.text : colourOf(cell.getFgColor(), cell.isFgRGB())
  const back = cell.isBgDefault() ? colours.back : colourOf(cell.getBgColor(), cell.isBgRGB())
  const [front, behind] = cell.isInverse() === 0 ? [text, back] : [back, text]
  const chars = cell.getChars()
  if (chars === '█') return [front, front]
  if (chars === '▀') return [front, behind]
  if (chars === '▄') return [behind, front]
  return chars.trim() === '' ? [behind, behind] : [behind, mixed(front, behind)]
}

function mixed(a: Colour, b: Colour): Colour {
  return [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2, (a[2] + b[2]) / 2]
}

const SIXTEEN: readonly Colour[] = [
  [0, 0, 0],
  [170, 0, 0],
  [0, 170, 0],
  [170, 85, 0],
  [0, 0, 170],
  [170, 0, 170],
  [0, 170, 170],
  [170, 170, 170],
]

function colourOf(value: number, isRgb: boolean): Colour {
  if (isRgb) return [(value >> 16) & 255, (value >> 8) & 255, value & 255]
  if (value < 16) return SIXTEEN[value % 8] as Colour
  if (value >= 232) return [8, 8, 8].map((base) => base + 10 * (value - 232)) as unknown as Colour
  const step = (n: number): number => (n === 0 ? 0 : 55 + 40 * n)
  const cube = value - 16
  return [step(Math.floor(cube / 36)), step(Math.floor(cube / 6) % 6), step(cube % 6)]
}

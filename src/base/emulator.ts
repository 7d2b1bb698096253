import type { IBufferCell, IBufferLine, Terminal } from '@xterm/headless'
import { boundCosts } from './emulator-bounds.ts'

export type { Terminal }

export interface TerminalSize {
  columns: number
  rows: number
}

/**
 * A terminal in memory: bytes in, cells out. Loaded on first use, because it is large and rarely
 * needed.
 */
export async function openEmulator(size: TerminalSize, scrollback: number): Promise<Terminal> {
  const [headless, unicode] = await Promise.all([
    import('@xterm/headless'),
    import('@xterm/addon-unicode11'),
  ])
  const terminal = new headless.default.Terminal({
    ...fitting(size),
    scrollback,
    allowProposedApi: true,
    logLevel: 'off',
    windowOptions: {},
  })
  // In the default table (Unicode 6) an emoji takes one column; real terminals give it two.
  terminal.loadAddon(new unicode.default.Unicode11Addon())
  terminal.unicode.activeVersion = '11'
  boundCosts(terminal)
  eraseFromLastCorner(terminal)
  return terminal
}

/**
 * Works around an emulator defect: erasing to the beginning from the bottom right corner throws.
 */
function eraseFromLastCorner(terminal: Terminal): void {
  const core = coreOf(terminal)
  const input = core._inputHandler
  terminal.parser.registerCsiHandler({ final: 'J' }, (params) => {
    const buffer = core.buffers.active
    if (params[0] !== 1 || buffer.x + 1 < terminal.cols || buffer.y + 1 < buffer.lines.length)
      return false
    buffer.x = terminal.cols - 2
    input.eraseInDisplay({ params: [1], length: 1 })
    buffer.x = terminal.cols - 1
    return input.eraseChars({ params: [1], length: 1 })
  })
}

function coreOf(terminal: Terminal): Core {
  return (terminal as unknown as { _core: Core })._core
}

/** A size within what an emulator can hold: at least 2×1, at most 1000×500 cells. */
export function bounded({ columns, rows }: TerminalSize): TerminalSize {
  return { columns: clamp(columns, 2, 1000), rows: clamp(rows, 1, 500) }
}

export function resizeEmulator(terminal: Terminal, size: TerminalSize): void {
  const { cols, rows } = fitting(size)
  if (cols !== terminal.cols || rows !== terminal.rows) terminal.resize(cols, rows)
}

/**
 * State that the emulator's public interface does not expose. The emulator's version is pinned, and
 * tests read each field.
 */
interface HiddenState {
  cursorHidden: boolean
  mouseEncoding: 'DEFAULT' | 'SGR' | 'SGR_PIXELS'
  /** Rows between which the active screen scrolls, 0-based and inclusive. */
  scrollTop: number
  scrollBottom: number
  /** Where ESC 7 saved the cursor, 0-based on the screen. */
  saved: { x: number; y: number }
  /** Whether G0 is the line-drawing set, and in use. */
  lineDrawing: boolean
  /** The style that the next character gets. */
  pen: CellStyle
  /** Whether the parser is between control sequences, not inside one. */
  atRest: boolean
}

export function hiddenState(terminal: Terminal): HiddenState {
  const core = coreOf(terminal)
  const { scrollTop, scrollBottom, savedX, savedY, ybase } = core.buffers.active
  return {
    cursorHidden: core.coreService.isCursorHidden,
    mouseEncoding: core.coreMouseService.activeEncoding,
    scrollTop,
    scrollBottom,
    saved: { x: savedX, y: savedY - ybase },
    lineDrawing: core._charsetService.charset?.['q'] === '─',
    pen: core._inputHandler._curAttrData,
    atRest: core._inputHandler._parser.currentState === 0,
  }
}

interface Core {
  coreService: { isCursorHidden: boolean }
  coreMouseService: { activeEncoding: HiddenState['mouseEncoding'] }
  buffers: {
    active: {
      x: number
      y: number
      lines: { length: number }
      scrollTop: number
      scrollBottom: number
      savedX: number
      savedY: number
      ybase: number
    }
  }
  _charsetService: { charset?: Record<string, string> }
  _inputHandler: {
    _parser: { currentState: number }
    _curAttrData: CellStyle
    eraseInDisplay(params: NumericParams): boolean
    eraseChars(params: NumericParams): boolean
  }
}

interface NumericParams {
  params: number[]
  length: number
}

type StyleFlags =
  | 'isBold'
  | 'isDim'
  | 'isItalic'
  | 'isUnderline'
  | 'isBlink'
  | 'isInverse'
  | 'isInvisible'
  | 'isStrikethrough'
  | 'isOverline'
type CellColours = 'isFgRGB' | 'isFgPalette' | 'isBgRGB' | 'isBgPalette'

/** The part of a cell that SGR sets. A flag is set when it returns anything but zero. */
type CellStyle = Record<StyleFlags, () => number> &
  Record<CellColours, () => boolean> & { getFgColor(): number; getBgColor(): number }

const FLAGS: readonly [StyleFlags, number][] = [
  ['isBold', 1],
  ['isDim', 2],
  ['isItalic', 3],
  ['isUnderline', 4],
  ['isBlink', 5],
  ['isInverse', 7],
  ['isInvisible', 8],
  ['isStrikethrough', 9],
  ['isOverline', 53],
]

/** The parameters of the SGR sequence that sets exactly this style. */
export function sgr(style: CellStyle): string {
  let text = '0'
  for (const [flag, code] of FLAGS) if (style[flag]() !== 0) text += `;${code}`
  if (style.isFgRGB()) text += `;38;2;${rgb(style.getFgColor())}`
  else if (style.isFgPalette()) text += `;${palette(style.getFgColor(), 30)}`
  if (style.isBgRGB()) text += `;48;2;${rgb(style.getBgColor())}`
  else if (style.isBgPalette()) text += `;${palette(style.getBgColor(), 40)}`
  return text
}

function rgb(value: number): string {
  return `${(value >> 16) & 255};${(value >> 8) & 255};${value & 255}`
}

function palette(index: number, base: 30 | 40): string {
  if (index < 8) return String(base + index)
  return index < 16 ? String(base + 52 + index) : `${base + 8};5;${index}`
}

interface LineOptions {
  /** Cells to show, from the left. */
  columns: number
  /**
   * Whether empty cells become spaces, up to the last column. Otherwise they are skipped and stay
   * empty.
   */
  fill: boolean
  /** The column to show inverted, -1 for none. */
  cursor: number
}

/**
 * One line of the screen as text and SGR sequences (and, without `fill`, cursor moves to the
 * right): whatever the program wrote, no other control sequence remains. Begins and ends in the
 * default style. `scratch` is any cell of that emulator; it is overwritten.
 */
export function lineText(
  line: IBufferLine,
  scratch: IBufferCell,
  { columns, fill, cursor }: LineOptions,
): string {
  let text = ''
  let style = '0'
  let empty = 0
  const skipEmpty = () => {
    if (empty > 0) text += (style === '0' ? '' : `\x1b[${empty}X`) + `\x1b[${empty}C`
    empty = 0
  }
  for (let x = 0; x < columns; x++) {
    const cell = line.getCell(x, scratch)
    if (cell === undefined || cell.getWidth() === 0) continue
    const next = styleOf(cell, x === cursor)
    if (next !== style) {
      skipEmpty()
      text += `\x1b[${next}m`
      style = next
    }
    const chars = cell.getChars()
    if (chars === '' && !fill) empty += 1
    else {
      skipEmpty()
      text += glyph(chars, cell.getWidth(), columns - x)
    }
  }
  if (style === '0') return text
  return empty > 0 ? `${text}\x1b[${empty}X\x1b[0m` : `${text}\x1b[0m`
}

function styleOf(cell: IBufferCell, inverted: boolean): string {
  const style = cell.isAttributeDefault() ? '0' : sgr(cell)
  return inverted ? `${style};7` : style
}

/** Bidirectional controls would also reorder text outside the line. */
const REORDERING = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu

function glyph(chars: string, width: number, room: number): string {
  if (chars.length === 1 && chars >= ' ' && chars <= '~') return chars
  if (width > room) return ' '
  const safe = chars.replace(REORDERING, '')
  return safe === '' ? ' '.repeat(width) : safe
}

function fitting(size: TerminalSize): { cols: number; rows: number } {
  const { columns: cols, rows } = bounded(size)
  return { cols, rows }
}

function clamp(value: number, low: number, high: number): number {
  return Number.isFinite(value) ? Math.min(high, Math.max(low, Math.floor(value))) : low
}

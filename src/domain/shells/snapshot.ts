import { hiddenState, lineText, sgr } from '../../base/emulator.ts'
import type { Terminal } from '../../base/emulator.ts'

type ScreenBuffer = Terminal['buffer']['active']

/**
 * Control sequences that redraw an emulator's whole screen on a cleared one, line by line: the last
 * `history` scrolled-off lines, then cells, pen, cursor, margins and modes, and of an alternate
 * screen also the primary one. The emulator must not read or be resized until all is drawn.
 */
export function* drawInParts(terminal: Terminal, history: number): Generator<string, void> {
  const { normal, active } = terminal.buffer
  yield* drawBuffer(terminal, normal, history)
  if (active.type === 'alternate') {
    // Entering the alternate screen saves the cursor; leaving it restores that.
    yield `${moveTo(normal.cursorX, normal.cursorY)}\x1b[?1049h\x1b[H`
    yield* drawBuffer(terminal, active, 0)
  }
  yield drawState(terminal)
}

/** Everything except the cells. */
function drawState(terminal: Terminal): string {
  const hidden = hiddenState(terminal)
  let text = ''
  if (hidden.saved.x > 0 || hidden.saved.y > 0)
    text += `${moveTo(hidden.saved.x, hidden.saved.y)}\x1b7`
  if (hidden.scrollTop > 0 || hidden.scrollBottom < terminal.rows - 1)
    text += `\x1b[${hidden.scrollTop + 1};${hidden.scrollBottom + 1}r`
  return text + placeCursor(terminal) + modes(terminal) + `\x1b[${sgr(hidden.pen)}m`
}

/** The sequences that set the modes which the program set. None of them moves the cursor. */
function modes(terminal: Terminal): string {
  const { modes: on } = terminal
  const hidden = hiddenState(terminal)
  const switches: [boolean, string][] = [
    [on.applicationCursorKeysMode, '\x1b[?1h'],
    [on.applicationKeypadMode, '\x1b='],
    [on.bracketedPasteMode, '\x1b[?2004h'],
    [on.insertMode, '\x1b[4h'],
    [on.reverseWraparoundMode, '\x1b[?45h'],
    [on.sendFocusMode, '\x1b[?1004h'],
    [!on.wraparoundMode, '\x1b[?7l'],
    [hidden.mouseEncoding === 'SGR', '\x1b[?1006h'],
    [hidden.mouseEncoding === 'SGR_PIXELS', '\x1b[?1016h'],
    [hidden.cursorHidden, '\x1b[?25l'],
    [hidden.lineDrawing, '\x1b(0'],
  ]
  const mouse = on.mouseTrackingMode === 'none' ? '' : `\x1b[?${MOUSE_MODE[on.mouseTrackingMode]}h`
  return mouse + switches.map(([is, sequence]) => (is ? sequence : '')).join('')
}

const MOUSE_MODE = { x10: 9, vt200: 1000, drag: 1002, any: 1003 } as const

function* drawBuffer(
  terminal: Terminal,
  buffer: ScreenBuffer,
  history: number,
): Generator<string, void> {
  const first = Math.max(0, buffer.baseY - history)
  const scratch = buffer.getNullCell()
  let lineFeeds = 0
  for (let y = first; y < buffer.baseY + terminal.rows; y++) {
    const line = buffer.getLine(y)
    if (line === undefined) break
    const drawn = lineText(line, scratch, { columns: terminal.cols, fill: false, cursor: -1 })
    // A full line wraps by itself, so that the two lines stay joined when the terminal is resized.
    if (y > first && !(line.isWrapped && lineFeeds === 0 && wraps(buffer, y - 1, terminal.cols)))
      lineFeeds += 1
    if (drawn === '' && y >= buffer.baseY) continue
    yield '\r\n'.repeat(lineFeeds) + drawn
    lineFeeds = 0
  }
  // Scrolls the lines of the history off the screen.
  if (first < buffer.baseY) yield '\r\n'.repeat(lineFeeds)
}

function wraps(buffer: ScreenBuffer, y: number, columns: number): boolean {
  const last = buffer.getLine(y)?.getCell(columns - 1)
  if (last === undefined) return false
  const next = buffer.getLine(y + 1)?.getCell(0)
  return (
    next !== undefined &&
    next.getChars() !== '' &&
    (last.getChars() !== '' || last.getWidth() === 0)
  )
}

/**
 * Moves the cursor. It gets past the last column (a pending wrap) only by writing the last
 * character again.
 */
function placeCursor(terminal: Terminal): string {
  const { active } = terminal.buffer
  const origin = terminal.modes.originMode
  const top = origin ? hiddenState(terminal).scrollTop : 0
  const lead = origin ? '\x1b[?6h' : ''
  const y = active.cursorY - top
  if (active.cursorX < terminal.cols) return lead + moveTo(active.cursorX, y)
  const line = active.getLine(active.baseY + active.cursorY)
  let x = terminal.cols - 1
  if (line?.getCell(x)?.getWidth() === 0) x -= 1
  const cell = line?.getCell(x)
  if (cell === undefined) return lead + moveTo(terminal.cols - 1, y)
  // An erased cell is written as a space, which looks the same: nothing else leaves the cursor
  // there.
  return `${lead}${moveTo(x, y)}\x1b[${sgr(cell)}m${cell.getChars() || ' '}`
}

function moveTo(x: number, y: number): string {
  return `\x1b[${y + 1};${x + 1}H`
}

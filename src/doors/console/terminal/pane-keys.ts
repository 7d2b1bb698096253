import { hiddenState } from '../../../base/emulator.ts'
import type { Terminal } from '../../../base/emulator.ts'
import type { Rect } from '../terminal-seam.ts'

/** A mouse report, an arrow or Home/End as sent in normal mode, or the mark around a paste. */
const TRANSLATED =
  /\x1b\[(?:<(?<button>\d{1,4});(?<x>\d{1,4});(?<y>\d{1,4})(?<end>[Mm])|(?<key>[ABCDHF])|20[01]~)/g

type Match = Partial<Record<'button' | 'x' | 'y' | 'end' | 'key', string>>

/**
 * Keys as the program in the pane asked for them. The operator's terminal does not know the modes
 * that this program set; the emulator does. Mouse reports become relative to the pane, and those
 * from outside of it are dropped.
 */
export function keysForPane(bytes: Buffer, screen: Terminal, rect: Rect | null): Buffer {
  if (!bytes.includes(0x1b)) return bytes
  const { applicationCursorKeysMode, bracketedPasteMode, mouseTrackingMode } = screen.modes
  const translate = (all: string, match: Match): string => {
    if (match.button !== undefined)
      return rect === null || mouseTrackingMode === 'none' ? '' : mouse(match, rect, screen)
    if (match.key !== undefined) return applicationCursorKeysMode ? `\x1bO${match.key}` : all
    return bracketedPasteMode ? all : ''
  }
  // Latin-1 keeps every byte.
  const text = bytes
    .toString('latin1')
    .replace(TRANSLATED, (all: string, ...groups: unknown[]) =>
      translate(all, groups.at(-1) as Match),
    )
  return Buffer.from(text, 'latin1')
}

/** A mouse report in the pane's own columns and rows; '' from outside of it. */
function mouse(match: Match, rect: Rect, screen: Terminal): string {
  const button = Number(match.button)
  const x = Number(match.x) - rect.x
  const y = Number(match.y) - rect.y
  const released = match.end === 'm'
  if (x < 1 || y < 1 || x > rect.width || y > rect.height) return ''
  if (hiddenState(screen).mouseEncoding === 'SGR')
    return `\x1b[<${button};${x};${y}${released ? 'm' : 'M'}`
  const code = released ? (button & ~3) | 3 : button
  if (code > 223 || x > 223 || y > 223) return ''
  return `\x1b[M${String.fromCharCode(32 + code, 32 + x, 32 + y)}`
}

const MOUSE_MODES: Record<string, number> = { any: 1003, drag: 1002 }

/** Turns on the mouse reports that the program in the pane wants; '' for none. */
export function mouseReports(screen: Terminal): string {
  const mode = screen.modes.mouseTrackingMode
  return mode === 'none' ? '' : `\x1b[?${MOUSE_MODES[mode] ?? 1000}h\x1b[?1006h`
}

export const NO_MOUSE = '\x1b[?1000l\x1b[?1002l\x1b[?1003l\x1b[?1006l'

const SHIFT_PAGE_UP = '\x1b[5;2~'
const SHIFT_PAGE_DOWN = '\x1b[6;2~'

/** The lines to scroll the pane's history by, for Shift and a page key; 0 for other keys. */
export function historyKey(bytes: Buffer, rows: number): number {
  if (bytes.length !== SHIFT_PAGE_UP.length) return 0
  const text = bytes.toString('latin1')
  const page = Math.max(1, rows - 1)
  if (text === SHIFT_PAGE_UP) return -page
  return text === SHIFT_PAGE_DOWN ? page : 0
}

import { hiddenState } from '../../../base/emulator.ts'
import type { Terminal } from '../../../base/emulator.ts'
import type { Rect } from '../terminal-seam.ts'

/** A mouse report, an arrow or Home/End as sent in normal mode, or the mark around a paste. */
const TRANSLATED = /\x1b\[(?:<(\d{1,4});(\d{1,4});(\d{1,4})([Mm])|([ABCDHF])|20([01])~)/g

/**
 * Keys as the operator's terminal sends them, in the words that the program in the pane asked for: the modes that it set are
 * the emulator's, not the operator's terminal's. Mouse reports become relative to the pane; those outside of it are left out.
 */
export function keysForPane(bytes: Buffer, screen: Terminal, rect: Rect | null): Buffer {
  if (!bytes.includes(0x1b)) return bytes
  const { applicationCursorKeysMode, bracketedPasteMode, mouseTrackingMode } = screen.modes
  // Latin-1 keeps every byte.
  const text = bytes
    .toString('latin1')
    .replace(
      TRANSLATED,
      (all: string, button?: string, x?: string, y?: string, end?: string, key?: string) => {
        if (button !== undefined) {
          if (rect === null || mouseTrackingMode === 'none') return ''
          return mouse(
            Number(button),
            Number(x) - rect.x,
            Number(y) - rect.y,
            end === 'm',
            rect,
            screen,
          )
        }
        if (key !== undefined) return applicationCursorKeysMode ? `\x1bO${key}` : all
        return bracketedPasteMode ? all : ''
      },
    )
  return Buffer.from(text, 'latin1')
}

function mouse(
  button: number,
  x: number,
  y: number,
  released: boolean,
  rect: Rect,
  screen: Terminal,
): string {
  if (x < 1 || y < 1 || x > rect.width || y > rect.height) return ''
  if (hiddenState(screen).mouseEncoding === 'SGR')
    return `\x1b[<${button};${x};${y}${released ? 'm' : 'M'}`
  const code = released ? (button & ~3) | 3 : button
  if (code > 223 || x > 223 || y > 223) return ''
  return `\x1b[M${String.fromCharCode(32 + code, 32 + x, 32 + y)}`
}

/** Sequences that make the operator's terminal report the mouse as the program in the pane wants it; '' for not at all. */
export function mouseReports(screen: Terminal): string {
  const mode = screen.modes.mouseTrackingMode
  if (mode === 'none') return ''
  return `\x1b[?${mode === 'any' ? 1003 : mode === 'drag' ? 1002 : 1000}h\x1b[?1006h`
}

export const NO_MOUSE = '\x1b[?1000l\x1b[?1002l\x1b[?1003l\x1b[?1006l'

/** Lines to scroll the pane's history by, for Shift with a page key alone; 0 for everything else. */
export function historyKey(bytes: Buffer, rows: number): number {
  const text = bytes.length === 6 ? bytes.toString('latin1') : ''
  const page = Math.max(1, rows - 1)
  return text === '\x1b[5;2~' ? -page : text === '\x1b[6;2~' ? page : 0
}

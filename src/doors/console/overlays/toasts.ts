import { plain } from '../../../base/text.ts'
import type { ConsoleState } from '../store/state.ts'
import type { ToastTone } from '../store/ui.ts'
import type { Rect } from '../terminal-seam.ts'
import { width, wrap } from '../text/width.ts'
import type { ThemeRole } from '../theme/theme.ts'

const LOOKS: Record<ToastTone, { glyph: string; role: ThemeRole }> = {
  info: { glyph: '•', role: 'info' },
  good: { glyph: '✓', role: 'good' },
  warn: { glyph: '△', role: 'warn' },
  bad: { glyph: '✕', role: 'bad' },
}
const MAX_COLUMNS = 96
const MAX_LINES = 4

/** Messages at the foot of the screen, the newest last, all of one width, with their place. */
export function toastBox({ ui }: ConsoleState): { rect: Rect; lines: string[] } | undefined {
  if (ui.toasts.length === 0) return undefined
  const room = Math.max(14, Math.min(ui.columns - 4, MAX_COLUMNS) - 6)
  const rows = ui.toasts.flatMap((t) =>
    wrap(plain(t.text, 400), room, MAX_LINES).map((text, i) => ({
      role: LOOKS[t.tone].role,
      mark: i === 0 ? LOOKS[t.tone].glyph : ' ',
      text,
    })),
  )
  const shown = rows.slice(-Math.max(1, ui.rows - 3))
  const cells = Math.max(...shown.map((row) => width(row.text))) + 6
  const lines = shown.map(({ role, mark, text }) =>
    ui.painter.row(
      cells,
      [
        [role, ` ▌${mark} `],
        ['strong', text],
      ],
      'cursor-idle',
    ),
  )
  return {
    rect: {
      x: Math.max(0, ui.columns - cells - 1),
      y: Math.max(1, ui.rows - 1 - lines.length),
      width: cells,
      height: lines.length,
    },
    lines,
  }
}

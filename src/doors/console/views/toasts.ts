import type { ConsoleState } from '../store/store.ts'
import type { Tone } from '../store/ui.ts'
import type { Role } from '../theme/theme.ts'
import { plain } from '../../../base/text.ts'
import { cut, width } from '../text/width.ts'

const LOOKS: Record<Tone, { glyph: string; role: Role }> = { info: { glyph: '•', role: 'info' }, good: { glyph: '✓', role: 'good' }, warn: { glyph: '△', role: 'warn' }, bad: { glyph: '✕', role: 'bad' } }

/** Messages at the foot of the screen, the newest lowest, all of one width. */
export function toastLines({ ui }: ConsoleState): string[] {
  const widest = Math.max(20, Math.min(ui.columns - 4, 110))
  const texts = ui.toasts.map((t) => ({ ...LOOKS[t.tone], text: cut(plain(t.text, 400), widest - 6) }))
  const cells = Math.max(0, ...texts.map((t) => width(t.text))) + 6
  return texts.map(({ glyph, role, text }) => ui.painter.row(cells, [[role, ` ▌${glyph} `], ['strong', text]], 'cursor-idle'))
}

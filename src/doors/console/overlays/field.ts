import { plain } from '../../../base/text.ts'
import type { Edit } from '../text/edit.ts'
import { fit, width } from '../text/width.ts'
import type { StyledText } from '../theme/theme.ts'

const MAX_CHARS = 5000

/** A line being typed, with a block at the caret, in exactly `cells` cells; long text scrolls. */
export function editPieces(edit: Edit, cells: number, placeholder = ''): StyledText[] {
  if (edit.text === '')
    return [
      ['badge', ' '],
      ['placeholder', fit(placeholder, Math.max(0, cells - 1))],
    ]
  const before = plain(edit.text.slice(0, edit.caret), MAX_CHARS)
  const at = plain(edit.text.slice(edit.caret, edit.caret + 1), 10) || ' '
  const after = plain(edit.text.slice(edit.caret + 1), MAX_CHARS)
  const shown = tail(before, Math.max(1, cells - 2 - Math.min(8, width(after))))
  const room = Math.max(0, cells - width(shown) - width(at))
  return [
    ['field-focus', shown],
    ['badge', at],
    ['field-focus', fit(after, room)],
  ]
}

/** A line that is not being typed. */
export function fieldPieces({ text }: Edit, cells: number, placeholder: string): StyledText[] {
  return text === ''
    ? [['placeholder', fit(placeholder, cells)]]
    : [['field', fit(plain(text, 2 * MAX_CHARS), cells)]]
}

/** The end of a text that is too long. */
function tail(text: string, cells: number): string {
  if (width(text) <= cells) return text
  let out = text.slice(-cells)
  while (width(out) > cells - 1) out = out.slice(1)
  return `…${out}`
}

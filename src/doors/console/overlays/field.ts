import type { Edit } from '../text/edit.ts'
import type { Piece, Role } from '../theme/theme.ts'
import { fit, width } from '../text/width.ts'
import { plain } from '../../../base/text.ts'

/** A line being typed, with a block where the next letter goes, in exactly `cells` cells; long text slides. */
export function editPieces(edit: Edit, cells: number, focused = true, placeholder = ''): Piece[] {
  const role: Role = focused ? 'field-focus' : 'field'
  if (edit.text === '')
    return focused
      ? [
          ['badge', ' '],
          ['placeholder', fit(placeholder, Math.max(0, cells - 1))],
        ]
      : [['placeholder', fit(placeholder, cells)]]
  const before = plain(edit.text.slice(0, edit.caret), 5000)
  const at = plain(edit.text.slice(edit.caret, edit.caret + 1), 10) || ' '
  const after = plain(edit.text.slice(edit.caret + 1), 5000)
  if (!focused)
    return [[role, fit(before + (edit.caret < edit.text.length ? at : '') + after, cells)]]
  const shown = tail(before, Math.max(1, cells - 2 - Math.min(8, width(after))))
  const room = Math.max(0, cells - width(shown) - width(at))
  return [
    [role, shown],
    ['badge', at],
    [role, fit(after, room)],
  ]
}

function tail(text: string, cells: number): string {
  if (width(text) <= cells) return text
  let out = text.slice(-cells)
  while (width(out) > cells - 1) out = out.slice(1)
  return `…${out}`
}

import type { StyledText, ThemeRole } from '../../theme/theme.ts'
import type { Canvas } from '../frame.ts'

/** What sets a row apart from the others. */
export interface RowMarks {
  cursor: boolean
  focused: boolean
  marked: boolean
}

/** The two cells at the left of a row: the cursor, and whether it is marked. */
export function markPieces(marks: RowMarks): StyledText[] {
  return [
    ['title-focus', marks.cursor ? '▸' : ' '],
    ['mark', marks.marked ? '◆' : ' '],
  ]
}

/** The background of a row. */
export function rowBackground({ cursor, focused }: RowMarks): ThemeRole | undefined {
  if (!cursor) return undefined
  return focused ? 'cursor' : 'cursor-idle'
}

/** What the look of every row depends on, besides its content. */
export function lookKey({ width, painter }: Canvas, marks: RowMarks): string {
  return `${width}${painter.name}${painter.depth}${marks.cursor}${marks.focused}${marks.marked}`
}

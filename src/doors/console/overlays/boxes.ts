import { plain } from '../../../base/text.ts'
import type { LayerOf } from '../store/layer.ts'
import { wrap } from '../text/width.ts'
import type { StyledText } from '../theme/theme.ts'
import type { Canvas } from '../views/frame.ts'
import { editPieces } from './field.ts'

/** What goes into a box: lines that are each `width` cells wide. */
export interface BoxDraft {
  title: string
  right?: string
  width: number
  lines: string[]
  danger?: boolean
}

/** Text wrapped into lines of a box, each text to at most `max` lines. */
export function paragraphs(canvas: Canvas, texts: readonly string[], max = 12): string[] {
  return texts
    .flatMap((text) => wrap(plain(text, 2000), canvas.width - 2, max))
    .map((line) => canvas.painter.row(canvas.width, [['text', ` ${line}`]]))
}

export function blankLine(canvas: Canvas): string {
  return ' '.repeat(canvas.width)
}

export function confirmBox(layer: LayerOf<'confirm'>, canvas: Canvas): BoxDraft {
  const { width, painter } = canvas
  const { title, danger, yes } = layer
  const blank = blankLine(canvas)
  const keys: StyledText[] = [
    ['text', ' '],
    [danger ? 'alert' : 'badge', ` ${yes} `],
    ['text', ' confirm    '],
    ['key', 'Esc'],
    ['hint', ' cancel'],
  ]
  return {
    title,
    right: layer.right ?? (danger ? '⚠ high risk' : ''),
    width,
    danger,
    lines: [blank, ...paragraphs(canvas, layer.lines, 14), blank, painter.row(width, keys), blank],
  }
}

export function typedBox(layer: LayerOf<'typed'>, canvas: Canvas): BoxDraft {
  const { painter, width } = canvas
  const { title, word, edit } = layer
  const blank = blankLine(canvas)
  return {
    title,
    right: '⚠ type the name',
    width,
    danger: true,
    lines: [
      blank,
      ...paragraphs(canvas, layer.lines),
      blank,
      painter.row(width, [
        ['text', ' Type '],
        ['alert', ` ${word} `],
        ['text', ' to confirm:'],
      ]),
      painter.row(width, [
        ['text', ' '],
        ...editPieces(edit, width - 16),
        ['text', ' '],
        edit.text === word ? ['good', '⏎ confirm'] : ['faint', ''],
      ]),
      blank,
    ],
  }
}

/** Rows of the list of templates, which is drawn over the box by ink-select-input. */
export const WIZARD_ROWS = 8

export function wizardBox({ templates, problem }: LayerOf<'wizard'>, canvas: Canvas): BoxDraft {
  const { painter, width } = canvas
  const blank = blankLine(canvas)
  const status: StyledText =
    problem === '' ? ['dim', ' Loading templates…'] : ['bad', ` ✕ ${problem}`]
  const list =
    templates === null
      ? [painter.row(width, [status])]
      : templates.slice(0, WIZARD_ROWS).map(() => blank)
  return {
    title: 'Create agent',
    right: '1 of 2',
    width,
    lines: [
      painter.row(width, [
        ['dim', ' Choose a template. Each has the least privilege for its work.'],
      ]),
      blank,
      ...list,
      blank,
    ],
  }
}

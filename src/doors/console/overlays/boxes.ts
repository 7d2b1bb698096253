import { plain } from '../../../base/text.ts'
import type { Layer } from '../store/layer.ts'
import type { Piece } from '../theme/theme.ts'
import { wrap } from '../text/width.ts'
import { editPieces } from './field.ts'
import type { Canvas } from '../views/frame.ts'

/** What goes into a box: its lines, each `width` cells wide. */
export interface BoxDraft {
  title: string
  right?: string
  width: number
  lines: string[]
  danger?: boolean
}

export type Of<K extends Layer['kind']> = Extract<Layer, { kind: K }>

/** Text in lines of a box. */
export function words(canvas: Canvas, lines: readonly string[], max = 12): string[] {
  return lines
    .flatMap((text) => wrap(plain(text, 2000), canvas.width - 2, max))
    .map((text) => canvas.painter.row(canvas.width, [['text', ` ${text}`]]))
}

export function confirmBox(layer: Of<'confirm'>, canvas: Canvas): BoxDraft {
  const { painter, width } = canvas
  const keys: Piece[] = [
    ['text', ' '],
    [layer.danger ? 'alert' : 'badge', ` ${layer.yes} `],
    ['text', ` ${layer.danger ? 'yes, I mean it' : 'yes'}    `],
    ['key', 'Esc'],
    ['hint', ' no'],
  ]
  return {
    title: layer.title,
    right: layer.right ?? (layer.danger ? '⚠ high risk' : ''),
    width,
    danger: layer.danger,
    lines: [
      blank(canvas),
      ...words(canvas, layer.lines, 14),
      blank(canvas),
      painter.row(width, keys),
      blank(canvas),
    ],
  }
}

export function typedBox(layer: Of<'typed'>, canvas: Canvas): BoxDraft {
  const { painter, width } = canvas
  const fits = layer.edit.text === layer.word
  return {
    title: layer.title,
    right: '⚠ takes a word',
    width,
    danger: true,
    lines: [
      blank(canvas),
      ...words(canvas, layer.lines),
      blank(canvas),
      painter.row(width, [
        ['text', ' Type '],
        ['alert', ` ${layer.word} `],
        ['text', ' to confirm:'],
      ]),
      painter.row(width, [
        ['text', ' '],
        ...editPieces(layer.edit, width - 16),
        ['text', ' '],
        [fits ? 'good' : 'faint', fits ? '⏎ do it' : ''],
      ]),
      blank(canvas),
    ],
  }
}

/** How many rows the list of templates has; the list itself is ink-select-input, laid over them. */
export const WIZARD_ROWS = 8

export function wizardBox(layer: Of<'wizard'>, canvas: Canvas): BoxDraft {
  const { painter, width } = canvas
  const lines = [
    painter.row(width, [['dim', ' Which template? Each is least privilege for its work.']]),
    blank(canvas),
  ]
  if (layer.templates === null)
    lines.push(
      painter.row(width, [
        layer.problem === '' ? ['dim', ' reading templates…'] : ['bad', ` ✕ ${layer.problem}`],
      ]),
    )
  else
    for (let i = 0; i < Math.min(WIZARD_ROWS, layer.templates.length); i++)
      lines.push(blank(canvas))
  return { title: 'Create agent', right: '1 of 2', width, lines: [...lines, blank(canvas)] }
}

export function blank(canvas: Canvas): string {
  return ' '.repeat(canvas.width)
}

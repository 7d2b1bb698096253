import { count, plain } from '../../../base/text.ts'
import type { Simulation } from '../../../domain/rules/trials/types.ts'
import { severeText } from '../../text/simulation.ts'
import { askedFields, type FormField, type LayerOf } from '../store/layer.ts'
import { cut, fit, width as cellsOf, wrap } from '../text/width.ts'
import type { StyledText, ThemeRole } from '../theme/theme.ts'
import type { Canvas } from '../views/frame.ts'
import { blankLine, paragraphs, type BoxDraft } from './boxes.ts'
import { editPieces, fieldPieces } from './field.ts'

/** A form: what it is about, its fields, and what its rule would have changed. */
export function formBox(layer: LayerOf<'form'>, canvas: Canvas): BoxDraft {
  const { painter, width } = canvas
  const shown = askedFields(layer.fields)
  const label = Math.min(16, Math.max(6, ...shown.map((f) => f.label.length)))
  const fields = shown.flatMap((f, i) => fieldLines(canvas, f, { isHere: i === layer.at, label }))
  const isRule = shown.some((f) => f.key === 'width')
  return {
    title: layer.title,
    width,
    lines: [
      blankLine(canvas),
      ...paragraphs(canvas, layer.intro, 6),
      ...(layer.intro.length === 0 ? [] : [blankLine(canvas)]),
      ...fields,
      ...(isRule ? trialLines(layer, canvas) : []),
      blankLine(canvas),
      painter.row(width, footPieces(layer)),
    ],
  }
}

function footPieces({ problem, busy }: LayerOf<'form'>): StyledText[] {
  if (problem !== '') return [['bad', ` ✕ ${problem}`]]
  if (busy) return [['info', ' Sending…']]
  return [
    ['hint', ' '],
    ['key', '⏎'],
    ['hint', ' send   '],
    ['key', '⇥'],
    ['hint', ' next   '],
    ['key', 'Esc'],
    ['hint', ' cancel'],
  ]
}

function fieldLines(
  { painter, width }: Canvas,
  field: FormField,
  { isHere, label }: { isHere: boolean; label: number },
): string[] {
  const line = painter.row(width, [
    [isHere ? 'title-focus' : 'dim', `${isHere ? '▸' : ' '} ${fit(field.label, label)} `],
    ...valuePieces(field, isHere, width - label - 4),
  ])
  const note = field.notes?.[field.edit.text] ?? ''
  const hint = (field.choices?.length ?? 0) > 1 ? '← → choose' : ''
  const about = [note, ...(isHere ? [field.about, hint] : [])]
    .filter((text) => text !== '')
    .join(' · ')
  if (about === '') return [line]
  const role: ThemeRole = note.startsWith('⚠') ? 'warn' : 'faint'
  return [line, painter.row(width, [[role, `${' '.repeat(label + 3)}${about}`]])]
}

function valuePieces(field: FormField, isHere: boolean, cells: number): StyledText[] {
  const { choices, edit, about } = field
  if (choices !== undefined) return choicePieces(choices, edit.text, isHere, cells)
  return isHere ? editPieces(edit, cells, about) : fieldPieces(edit, cells, about)
}

/** All choices if there is room for them, else the chosen one between arrows. */
function choicePieces(
  choices: readonly string[],
  chosen: string,
  isHere: boolean,
  cells: number,
): StyledText[] {
  const look = isHere ? 'badge' : 'strong'
  if (choices.reduce((sum, c) => sum + cellsOf(c) + 3, 0) > cells)
    return [
      ['dim', '‹ '],
      [look, `[${cut(chosen, cells - 16)}]`],
      ['dim', ` › ${choices.indexOf(chosen) + 1} of ${choices.length}`],
    ]
  return choices.flatMap((c): StyledText[] => [
    c === chosen ? [look, `[${c}]`] : ['dim', ` ${c} `],
    ['text', ' '],
  ])
}

/** What the rule of a form would have changed of the past. */
function trialLines({ trial }: LayerOf<'form'>, canvas: Canvas): string[] {
  if (trial === undefined) return []
  const lines = (role: ThemeRole, text: string): string[] =>
    wrap(plain(text, 600), canvas.width - 4, 3).map((line) =>
      canvas.painter.row(canvas.width, [[role, `  ${line}`]]),
    )
  const { found, problem } = trial
  if (found !== null)
    return [
      blankLine(canvas),
      ...lines('dim', changeText(found)),
      ...(found.severe === 0 ? [] : lines('bad', `⚠ ${severeText(found)}.${firstSevere(found)}`)),
    ]
  return [
    blankLine(canvas),
    ...(problem === ''
      ? lines('dim', 'Replaying the recorded past…')
      : lines('warn', `The past could not be replayed: ${problem}`)),
  ]
}

function changeText({ changed, questions, toAllow, toAsk }: Simulation): string {
  const recorded = count(questions, 'recorded question')
  if (changed === 0) return `Of ${recorded}, no answer would have changed.`
  const change =
    toAllow > 0 ? `${toAllow} would have been allowed` : `${toAsk} would have been asked`
  return `Of ${recorded}, ${change}.`
}

function firstSevere({ flips }: Simulation): string {
  const first = flips.find((flip) => flip.severe)
  return first === undefined ? '' : ` First: ${first.type} ${first.target}, ${first.was}.`
}

import { count, plain } from '../../../base/text.ts'
import { askedFields, type FormField } from '../store/layer.ts'
import type { Piece, Role } from '../theme/theme.ts'
import { cut, fit, width as cellsOf, wrap } from '../text/width.ts'
import { blank, words, type BoxDraft, type Of } from './boxes.ts'
import { editPieces } from './field.ts'
import type { Canvas } from '../views/frame.ts'
import { graveText } from '../views/preview.ts'

/** A form: what it is about, what it asks, and what its answers would have changed. */
export function formBox(layer: Of<'form'>, canvas: Canvas): BoxDraft {
  const { painter, width } = canvas
  const asked = askedFields(layer.fields)
  const label = Math.min(16, Math.max(6, ...asked.map((f) => f.label.length)))
  const fields = asked.flatMap((f, i) => fieldLines(canvas, f, i === layer.at, label))
  const foot: Piece[] =
    layer.problem !== ''
      ? [['bad', ` ✕ ${layer.problem}`]]
      : layer.busy
        ? [['info', ' sending…']]
        : [
            ['hint', ' '],
            ['key', '⏎'],
            ['hint', ' send   '],
            ['key', '⇥'],
            ['hint', ' next   '],
            ['key', 'Esc'],
            ['hint', ' leave'],
          ]
  const tried = asked.some((f) => f.key === 'width') ? trialLines(layer, canvas) : []
  return {
    title: layer.title,
    width,
    lines: [
      blank(canvas),
      ...words(canvas, layer.intro, 6),
      ...(layer.intro.length === 0 ? [] : [blank(canvas)]),
      ...fields,
      ...tried,
      blank(canvas),
      painter.row(width, foot),
    ],
  }
}

function fieldLines(
  { painter, width }: Canvas,
  f: FormField,
  here: boolean,
  label: number,
): string[] {
  const value =
    f.choices === undefined
      ? editPieces(f.edit, width - label - 4, here, f.about)
      : choicePieces(f.choices, f.edit.text, here, width - label - 4)
  const line = painter.row(width, [
    [here ? 'title-focus' : 'dim', `${here ? '▸' : ' '} ${fit(f.label, label)} `],
    ...value,
  ])
  const note = f.notes?.[f.edit.text] ?? ''
  const about = [note, ...(here ? [f.about, (f.choices?.length ?? 0) > 1 ? '← → choose' : ''] : [])]
    .filter((text) => text !== '')
    .join(' · ')
  return about === ''
    ? [line]
    : [
        line,
        painter.row(width, [
          [note.startsWith('⚠') ? 'warn' : 'faint', `${' '.repeat(label + 3)}${about}`],
        ]),
      ]
}

/** All choices where there is room for them, else the chosen one between arrows. */
function choicePieces(
  choices: readonly string[],
  chosen: string,
  here: boolean,
  cells: number,
): Piece[] {
  const look = here ? 'badge' : 'strong'
  if (choices.reduce((sum, c) => sum + cellsOf(c) + 3, 0) > cells)
    return [
      ['dim', '‹ '],
      [look, `[${cut(chosen, cells - 16)}]`],
      ['dim', ` › ${choices.indexOf(chosen) + 1} of ${choices.length}`],
    ]
  return choices.flatMap((c): Piece[] => [
    [c === chosen ? look : 'dim', c === chosen ? `[${c}]` : ` ${c} `],
    ['text', ' '],
  ])
}

/** What the rule of a form would have changed of the past. */
function trialLines({ trial }: Of<'form'>, canvas: Canvas): string[] {
  if (trial === undefined) return []
  const say = (role: Role, text: string): string[] =>
    wrap(plain(text, 600), canvas.width - 4, 3).map((line) =>
      canvas.painter.row(canvas.width, [[role, `  ${line}`]]),
    )
  if (trial.found === null)
    return [
      blank(canvas),
      ...say(
        trial.problem === '' ? 'dim' : 'warn',
        trial.problem === ''
          ? 'replaying what was recorded…'
          : `It could not be tried on the past: ${trial.problem}`,
      ),
    ]
  const { found } = trial
  const first = found.flips.find((flip) => flip.grave)
  return [
    blank(canvas),
    ...say(
      'dim',
      found.changed === 0
        ? `Of ${count(found.questions, 'recorded question')} none would have been answered otherwise.`
        : `Of ${count(found.questions, 'recorded question')} ${found.toAllow > 0 ? `${found.toAllow} would have been allowed unasked` : `${found.toAsk} would have been asked`}.`,
    ),
    ...(found.grave === 0
      ? []
      : say(
          'bad',
          `⚠ ${graveText(found)}${first === undefined ? '' : ` First: ${first.type} ${first.target}, ${first.was}.`}`,
        )),
  ]
}

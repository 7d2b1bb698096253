import { hints, keyLabel } from '../keys/resolve.ts'
import { placeOf, type Layer } from '../store/layer.ts'
import { contextOf } from '../store/select.ts'
import type { ConsoleState } from '../store/store.ts'
import type { Piece } from '../theme/theme.ts'
import { fit, width } from '../text/width.ts'
import { editPieces } from '../overlays/field.ts'
import { takesSecondKey } from './preview.ts'

type Hint = readonly [key: string, title: string]

/** The last line: what can be pressed here, printed from the registry; while filtering, the filter itself. */
export function footerLine(state: ConsoleState): string {
  const { ui, world } = state
  const { painter, columns } = ui
  const top = ui.layers.at(-1)
  if (top?.kind === 'filter')
    return painter.row(columns, [
      ['key', ' / '],
      ...editPieces(top.edit, Math.max(4, columns - 40)),
      ['hint', '  ⏎ keep  ⎋ drop'],
    ])
  if (ui.inTerminal)
    return painter.row(columns, [
      ['alert', ' KEYS GO TO THE SHELL '],
      ['text', '  '],
      ['key', 'Ctrl-]'],
      ['hint', ' leaves; the shell lives on'],
    ])
  if (world.line.state === 'lost') return lostLine(state)
  const [list, tail] = hintsOf(state, top)
  const right = pieces(tail)
  const rightWidth = right.reduce((n, [, t]) => n + width(t), 0)
  const left: Piece[] = [['text', ' ']]
  let used = 1
  for (const hint of list) {
    const more = pieces([hint])
    const wide = more.reduce((n, [, t]) => n + width(t), 0)
    if (used + wide > columns - rightWidth - 1) break
    left.push(...more)
    used += wide
  }
  return painter.row(columns, [
    ...left,
    ['text', fit('', Math.max(0, columns - used - rightWidth))],
    ...right,
  ])
}

/** The hints at the left and at the right. */
function hintsOf(state: ConsoleState, top: Layer | undefined): [list: Hint[], tail: Hint[]] {
  const { ui } = state
  const tile = top === undefined ? ui.tiles.find((t) => t.id === ui.focus) : undefined
  if (tile !== undefined && tile.state !== 'open')
    return [
      [
        tile.state === 'ended'
          ? ['⏎ ⎋', 'close this pane: its shell is over']
          : ['⎋', 'do not wait for the shell'],
      ],
      [],
    ]
  const list =
    top !== undefined && placeOf(top) === 'box' ? (BOX[top.kind] ?? []) : hereHints(state, top)
  return [list, isEmpty(state) ? [] : tailOf(top)]
}

function tailOf(top: Layer | undefined): Hint[] {
  return top === undefined
    ? [
        ['⏎', 'open'],
        ['⎋', 'back'],
      ]
    : [['⎋', 'back']]
}

/** Nothing is under the cursor, so there is nothing to open or to mark. */
function isEmpty(state: ConsoleState): boolean {
  return state.ui.layers.length === 0 && contextOf(state).subjects.length === 0
}

function hereHints(state: ConsoleState, top: Layer | undefined): Hint[] {
  const own = top === undefined ? [] : (VIEW[top.kind] ?? [])
  if (top?.kind === 'preview' && top.act !== null)
    return [...own, takesSecondKey(top) ? ['a', 'yes, I mean it'] : ['y', 'yes, do it']]
  const short = (title: string): string =>
    (title.replace(/…$/, '').split(',')[0] as string)
      .replace(/ (agent|a command|policy|lease|pane|rules?)$/i, '')
      .replace(/^Attach in a pane$/, 'attach')
      .toLowerCase()
  const rows: Hint[] = hints(state)
    .filter(
      (o) =>
        o.face.inTail !== true &&
        (o.face.inConsole !== 'mark' || (top === undefined && !isEmpty(state))),
    )
    .map((o) => [keyLabel(o.face.keys?.[0] ?? ''), o.face.short ?? short(o.face.title)])
  return [...own, ...rows]
}

const VIEW: Partial<Record<Layer['kind'], Hint[]>> = {
  logs: [
    ['␣', 'pause'],
    ['/', 'filter'],
    ['G', 'follow'],
  ],
  help: [['j k', 'scroll']],
  preview: [['j k', 'scroll']],
}
const BOX: Partial<Record<Layer['kind'], Hint[]>> = {
  palette: [
    ['⏎', 'run'],
    ['↑ ↓', 'choose'],
  ],
  form: [
    ['⇥', 'next field'],
    ['⏎', 'send'],
  ],
  confirm: [],
  typed: [['⏎', 'confirm']],
  wizard: [
    ['⏎', 'choose'],
    ['↑ ↓', 'move'],
  ],
}

function pieces(hints: readonly Hint[]): Piece[] {
  return hints.flatMap(([key, title]): Piece[] => [
    ['key', key],
    ['hint', ` ${title}  `],
  ])
}

/** No line to the deck: the next step first, since the end of this line is what a narrow screen cuts. */
function lostLine({ ui, world }: ConsoleState): string {
  const { line } = world
  const wait = Math.max(0, Math.ceil((line.nextAt - ui.now) / 1000))
  return ui.painter.row(ui.columns, [
    ['alert', ' NO SUPERVISOR '],
    ['dim', ` trying again ${wait > 0 ? `in ${wait}s` : 'now'} · `],
    ['key', ':'],
    ['hint', ' start supervisor '],
    ['dim', '· '],
    ['key', 'q'],
    ['hint', ' leaves '],
    ['dim', '· what you see is from before · '],
    ['bad', line.why || 'the line is gone'],
  ])
}

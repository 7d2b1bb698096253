import type { Face } from '../../../commands/face.ts'
import { hints, keyLabel } from '../keys/resolve.ts'
import { editPieces } from '../overlays/field.ts'
import { needsSecondKey, placeOf, type UiLayer } from '../store/layer.ts'
import { isRead } from '../store/reading.ts'
import type { ConsoleState } from '../store/state.ts'
import { subjectsAtCursor } from '../store/subjects.ts'
import type { TerminalTile } from '../store/ui.ts'
import type { StyledText } from '../theme/theme.ts'
import { cellsIn, hintPieces, type Hint } from './frame.ts'

/** The last line: the keys that work now, or the filter while it is typed. */
export function footerLine(state: ConsoleState): string {
  const { ui, world } = state
  const { painter, columns } = ui
  const top = ui.layers.at(-1)
  if (top?.kind === 'filter') {
    const hint: StyledText = ['hint', `  ⏎ keep  ⎋ clear${filterNames(ui.layers)}`]
    const field = Math.max(4, Math.min(columns - 40, columns - 4 - cellsIn([hint])))
    return painter.row(columns, [['key', ' / '], ...editPieces(top.edit, field), hint])
  }
  if (ui.inTerminal)
    return painter.row(columns, [
      ['alert', ' KEYS GO TO THE SHELL '],
      ['text', '  '],
      ['key', 'Ctrl-]'],
      ['hint', ' leaves; the shell keeps running'],
    ])
  if (world.connection.state === 'lost') return disconnectedLine(state)
  const right = tailHints(state, top).flatMap(hintPieces)
  const room = columns - cellsIn(right) - 1
  const left: StyledText[] = [['text', ' ']]
  let used = 1
  for (const hint of mainHints(state, top)) {
    const pieces = hintPieces(hint)
    if (used + cellsIn(pieces) > room) break
    left.push(...pieces)
    used += cellsIn(pieces)
  }
  const gap = ' '.repeat(Math.max(0, room + 1 - used))
  return painter.row(columns, [...left, ['text', gap], ...right])
}

/** What a filter of a list may name: `  agent: type: status:`. */
function filterNames(layers: readonly UiLayer[]): string {
  const list = layers.findLast((layer) => layer.kind === 'list')
  const names = Object.keys(list?.face.list.filters ?? {})
  return names.length === 0 ? '' : `  ${names.map((name) => `${name}:`).join(' ')}`
}

/** The focused terminal, if its shell cannot take keys. */
function closedTile({ ui }: ConsoleState, top: UiLayer | undefined): TerminalTile | undefined {
  const tile = top === undefined ? ui.tiles.find((t) => t.id === ui.focus) : undefined
  return tile?.state === 'open' ? undefined : tile
}

/** The hints at the left. */
function mainHints(state: ConsoleState, top: UiLayer | undefined): readonly Hint[] {
  const tile = closedTile(state, top)
  if (tile?.state === 'ended') return [['⏎ ⎋', 'close this pane; its shell has ended']]
  if (tile !== undefined) return [['⎋', 'stop waiting for the shell']]
  if (top !== undefined && placeOf(top) === 'box') return BOX_HINTS[top.kind] ?? []
  return viewHints(state, top)
}

/** The hints at the right. */
function tailHints(state: ConsoleState, top: UiLayer | undefined): readonly Hint[] {
  if (closedTile(state, top) !== undefined || isEmpty(state)) return []
  return top === undefined || OPENS.has(top.kind) ? [['⏎', 'open'], BACK] : [BACK]
}

/** Views whose rows open. */
const OPENS: ReadonlySet<UiLayer['kind']> = new Set(['list', 'table'])

const BACK: Hint = ['⎋', 'back']

/** Nothing is under the cursor, so there is nothing to open or to mark. */
function isEmpty(state: ConsoleState): boolean {
  return state.ui.layers.length === 0 && subjectsAtCursor(state).length === 0
}

function viewHints(state: ConsoleState, top: UiLayer | undefined): Hint[] {
  const own = top === undefined ? [] : (VIEW_HINTS[top.kind] ?? [])
  if (top?.kind === 'preview' && top.act !== null)
    return [...own, [needsSecondKey(top) ? 'a' : 'y', 'confirm']]
  if (top?.kind === 'review')
    return isRead(state.ui.readings, top.id)
      ? [...own, [top.key, top.does]]
      : [['J', 'read on, to the end']]
  const canMark = top === undefined && !isEmpty(state)
  const faces = hints(state)
    .map(({ face }) => face)
    .filter((face) => face.inTail !== true && (face.inConsole !== 'mark' || canMark))
    .filter(({ keys }) => !own.some(([key]) => key === keyLabel(keys?.[0] ?? '')))
  return [...own, ...faces.map((face): Hint => [keyLabel(face.keys?.[0] ?? ''), hintTitle(face)])]
}

/** `Stop agent` is `stop`. */
function hintTitle({ short, title }: Face): string {
  if (short !== undefined) return short
  const [first = ''] = title.replace(/…$/, '').split(',')
  return first.replace(/ (agent|a command|policy|lease|pane|rules?)$/i, '').toLowerCase()
}

const VIEW_HINTS: Partial<Record<UiLayer['kind'], readonly Hint[]>> = {
  list: [['/', 'filter']],
  logs: [
    ['␣', 'pause'],
    ['/', 'filter'],
    ['G', 'follow'],
  ],
  help: [['j k', 'scroll']],
  preview: [['j k', 'scroll']],
  review: [['j k', 'scroll']],
}

const BOX_HINTS: Partial<Record<UiLayer['kind'], readonly Hint[]>> = {
  palette: [
    ['⏎', 'run'],
    ['↑ ↓', 'choose'],
  ],
  form: [
    ['⇥', 'next field'],
    ['⏎', 'send'],
  ],
  typed: [['⏎', 'confirm']],
  wizard: [
    ['⏎', 'choose'],
    ['↑ ↓', 'move'],
  ],
}

/** Without a supervisor: the next step first, since a narrow screen cuts the end of the line. */
function disconnectedLine({ ui, world }: ConsoleState): string {
  const { nextAt, why } = world.connection
  const wait = Math.max(0, Math.ceil((nextAt - ui.now) / 1000))
  return ui.painter.row(ui.columns, [
    ['alert', ' NOT CONNECTED '],
    ['dim', ` retrying ${wait > 0 ? `in ${wait} s` : 'now'} · `],
    ['key', ':'],
    ['hint', ' start supervisor '],
    ['dim', '· '],
    ['key', 'q'],
    ['hint', ' quit '],
    ['dim', '· the screen shows an earlier state · '],
    ['bad', why || 'the connection is lost'],
  ])
}

import { plain, span } from '../../../base/text.ts'
import type { Pairing, PairingRow } from '../../../domain/operators/pairing/types.ts'
import { QUIET_MODULES, qrLines, qrSize } from '../../text/qr.ts'
import type { LayerOf } from '../store/layer.ts'
import type { ConsoleState } from '../store/state.ts'
import { tableOf } from '../store/world.ts'
import { wrap } from '../text/width.ts'
import type { StyledText, ThemeRole } from '../theme/theme.ts'
import { inside, type Canvas } from './frame.ts'
import type { BodyView } from './view.ts'

/** Readers still find a code with so few light modules around it. */
const LEAST_QUIET = 2

type PairingLayer = LayerOf<'pairing'>

/**
 * Whether a frame around a pairing leaves room for its code. A link for an agent is longer than one
 * for a phone, so that its code takes all of a small screen.
 */
export function pairingIsBoxed({ qr }: PairingLayer, canvas: Canvas): boolean {
  const fits = (boxed: boolean): boolean =>
    qr !== null && quietFor(inside(canvas, boxed), qr.length) >= LEAST_QUIET
  return fits(true) || !fits(false)
}

/** A pairing: the code to scan, then who took the offer, then what came of it. */
export function pairingView(
  { world, ui }: ConsoleState,
  layer: PairingLayer,
  room: Canvas,
): BodyView {
  const row = tableOf(world, 'pairing').get(layer.id)
  const title = row?.kind === 'agent' ? 'Pair an agent' : 'Pair a device'
  const view = { title, right: '', scroll: 0 }
  if (row === undefined) return { ...view, lines: paragraph(room, 'dim', 'Waiting for the deck…') }
  const left = span(row.expiresAt - ui.now)
  if (row.state === 'open')
    return { ...view, right: `${left} left`, lines: offerLines(room, row, layer, left) }
  if (row.state === 'presented')
    return { ...view, right: `${left} left`, lines: presentedLines(room, row) }
  const [role, text] = endingOf(row)
  return { ...view, lines: paragraph(room, role, text) }
}

/** The code, with the link beside it; the link alone where there is no room. */
function offerLines(room: Canvas, row: PairingRow, layer: PairingLayer, left: string): string[] {
  const { qr } = layer
  const quiet = qr === null ? -1 : quietFor(room, qr.length)
  if (qr === null || quiet < LEAST_QUIET)
    return [
      ...textBeside(room, row, layer, left),
      ...(qr === null ? [] : paragraph(room, 'dim', 'A larger window has room for a QR code.')),
    ]
  const { columns } = qrSize(qr, quiet)
  const colours = room.painter.depth === '16' || room.painter.depth === 'none' ? 'few' : 'many'
  const code = qrLines(qr, quiet, colours)
  const beside = textBeside({ ...room, width: room.width - columns }, row, layer, left)
  const blank = ' '.repeat(room.width - columns)
  return Array.from(
    { length: Math.max(code.length, beside.length) },
    (_, i) => (code[i] ?? ' '.repeat(columns)) + (beside[i] ?? blank),
  )
}

/** How many light modules fit around a code, at most as many as there should be. */
function quietFor({ width, height }: Canvas, modules: number): number {
  const fits = (quiet: number): boolean =>
    Math.ceil((modules + 2 * quiet) / 2) <= height && modules + 2 * quiet + LEAST_BESIDE <= width
  let quiet = QUIET_MODULES
  while (quiet > 0 && !fits(quiet)) quiet--
  return quiet
}

/** Cells for the text beside a code. */
const LEAST_BESIDE = 24

function textBeside(room: Canvas, row: PairingRow, layer: PairingLayer, left: string): string[] {
  const { link } = layer
  return [
    ...paragraph(room, 'strong', titleOf(row, layer)),
    ...(link === null ? [] : [...linkLines(room, link), blankOf(room)]),
    ...paragraph(room, 'warn', `${left} left`),
    ...paragraph(
      room,
      'dim',
      `It works once, for whoever takes it first, and becomes ${whose(row)}.`,
    ),
    ...paragraph(room, 'dim', 'Nothing is trusted before you confirm the code that they show.'),
  ]
}

function titleOf({ kind }: PairingRow, { qr, link }: PairingLayer): string {
  if (link === null) return 'Nobody has taken this offer yet.'
  if (kind === 'agent') return 'Let the agent scan this, or give it the link:'
  if (qr !== null) return 'Scan this with the camera of the phone, or open the link there:'
  return kind === 'console' ? 'On the other terminal:' : 'Open this link there:'
}

/** The whole link, broken anywhere: nobody may miss a letter of it. */
function linkLines({ painter, width }: Canvas, link: string): string[] {
  const cells = Math.max(8, width - 4)
  const parts = link.match(new RegExp(`.{1,${cells}}`, 'g')) ?? []
  return parts.map((part) => painter.row(width, [['key', `  ${part}`]]))
}

function presentedLines(room: Canvas, { presented, ...row }: PairingRow): string[] {
  const { person = '', device = '', code = '' } = presented ?? {}
  const fact = (name: string, text: string): string =>
    room.painter.row(room.width, [
      ['dim', `  ${name.padEnd(8)}`],
      ['strong', plain(text, 200)],
    ])
  return [
    ...paragraph(room, 'text', 'Somebody took the offer, and says who they are:'),
    fact('name', person),
    fact('device', device),
    fact('becomes', whose({ ...row, presented })),
    blankOf(room),
    ...paragraph(room, 'text', 'Their screen has to show this code:'),
    room.painter.row(room.width, [
      ['text', '  '],
      ['badge', `  ${code.slice(0, 3)} ${code.slice(3)}  `],
    ]),
    blankOf(room),
    room.painter.row(room.width, keysOf()),
  ]
}

function keysOf(): StyledText[] {
  return [
    ['text', '  '],
    ['key', 'y'],
    ['hint', ' it is the same: confirm    '],
    ['key', 'n'],
    ['hint', ' it is another: refuse    '],
    ['key', 'Esc'],
    ['hint', ' later'],
  ]
}

/** Whose device it becomes, with which rights. */
function whose({ operator, rights: { role, agents } }: PairingRow): string {
  if (role === 'agent') return `a key of the agent ${agents.join(', ')}`
  if (operator !== null) return `a device of ${operator}`
  return `a new ${role}${agents === null ? ' of the deck' : ` for ${agents.join(', ')}`}`
}

function endingOf({ state, kind, presented, device }: PairingRow): [ThemeRole, string] {
  const name = plain((kind === 'agent' ? presented?.person : presented?.device) ?? '', 60)
  if (state === 'confirmed') return ['good', `✓ ${name} is trusted as ${device ?? ''}.`]
  return ['warn', ENDINGS[state] ?? state]
}

const ENDINGS: Partial<Record<Pairing['state'], string>> = {
  refused: 'Refused: nothing is trusted.',
  expired: 'Its time is over: nothing is trusted. Make a new offer.',
  locked: 'Too many wrong links were tried, so that all offers have ended. Make a new one.',
}

function paragraph(room: Canvas, role: ThemeRole, text: string): string[] {
  return [
    ...wrap(text, Math.max(8, room.width - 4)).map((line) =>
      room.painter.row(room.width, [[role, `  ${line}`]]),
    ),
    blankOf(room),
  ]
}

function blankOf({ width }: Canvas): string {
  return ' '.repeat(width)
}

import fuzzysort from 'fuzzysort'
import type { RuleRow } from '../../../domain/rules/types.ts'
import { ruleAbout } from '../../text/rules.ts'
import { keyLabel, offers, type Offer } from '../keys/resolve.ts'
import type { LayerOf } from '../store/layer.ts'
import type { ConsoleState } from '../store/state.ts'
import { fit } from '../text/width.ts'
import type { StyledText } from '../theme/theme.ts'
import { windowFrom, type Canvas } from '../views/frame.ts'
import type { BoxDraft } from './boxes.ts'
import { editPieces } from './field.ts'

const MAX_FOUND = 60
const ROWS = 14

/** What matches a query; what is available first, then recent commands. */
export function paletteOffers(state: ConsoleState, query: string): Offer[] {
  const layers = state.ui.layers.filter((l) => l.kind !== 'palette')
  const all = offers({ ...state, ui: { ...state.ui, layers } }).filter(
    ({ face }) => face.hidden !== true,
  )
  if (query.trim() === '') {
    const recent = new Map(state.ui.history.map((id, i) => [id, i]))
    return all.sort(
      (a, b) =>
        Number(a.why !== undefined) - Number(b.why !== undefined) ||
        (recent.get(a.face.id) ?? 99) - (recent.get(b.face.id) ?? 99),
    )
  }
  const found = fuzzysort.go(query.trim(), all, {
    keys: [(o) => o.face.title, (o) => o.face.id, (o) => o.face.cli ?? ''],
    threshold: 0.3,
    limit: MAX_FOUND,
  })
  return found
    .map((r) => ({ offer: r.obj, score: r.score + (r.obj.why === undefined ? 0.05 : 0) }))
    .sort((a, b) => b.score - a.score)
    .map((r) => r.offer)
}

/** The scroll position is kept by this object. */
const SCROLL_KEY = {}

export function paletteBox(
  state: ConsoleState,
  layer: LayerOf<'palette'>,
  canvas: Canvas,
): BoxDraft {
  const { painter, width } = canvas
  const found = paletteOffers(state, layer.edit.text)
  const height = Math.max(3, Math.min(ROWS, canvas.height - 4))
  const at = Math.min(layer.cursor, found.length - 1)
  const from = windowFrom(SCROLL_KEY, at, found.length, height)
  const lines = found
    .slice(from, from + height)
    .map((offer, i) => offerLine(canvas, offer, from + i === at))
  if (found.length === 0) lines.push(painter.row(width, [['dim', '   No match']]))
  while (lines.length < height) lines.push(' '.repeat(width))
  const rule = painter.paint('rule', '─'.repeat(width))
  return {
    title: 'Commands',
    right: `${found.length}`,
    width,
    lines: [
      painter.row(width, [
        ['key', ' : '],
        ...editPieces(layer.edit, width - 4, 'type a few letters of a command'),
      ]),
      rule,
      ...lines,
      rule,
      painter.row(width, [['dim', ` ${helpText(found[at])}`]]),
    ],
  }
}

function helpText(offer: Offer | undefined): string {
  if (offer === undefined) return ''
  return offer.why === undefined ? offer.face.help : `not available: ${offer.why}`
}

const NAME_CELLS = 18
const KEY_CELLS = 8

function offerLine({ painter, width }: Canvas, offer: Offer, isCursor: boolean): string {
  const { face, why } = offer
  const keys = (face.keys ?? []).slice(0, 2).map(keyLabel).join(' ')
  const title = Math.max(16, Math.floor(width * 0.4))
  const rest = Math.max(0, width - title - NAME_CELLS - 3 - KEY_CELLS)
  const pieces: StyledText[] = [
    ['title-focus', isCursor ? ' ▸ ' : '   '],
    [why === undefined ? 'text' : 'faint', fit(face.title, title)],
    ['agent', fit(subjectName(offer), NAME_CELLS)],
    ['faint', fit(why === undefined ? face.id : `— ${why}`, rest)],
    ['key', fit(keys, KEY_CELLS - 1, true)],
    ['text', ' '],
  ]
  return painter.row(width, pieces, isCursor ? 'cursor' : undefined)
}

function subjectName({ subject }: Offer): string {
  if (subject === undefined) return ''
  const { noun, id, row } = subject
  if (noun === 'approval' || noun === 'shell') return (row as { agent: string }).agent
  return noun === 'rule' ? ruleAbout(row as RuleRow) : id
}

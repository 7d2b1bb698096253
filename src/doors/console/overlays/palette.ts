import fuzzysort from 'fuzzysort'
import type { RuleRow } from '../../../domain/rules/types.ts'
import { ruleAbout } from '../../text/rules.ts'
import { keyLabel, offers, type Offer } from '../keys/resolve.ts'
import type { Layer } from '../store/layer.ts'
import type { ConsoleState } from '../store/store.ts'
import { fit } from '../text/width.ts'
import type { BoxDraft } from './boxes.ts'
import { editPieces } from './field.ts'
import { windowFrom, type Canvas } from '../views/frame.ts'

type Palette = Extract<Layer, { kind: 'palette' }>

/** The rows of the palette for what is typed: what works first, then what does not, with why. */
export function paletteOffers(state: ConsoleState, query: string): Offer[] {
  const bare = {
    ...state,
    ui: { ...state.ui, layers: state.ui.layers.filter((l) => l.kind !== 'palette') },
  }
  const all = offers(bare).filter((o) => o.face.hidden !== true)
  const recent = new Map(state.ui.history.map((id, i) => [id, i]))
  if (query.trim() === '')
    return all.sort(
      (a, b) =>
        (a.why === undefined ? 0 : 1) - (b.why === undefined ? 0 : 1) ||
        (recent.get(a.face.id) ?? 99) - (recent.get(b.face.id) ?? 99),
    )
  const found = fuzzysort.go(query.trim(), all, {
    keys: [(o) => o.face.title, (o) => o.face.id, (o) => o.face.cli ?? ''],
    threshold: 0.3,
    limit: 60,
  })
  return found
    .map((r) => ({ offer: r.obj, score: r.score + (r.obj.why === undefined ? 0.05 : 0) }))
    .sort((a, b) => b.score - a.score)
    .map((r) => r.offer)
}

const PALETTE = {}

export function paletteBox(state: ConsoleState, layer: Palette, canvas: Canvas): BoxDraft {
  const { painter, width } = canvas
  const found = paletteOffers(state, layer.edit.text)
  const height = Math.max(3, Math.min(14, canvas.height - 4))
  const at = Math.min(layer.cursor, found.length - 1)
  const from = windowFrom(PALETTE, at, found.length, height)
  const lines = found.slice(from, from + height).map((o, i) => line(canvas, o, from + i === at))
  while (lines.length < height) lines.push(' '.repeat(width))
  const help = found[at]
  return {
    title: 'Commands',
    right: `${found.length}`,
    width,
    lines: [
      painter.row(width, [
        ['key', ' : '],
        ...editPieces(layer.edit, width - 4, true, 'a few letters of what you want'),
      ]),
      painter.paint('rule', '─'.repeat(width)),
      ...(found.length === 0
        ? [painter.row(width, [['dim', '   nothing is called like that']]), ...lines.slice(1)]
        : lines),
      painter.paint('rule', '─'.repeat(width)),
      painter.row(width, [
        [
          'dim',
          ` ${help === undefined ? '' : help.why === undefined ? help.face.help : `not here: ${help.why}`}`,
        ],
      ]),
    ],
  }
}

function line({ painter, width }: Canvas, o: Offer, at: boolean): string {
  const keys = (o.face.keys ?? []).slice(0, 2).map(keyLabel).join(' ')
  const on = o.subject === undefined ? '' : subjectName(o)
  const title = Math.max(16, Math.floor(width * 0.4))
  return painter.row(
    width,
    [
      ['title-focus', at ? ' ▸ ' : '   '],
      [o.why === undefined ? 'text' : 'faint', fit(o.face.title, title)],
      ['agent', fit(on, 18)],
      [
        'faint',
        fit(
          o.why === undefined ? o.face.id : `— ${o.why}`,
          Math.max(0, width - title - 18 - 3 - 8),
        ),
      ],
      ['key', fit(keys, 7, true)],
      ['text', ' '],
    ],
    at ? 'cursor' : undefined,
  )
}

function subjectName(o: Offer): string {
  if (o.subject?.noun === 'approval' || o.subject?.noun === 'shell')
    return (o.subject.row as { agent: string }).agent
  return o.subject?.noun === 'rule' ? ruleAbout(o.subject.row as RuleRow) : (o.subject?.id ?? '')
}

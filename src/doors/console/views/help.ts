import { keyLabel, offers, type Offer } from '../keys/resolve.ts'
import type { Layer } from '../store/layer.ts'
import type { ConsoleState } from '../store/store.ts'
import type { Piece } from '../theme/theme.ts'
import { fit, wrap } from '../text/width.ts'
import type { Canvas } from './frame.ts'
import type { View } from './view.ts'

/** What works here and why the rest does not, printed from the registry. */
export function helpView(
  state: ConsoleState,
  layer: Extract<Layer, { kind: 'help' }>,
  room: Canvas,
): View {
  const bare = {
    ...state,
    ui: { ...state.ui, layers: state.ui.layers.filter((l) => l.kind !== 'help') },
  }
  const keyed = offers(bare).filter((o) => o.face.keys !== undefined)
  const here = keyed.filter((o) => o.why === undefined && o.face.about !== 'deck')
  const deck = keyed.filter(
    (o) => o.why === undefined && o.face.about === 'deck' && o.face.group !== 'Navigation',
  )
  const moves = keyed.filter((o) => o.face.group === 'Navigation' && o.why === undefined)
  const not = keyed.filter((o) => o.why !== undefined)
  const sections: [string, Offer[]][] = [
    ['On what is under the cursor', here],
    ['On the deck', deck],
    ['Navigation', moves],
    ['Not here, and why', not],
  ]
  const shown = sections
    .filter(([, rows]) => rows.length > 0)
    .flatMap(([title, rows]) => [
      ' '.repeat(room.width),
      room.painter.row(room.width, [['title-focus', `  ${title}`]]),
      ...rows.flatMap((o) => lines(room, o)),
    ])
  return {
    title: 'Help',
    right: 'what works here',
    lines: [...shown, ' '.repeat(room.width)],
    scroll: layer.scroll,
  }
}

/** A key, its title, and what it does: all of that, on as many lines as it takes. */
function lines(room: Canvas, o: Offer): string[] {
  const keys = o.face.keysShown ?? (o.face.keys ?? []).slice(0, 3).map(keyLabel).join(' ')
  const on =
    o.subject === undefined || o.why !== undefined
      ? ''
      : o.subject.noun === 'agent'
        ? ` ${o.subject.id}`
        : ''
  const title = `${o.face.title}${on}`
  const wide = Math.max(26, Math.min(40, Math.floor(room.width * 0.3)))
  const head: Piece[] = [
    ['key', fit(keys, 12, true)],
    [o.why === undefined ? 'strong' : 'dim', `  ${fit(title, wide)} `],
  ]
  const taken = 12 + 2 + wide + 1
  return wrap(o.why ?? o.face.help, Math.max(20, room.width - taken - 1)).map((text, i) =>
    room.painter.row(room.width, [
      ...(i === 0 ? head : [['text', ' '.repeat(taken)] as Piece]),
      ['dim', text],
    ]),
  )
}

import { keyLabel, offers, type Offer } from '../keys/resolve.ts'
import type { LayerOf } from '../store/layer.ts'
import type { ConsoleState } from '../store/state.ts'
import { fit, wrap } from '../text/width.ts'
import type { StyledText } from '../theme/theme.ts'
import type { Canvas } from './frame.ts'
import type { BodyView } from './view.ts'

type Section = 'selection' | 'deck' | 'navigation' | 'unavailable'

const SECTION_TITLES: Record<Section, string> = {
  selection: 'On the selection',
  deck: 'On the deck',
  navigation: 'Navigation',
  unavailable: 'Not available now',
}

function sectionOf({ face, why }: Offer): Section {
  if (why !== undefined) return 'unavailable'
  if (face.group === 'Navigation') return 'navigation'
  return face.about === 'deck' ? 'deck' : 'selection'
}

/** The keys that work now, and why the others do not. */
export function helpView(state: ConsoleState, layer: LayerOf<'help'>, room: Canvas): BodyView {
  const layers = state.ui.layers.filter((l) => l.kind !== 'help')
  const keyed = offers({ ...state, ui: { ...state.ui, layers } }).filter(
    ({ face }) => face.keys !== undefined,
  )
  const bySection = Map.groupBy(keyed, sectionOf)
  const blank = ' '.repeat(room.width)
  const lines = (Object.keys(SECTION_TITLES) as Section[]).flatMap((section) => {
    const shown = bySection.get(section) ?? []
    if (shown.length === 0) return []
    const title: StyledText = ['title-focus', `  ${SECTION_TITLES[section]}`]
    return [
      blank,
      room.painter.row(room.width, [title]),
      ...shown.flatMap((o) => helpLines(room, o)),
    ]
  })
  return {
    title: 'Help',
    right: 'keys that work now',
    lines: [...lines, blank],
    scroll: layer.scroll,
  }
}

const KEY_CELLS = 12

/** A key, its title, and all of what it does, wrapped. */
function helpLines(room: Canvas, { face, subject, why }: Offer): string[] {
  const keys = face.keysShown ?? (face.keys ?? []).slice(0, 3).map(keyLabel).join(' ')
  const onAgent = subject?.noun === 'agent' && why === undefined ? ` ${subject.id}` : ''
  const titleCells = Math.max(26, Math.min(40, Math.floor(room.width * 0.3)))
  const head: StyledText[] = [
    ['key', fit(keys, KEY_CELLS, true)],
    [why === undefined ? 'strong' : 'dim', `  ${fit(`${face.title}${onAgent}`, titleCells)} `],
  ]
  const taken = KEY_CELLS + 2 + titleCells + 1
  const indent: StyledText[] = [['text', ' '.repeat(taken)]]
  return wrap(why ?? face.help, Math.max(20, room.width - taken - 1)).map((text, i) =>
    room.painter.row(room.width, [...(i === 0 ? head : indent), ['dim', text]]),
  )
}

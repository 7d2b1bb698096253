import { plain } from '../../../base/text.ts'
import type { ConsoleState } from '../store/store.ts'
import { centred, frame, inside } from './frame.ts'
import type { Placed } from './layout.ts'

/** The frame of a terminal, which says loudly where keys go. */
export function tileLines({ ui, world }: ConsoleState, place: Placed): string[] {
  const index = ui.tiles.findIndex((t) => t.id === place.id)
  const tile = ui.tiles[index]
  const canvas = { width: place.rect.width, height: place.rect.height, painter: ui.painter }
  if (tile === undefined) return []
  const focused = ui.focus === tile.id
  const title = plain(world.sessions.get(tile.session)?.title ?? '', 60)
  const right = tile.state === 'ended' ? 'ended' : focused && ui.inTerminal ? 'KEYS GO HERE · Ctrl-] leaves' : focused ? '⏎ types here' : ''
  const words = tile.state === 'opening' ? 'opening a shell…' : tile.state === 'ended' ? plain(tile.note || 'the shell has ended', 200) : ''
  const body = words === '' ? [] : centred(inside(canvas, place.boxed), [[tile.state === 'ended' ? 'warn' : 'dim', words], ...(tile.state === 'ended' ? [['faint', 'Esc closes this pane'] as const] : [])])
  return frame(canvas, { title: `${tile.agent} shell${title === '' ? '' : ` · ${title}`}`, number: String(5 + index), right, rightRole: ui.inTerminal && focused ? 'alert' : 'dim', focused, boxed: place.boxed }, body)
}

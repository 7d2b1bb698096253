import { plain } from '../../../base/text.ts'
import type { ConsoleState } from '../store/store.ts'
import type { TerminalTile } from '../store/ui.ts'
import { centred, frame, inside, type Canvas } from './frame.ts'
import type { Placed } from './layout.ts'
import { tableOf } from '../store/world.ts'

/** The frame of a terminal, which says loudly where keys go. */
export function tileLines({ ui, world }: ConsoleState, place: Placed): string[] {
  const index = ui.tiles.findIndex((t) => t.id === place.id)
  const tile = ui.tiles[index]
  if (tile === undefined) return []
  const canvas = { width: place.rect.width, height: place.rect.height, painter: ui.painter }
  const focused = ui.focus === tile.id
  const typing = focused && ui.inTerminal
  const shell = plain(tableOf(world, 'shell').get(tile.shell)?.title ?? '', 60)
  return frame(
    canvas,
    {
      title: `${tile.agent} · ${shell || 'shell'}`,
      number: String(5 + index),
      right: whereKeysGo(tile, focused, typing),
      rightRole: typing ? 'alert' : tile.state === 'ended' ? 'warn' : 'dim',
      focused,
      boxed: place.boxed,
    },
    insideOf(tile, inside(canvas, place.boxed)),
  )
}

function whereKeysGo(tile: TerminalTile, focused: boolean, typing: boolean): string {
  if (tile.state === 'ended') return `${plain(tile.note, 60)}${focused ? ' · ⏎ closes' : ''}`
  if (typing) return 'KEYS GO HERE · Ctrl-] leaves'
  return focused ? '⏎ types here' : ''
}

function insideOf(tile: TerminalTile, room: Canvas): string[] {
  if (tile.state === 'opening') return centred(room, [['dim', 'opening a shell…']])
  return []
}

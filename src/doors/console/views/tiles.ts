import { plain } from '../../../base/text.ts'
import type { ConsoleState } from '../store/state.ts'
import type { TerminalTile } from '../store/ui.ts'
import { tableOf } from '../store/world.ts'
import type { ThemeRole } from '../theme/theme.ts'
import { centred, drawFrame, inside, type Canvas } from './frame.ts'
import type { Placed } from './layout.ts'

/** The frame of a terminal, which says where keys go. */
export function tileLines({ ui, world }: ConsoleState, { id, rect, boxed }: Placed): string[] {
  const index = ui.tiles.findIndex((t) => t.id === id)
  const tile = ui.tiles[index]
  if (tile === undefined) return []
  const canvas = { width: rect.width, height: rect.height, painter: ui.painter }
  const focused = ui.focus === tile.id
  const shell = plain(tableOf(world, 'shell').get(tile.shell)?.title ?? '', 60)
  const look = {
    title: `${tile.agent} · ${shell || 'shell'}`,
    number: String(5 + index),
    ...keysText(tile, focused, ui.inTerminal),
    focused,
    boxed,
  }
  return drawFrame(canvas, look, bodyOf(tile, inside(canvas, boxed)))
}

function keysText(
  { state, note }: TerminalTile,
  focused: boolean,
  inTerminal: boolean,
): { right: string; rightRole: ThemeRole } {
  if (state === 'ended')
    return { right: `${plain(note, 60)}${focused ? ' · ⏎ closes' : ''}`, rightRole: 'warn' }
  if (focused && inTerminal) return { right: 'KEYS GO HERE · Ctrl-] leaves', rightRole: 'alert' }
  return { right: focused ? '⏎ types here' : '', rightRole: 'dim' }
}

function bodyOf({ state }: TerminalTile, room: Canvas): string[] {
  return state === 'opening' ? centred(room, [['dim', 'Opening a shell…']]) : []
}

import { asFault } from '../../base/fault.ts'
import type { Terminals } from './acts/bridge.ts'
import { isPainted } from './deck-painter.ts'
import { focusOn } from './acts/move.ts'
import { holdKeys, setUi, toast, type ConsoleStore } from './store/store.ts'
import type { TerminalTile } from './store/ui.ts'
import type { OpenPane, PaneEvents, Rect, TerminalHost } from './terminal-seam.ts'
import { coversOf } from './overlays/covers.ts'
import { layout } from './views/layout.ts'

const MOST_TILES = 5
let opened = 0

/** The open terminals: which there are, where each lies, and who has the keys. Their code is loaded when first needed. */
export function makeTerminals(
  store: ConsoleStore,
  host: TerminalHost,
): Terminals & { place(): void; closeAll(): void } {
  const panes = new Map<string, OpenPane>()
  const change = (id: string, part: Partial<TerminalTile>): void =>
    setUi(store, (ui) => ({ tiles: ui.tiles.map((t) => (t.id === id ? { ...t, ...part } : t)) }))
  const leave = (id: string): void =>
    setUi(store, (ui) => (ui.focus === id ? { inTerminal: false } : {}))
  const events = (id: string): PaneEvents => ({
    left: () => leave(id),
    ended: (exitCode, note) => {
      if (store.getState().ui.focus === id) holdKeys(store)
      leave(id)
      change(id, {
        state: 'ended',
        note: note || `the shell has ended${exitCode === null ? '' : ` with exit ${exitCode}`}`,
      })
      place()
    },
  })
  const place = (): void => {
    if (panes.size === 0) return
    const state = store.getState()
    const covers = coversOf(state)
    for (const [id, pane] of panes) pane.place(isPainted(state) ? rectOf(store, id) : null, covers)
  }
  const enter = (id: string): void => {
    const pane = panes.get(id)
    if (pane === undefined || store.getState().ui.tiles.find((t) => t.id === id)?.state !== 'open')
      return
    setUi(store, { inTerminal: true })
    pane.focus(true)
  }
  const close = (id: string): void => {
    panes.get(id)?.close()
    panes.delete(id)
    setUi(store, (ui) => ({
      tiles: ui.tiles.filter((t) => t.id !== id),
      ...(ui.focus === id ? { focus: 'agents', inTerminal: false } : {}),
    }))
  }
  const open = async (agent: string): Promise<void> => {
    const known = store.getState().ui.tiles.find((t) => t.agent === agent && t.state !== 'ended')
    if (known !== undefined) {
      focusOn(store, known.id)
      enter(known.id)
      return
    }
    if (store.getState().ui.tiles.length >= MOST_TILES) {
      toast(
        store,
        `${MOST_TILES} shells are open in panes; x closes one (it lives on), A takes the whole terminal.`,
        'warn',
      )
      return
    }
    const id = `tile:${++opened}`
    setUi(store, (ui) => ({
      tiles: [...ui.tiles, { id, agent, shell: '', state: 'opening', note: '', rect: null }],
    }))
    focusOn(store, id)
    try {
      const { openPane } = await import('./terminal/pane.ts')
      const pane = await openPane(host, {
        agent,
        rect: rectOf(store, id) ?? { x: 0, y: 0, width: 80, height: 24 },
        events: events(id),
      })
      // Closed while it was opening: the shell lives on, unseen.
      if (!store.getState().ui.tiles.some((t) => t.id === id)) {
        pane.close()
        return
      }
      panes.set(id, pane)
      change(id, { state: 'open', shell: pane.shell })
      place()
      if (store.getState().ui.focus === id) enter(id)
    } catch (thrown) {
      const fault = asFault(thrown)
      if (store.getState().ui.focus === id) holdKeys(store)
      close(id)
      toast(store, `${fault.message}${fault.hint === undefined ? '' : ` ${fault.hint}`}`, 'bad')
    }
  }
  const whole: Terminals['whole'] = async (agent, options = {}) => {
    try {
      const { attachWhole } = await import('./terminal/whole.ts')
      const { why, exitCode, note } = await attachWhole(host, { agent, ...options })
      if (why !== 'left') holdKeys(store)
      toast(store, note, why === 'left' || exitCode === 0 ? 'info' : 'warn')
    } catch (thrown) {
      const fault = asFault(thrown)
      toast(store, `${fault.message}${fault.hint === undefined ? '' : ` ${fault.hint}`}`, 'bad')
    }
  }
  return {
    open,
    whole,
    enter,
    close,
    place,
    closeAll: () => {
      for (const pane of panes.values()) pane.close()
      panes.clear()
    },
  }
}

/** Where a tile's terminal is painted: inside its frame. Null when it is not on the screen. */
function rectOf(store: ConsoleStore, id: string): Rect | null {
  const { ui } = store.getState()
  const place = layout(
    ui.columns,
    ui.rows,
    ui.focus,
    ui.zoomed,
    ui.tiles.map((t) => t.id),
  ).panes.find((p) => p.id === id)
  if (place === undefined) return null
  const { x, y, width, height } = place.rect
  return place.boxed
    ? { x: x + 1, y: y + 1, width: width - 2, height: height - 2 }
    : { x, y: y + 1, width, height: height - 1 }
}

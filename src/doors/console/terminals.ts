import type { Terminals } from './acts/context.ts'
import { focusOn } from './acts/move.ts'
import { isPainted } from './deck-painter.ts'
import { coversOf } from './overlays/covers.ts'
import type { ConsoleStore } from './store/state.ts'
import { holdKeys, setUi, toast, toastFault } from './store/store.ts'
import type { TerminalTile } from './store/ui.ts'
import type { OpenPane, PaneEvents, Rect, TerminalHost } from './terminal-seam.ts'
import { layout } from './views/layout.ts'

const MAX_TILES = 5
/** The size of a shell until its tile is laid out. */
const FIRST_RECT: Rect = { x: 0, y: 0, width: 80, height: 24 }

let opened = 0

/** The open terminals: where each is, and which has the keys. Their code is loaded when needed. */
export class TerminalTiles implements Terminals {
  readonly #panes = new Map<string, OpenPane>()
  readonly #store: ConsoleStore
  readonly #host: TerminalHost

  constructor(store: ConsoleStore, host: TerminalHost) {
    this.#store = store
    this.#host = host
  }

  /** Opens a shell of an agent in a tile, or focuses the one that is open. */
  async open(agent: string): Promise<void> {
    const { tiles } = this.#store.getState().ui
    const known = tiles.find((t) => t.agent === agent && t.state !== 'ended')
    if (known !== undefined) {
      focusOn(this.#store, known.id)
      this.enter(known.id)
      return
    }
    if (tiles.length >= MAX_TILES) {
      toast(
        this.#store,
        `${MAX_TILES} shells are open. Close a pane with x (its shell keeps running), or press A to use the whole terminal.`,
        'warn',
      )
      return
    }
    const id = `tile:${++opened}`
    setUi(this.#store, (ui) => ({
      tiles: [...ui.tiles, { id, agent, shell: '', state: 'opening', note: '' }],
    }))
    focusOn(this.#store, id)
    await this.#openPane(id, agent)
  }

  /** Gives the whole terminal to a shell. */
  async whole(agent: string, options: { argv?: string[]; fresh?: boolean } = {}): Promise<void> {
    try {
      const { attachWhole } = await import('./terminal/whole.ts')
      const { why, exitCode, note } = await attachWhole(this.#host, { agent, ...options })
      if (why !== 'left') holdKeys(this.#store)
      toast(this.#store, note, why === 'left' || exitCode === 0 ? 'info' : 'warn')
    } catch (thrown) {
      toastFault(this.#store, thrown)
    }
  }

  enter(id: string): void {
    const pane = this.#panes.get(id)
    if (pane === undefined || this.#tile(id)?.state !== 'open') return
    setUi(this.#store, { inTerminal: true })
    pane.focus(true)
  }

  close(id: string): void {
    this.#panes.get(id)?.close()
    this.#panes.delete(id)
    setUi(this.#store, (ui) => ({
      tiles: ui.tiles.filter((t) => t.id !== id),
      ...(ui.focus === id ? { focus: 'agents', inTerminal: false } : {}),
    }))
  }

  closeAll(): void {
    for (const pane of this.#panes.values()) pane.close()
    this.#panes.clear()
  }

  /** Tells every pane where it is now. */
  place(): void {
    if (this.#panes.size === 0) return
    const state = this.#store.getState()
    const covers = coversOf(state)
    for (const [id, pane] of this.#panes)
      pane.place(isPainted(state) ? this.#rectOf(id) : null, covers)
  }

  async #openPane(id: string, agent: string): Promise<void> {
    try {
      const { openPane } = await import('./terminal/pane.ts')
      const pane = await openPane(this.#host, {
        agent,
        rect: this.#rectOf(id) ?? FIRST_RECT,
        events: this.#eventsOf(id),
      })
      // It was closed while it was opening: the shell keeps running without a pane.
      if (this.#tile(id) === undefined) {
        pane.close()
        return
      }
      this.#panes.set(id, pane)
      this.#change(id, { state: 'open', shell: pane.shell })
      this.place()
      if (this.#isFocused(id)) this.enter(id)
    } catch (thrown) {
      if (this.#isFocused(id)) holdKeys(this.#store)
      this.close(id)
      toastFault(this.#store, thrown)
    }
  }

  #eventsOf(id: string): PaneEvents {
    const leave = (): void =>
      setUi(this.#store, (ui) => (ui.focus === id ? { inTerminal: false } : {}))
    return {
      left: leave,
      ended: (exitCode, note) => {
        if (this.#isFocused(id)) holdKeys(this.#store)
        leave()
        const exit = exitCode === null ? '' : ` with exit code ${exitCode}`
        this.#change(id, { state: 'ended', note: note || `the shell has ended${exit}` })
        this.place()
      },
    }
  }

  #tile(id: string): TerminalTile | undefined {
    return this.#store.getState().ui.tiles.find((t) => t.id === id)
  }

  #isFocused(id: string): boolean {
    return this.#store.getState().ui.focus === id
  }

  #change(id: string, part: Partial<TerminalTile>): void {
    setUi(this.#store, (ui) => ({
      tiles: ui.tiles.map((t) => (t.id === id ? { ...t, ...part } : t)),
    }))
  }

  /** Where a tile's terminal is painted, inside its frame; null if it is not on the screen. */
  #rectOf(id: string): Rect | null {
    const placed = layout(this.#store.getState().ui).panes.find((p) => p.id === id)
    if (placed === undefined) return null
    const { x, y, width, height } = placed.rect
    return placed.boxed
      ? { x: x + 1, y: y + 1, width: width - 2, height: height - 2 }
      : { x, y: y + 1, width, height: height - 1 }
  }
}

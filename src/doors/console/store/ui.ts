import type { Rect } from '../terminal-seam.ts'
import type { Painter } from '../theme/theme.ts'
import type { Layer } from './layer.ts'

export const PANES = ['agents', 'approvals', 'policies', 'audit'] as const
export type PaneName = (typeof PANES)[number]

export type Tone = 'info' | 'good' | 'warn' | 'bad'
export interface Toast {
  id: number
  text: string
  tone: Tone
  until: number
}

/** An open terminal pane; its number is 5 and up, in the order of opening. */
export interface TerminalTile {
  id: string
  agent: string
  shell: string
  state: 'opening' | 'open' | 'ended'
  note: string
  rect: Rect | null
}

/** A decision that was sent and not yet confirmed. */
export interface Deciding {
  verb: 'allow' | 'deny'
  at: number
}

/** What the operator is doing: everything that is not the deck's. */
export interface UiHalf {
  columns: number
  rows: number
  now: number
  painter: Painter
  demo: boolean
  /** A pane's name or a terminal tile's id. */
  focus: string
  /** True while a terminal tile takes the keys. */
  inTerminal: boolean
  /** Keys pressed before this are not believed: the focus had just changed by itself. */
  keysFrom: number
  /** The row under the cursor of each pane, by id. For the audit pane null follows the newest. */
  cursor: Readonly<Record<PaneName, string | null>>
  /** When the row under the cursor last changed without a key. */
  shifted: Readonly<Record<PaneName, number>>
  marks: Readonly<Record<PaneName, readonly string[]>>
  filter: Readonly<Record<PaneName, string>>
  zoomed: boolean
  layers: readonly Layer[]
  toasts: readonly Toast[]
  deciding: Readonly<Record<string, Deciding>>
  /** Acts on agents that were sent and not yet answered: agent → title. */
  busy: Readonly<Record<string, string>>
  tiles: readonly TerminalTile[]
  history: readonly string[]
  /** One object per pane for as long as the console runs; views keep with it where they have scrolled to. */
  views: Readonly<Record<PaneName, object>>
}

export function emptyUi(options: {
  columns: number
  rows: number
  now: number
  painter: Painter
  demo: boolean
}): UiHalf {
  const none = { agents: null, approvals: null, policies: null, audit: null }
  return {
    ...options,
    focus: 'agents',
    inTerminal: false,
    keysFrom: 0,
    cursor: none,
    shifted: { agents: 0, approvals: 0, policies: 0, audit: 0 },
    marks: { agents: [], approvals: [], policies: [], audit: [] },
    filter: { agents: '', approvals: '', policies: '', audit: '' },
    zoomed: false,
    layers: [],
    toasts: [],
    deciding: {},
    busy: {},
    tiles: [],
    history: [],
    views: { agents: {}, approvals: {}, policies: {}, audit: {} },
  }
}

export function isPane(focus: string): focus is PaneName {
  return (PANES as readonly string[]).includes(focus)
}

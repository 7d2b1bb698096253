import type { OperatorRole } from '../../../domain/operators/types.ts'
import type { Approval } from '../../../domain/approvals/types.ts'
import type { TextRange } from '../text/break-lines.ts'
import type { Painter } from '../theme/theme.ts'
import type { UiLayer } from './layer.ts'
import type { ReadProgress } from './reading.ts'

export const PANES = ['agents', 'approvals', 'policies', 'audit'] as const
export type PaneName = (typeof PANES)[number]

export type ToastTone = 'info' | 'good' | 'warn' | 'bad'

interface Toast {
  id: number
  text: string
  tone: ToastTone
  until: number
}

/** An open terminal pane; its number is 5 and up, in the order of opening. */
export interface TerminalTile {
  id: string
  agent: string
  shell: string
  state: 'opening' | 'open' | 'ended'
  note: string
}

/** A decision that was sent and is not confirmed yet. */
export interface Deciding {
  verb: 'allow' | 'deny'
  at: number
}

/** As whom the deck knows this console. */
export interface Me {
  operator: string
  /** The person who runs the deck, at its machine. */
  local: boolean
  role: OperatorRole
  /** The agents that they see; null for the whole deck. */
  agents: string[] | null
}

/** What the operator is doing: everything that does not come from the deck. */
export interface UiHalf {
  columns: number
  rows: number
  now: number
  painter: Painter
  demo: boolean
  /** Null until the deck has said so. */
  me: Me | null
  /** A pane's name or a terminal tile's id. */
  focus: string
  /** True while a terminal tile takes the keys. */
  inTerminal: boolean
  /** Keys pressed before this time are ignored: the focus had just changed by itself. */
  keysFrom: number
  /** A key that means something else when it is pressed twice, and when it was pressed. */
  pressedOnce: { key: string; at: number } | null
  /** The id of the row under the cursor of each pane. In the audit pane null follows the newest. */
  cursor: Readonly<Record<PaneName, string | null>>
  /** When the row under the cursor last changed without a key. */
  shiftedAt: Readonly<Record<PaneName, number>>
  marks: Readonly<Record<PaneName, readonly string[]>>
  filter: Readonly<Record<PaneName, string>>
  zoomed: boolean
  layers: readonly UiLayer[]
  toasts: readonly Toast[]
  deciding: Readonly<Record<string, Deciding>>
  /** How far what would run was on the screen: by approval, and by review. */
  readings: Readonly<Record<string, ReadProgress>>
  /** Finds what made the risk in a part of an approval's text; loaded when the first one waits. */
  riskyParts: ((approval: Approval, shown: TextRange) => readonly TextRange[]) | undefined
  /** How far the card of an approval is scrolled. */
  card: { id: string; scroll: number }
  /** Acts on agents that were sent and are not answered yet: agent → what it is doing. */
  busy: Readonly<Record<string, string>>
  tiles: readonly TerminalTile[]
  /** Ids of the faces run from the palette, latest first. */
  history: readonly string[]
  /** One object per pane for as long as the console runs: its scroll position is kept by it. */
  scrollKeys: Readonly<Record<PaneName, object>>
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
    me: null,
    focus: 'agents',
    inTerminal: false,
    keysFrom: 0,
    pressedOnce: null,
    cursor: none,
    shiftedAt: { agents: 0, approvals: 0, policies: 0, audit: 0 },
    marks: { agents: [], approvals: [], policies: [], audit: [] },
    filter: { agents: '', approvals: '', policies: '', audit: '' },
    zoomed: false,
    layers: [],
    toasts: [],
    deciding: {},
    readings: {},
    riskyParts: undefined,
    card: { id: '', scroll: 0 },
    busy: {},
    tiles: [],
    history: [],
    scrollKeys: { agents: {}, approvals: {}, policies: {}, audit: {} },
  }
}

export function isPane(focus: string): focus is PaneName {
  return (PANES as readonly string[]).includes(focus)
}

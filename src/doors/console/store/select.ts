import type { MirroredNoun } from '../../../journal/types.ts'
import type { SubjectKind } from '../../../commands/face.ts'
import type { Approval } from '../../../domain/approvals/types.ts'
import type { RuleRow } from '../../../domain/rules/types.ts'
import { eventText } from '../../text/events.ts'
import type { Layer } from './layer.ts'
import type { ConsoleState } from './store.ts'
import { PANES, isPane, type PaneName, type UiHalf } from './ui.ts'
import type { WorldHalf } from './world.ts'
import { tableOf } from './world.ts'

const NO_ROWS: readonly string[] = []

/** The ids of a pane's rows from top to bottom, filtered. The same array as long as nothing of it changed. */
export function rowsOf(world: WorldHalf, pane: PaneName, filter: string): readonly string[] {
  const source = pane === 'audit' ? undefined : world[ORDERS[pane]]
  if (source !== undefined && filter === '') return source
  const part = PARTS[pane](world)
  const kept = lastRows[pane]
  if (kept.part === part && kept.filter === filter && kept.source === source) return kept.rows
  const rows = filtered(world, pane, source ?? newestFirst(world), filter)
  lastRows[pane] = { part, filter, source, rows }
  return rows
}

/** What the rows of a pane depend on: the same object as long as none of them changed. */
const PARTS: Record<PaneName, (world: WorldHalf) => unknown> = {
  agents: (world) => tableOf(world, 'agent'),
  approvals: (world) => tableOf(world, 'approval'),
  policies: (world) => world.ruleOrder,
  audit: (world) => world.events,
}

const ORDERS = { agents: 'agentOrder', approvals: 'waiting', policies: 'ruleOrder' } as const

/** Those of the rows that hold all the words. */
export function filtered(
  world: WorldHalf,
  pane: PaneName,
  ids: readonly string[],
  filter: string,
): readonly string[] {
  const words = filter
    .toLowerCase()
    .split(/\s+/)
    .filter((w) => w !== '')
  if (words.length === 0) return ids
  return ids.filter((id) => {
    const hay = haystack(world, pane, id)
    return words.every((w) => hay.includes(w))
  })
}

interface Kept {
  part: unknown
  filter: string
  source: unknown
  rows: readonly string[]
}
const lastRows: Record<PaneName, Kept> = Object.fromEntries(
  PANES.map((p) => [p, { part: null, filter: '', source: null, rows: NO_ROWS }]),
) as unknown as Record<PaneName, Kept>

function newestFirst(world: WorldHalf): string[] {
  return world.events.map((e) => String(e.seq)).reverse()
}

const hays = new WeakMap<object, string>()

function haystack(world: WorldHalf, pane: PaneName, id: string): string {
  const row = rowObject(world, pane, id)
  if (row === undefined) return ''
  const known = hays.get(row)
  if (known !== undefined) return known
  const text =
    pane === 'audit'
      ? auditHay(row as WorldHalf['events'][number])
      : JSON.stringify(row).toLowerCase()
  hays.set(row, text)
  return text
}

function auditHay(event: WorldHalf['events'][number]): string {
  return `${event.type} ${event.subject} ${event.actor} ${eventText(event)}`.toLowerCase()
}

function rowObject(world: WorldHalf, pane: PaneName, id: string): object | undefined {
  if (pane === 'agents') return tableOf(world, 'agent').get(id)
  if (pane === 'approvals') return tableOf(world, 'approval').get(id)
  if (pane === 'audit') return eventBySeq(world, Number(id))
  return ruled(world, id)?.row
}

/** What a row of the policies pane stands for: `rule:<id>`, `lease:<id>` or `policy:<id>`. */
export function ruled(
  world: WorldHalf,
  place: string,
): { noun: 'rule' | 'lease' | 'policy'; id: string; row: object } | undefined {
  const [noun, id] = [
    place.slice(0, place.indexOf(':')) as 'rule' | 'lease' | 'policy',
    place.slice(place.indexOf(':') + 1),
  ]
  const row =
    tableOf<MirroredNoun>(world, noun).get(id) ??
    (noun === 'rule' ? world.archived?.get(id) : undefined)
  return row === undefined ? undefined : { noun, id, row }
}

/** Events are kept in order, so the place of one is found by halving. */
export function eventBySeq(world: WorldHalf, seq: number): WorldHalf['events'][number] | undefined {
  let low = 0
  let high = world.events.length - 1
  while (low <= high) {
    const middle = (low + high) >> 1
    const event = world.events[middle] as WorldHalf['events'][number]
    if (event.seq === seq) return event
    if (event.seq < seq) low = middle + 1
    else high = middle - 1
  }
  return undefined
}

export function cursorIndex(rows: readonly string[], id: string | null): number {
  return id === null ? -1 : rows.indexOf(id)
}

/** What the operator's half becomes when the deck changes under it. */
export function settle(before: ConsoleState, world: WorldHalf, now: number): UiHalf {
  let ui = before.ui
  for (const pane of PANES)
    ui = pane === 'audit' ? settleAudit(ui, world) : settlePane(before, ui, world, pane, now)
  let { deciding } = ui
  for (const id of Object.keys(deciding)) {
    if (tableOf(world, 'approval').get(id)?.state === 'pending') continue
    const { [id]: _, ...rest } = deciding
    deciding = rest
  }
  return { ...ui, deciding }
}

function settleAudit(ui: UiHalf, world: WorldHalf): UiHalf {
  const id = ui.cursor.audit
  return id === null || eventBySeq(world, Number(id)) !== undefined
    ? ui
    : { ...ui, cursor: { ...ui.cursor, audit: null } }
}

function settlePane(
  before: ConsoleState,
  ui: UiHalf,
  world: WorldHalf,
  pane: PaneName,
  now: number,
): UiHalf {
  const rows = rowsOf(world, pane, ui.filter[pane])
  const marked = ui.marks[pane]
  const kept = marked.filter(
    (m) =>
      rowObject(world, pane, m) !== undefined &&
      (pane !== 'approvals' || tableOf(world, 'approval').get(m)?.state === 'pending'),
  )
  const marks = kept.length === marked.length ? ui.marks : { ...ui.marks, [pane]: kept }
  const id = ui.cursor[pane]
  if (isResting(before, pane, id, rows))
    return { ...ui, marks, cursor: { ...ui.cursor, [pane]: rows[0] as string } }
  if (id === null ? rows.length === 0 : rows.includes(id) || isArchived(world, id))
    return { ...ui, marks }
  const shifted = before.world.deck === null ? ui.shifted : { ...ui.shifted, [pane]: now }
  return {
    ...ui,
    marks,
    shifted,
    cursor: { ...ui.cursor, [pane]: neighbour(before, pane, id, rows) },
  }
}

/** Whether the cursor of a pane without the focus stands at its top, where it stays: nobody put it at that row. */
function isResting(
  { world, ui }: ConsoleState,
  pane: PaneName,
  id: string | null,
  rows: readonly string[],
): boolean {
  return (
    pane === 'policies' &&
    ui.focus !== pane &&
    rows.length > 0 &&
    id !== null &&
    id !== rows[0] &&
    rowsOf(world, pane, ui.filter[pane])[0] === id
  )
}

/** Whether a row stands in the archive, which the board shows beside the rows of the pane. */
function isArchived(world: WorldHalf, id: string): boolean {
  return id.startsWith('rule:') && world.archived?.has(id.slice(5)) === true
}

/** The row that takes the cursor when its own went away: the one that followed it and is still there, else the last. */
function neighbour(
  before: ConsoleState,
  pane: PaneName,
  id: string | null,
  rows: readonly string[],
): string | null {
  if (rows.length === 0) return null
  const old = id === null ? NO_ROWS : rowsOf(before.world, pane, before.ui.filter[pane])
  const from = cursorIndex(old, id)
  if (from < 0) return rows[0] as string
  const here = new Set(rows)
  return (
    old.slice(from + 1).find((other) => here.has(other)) ??
    (rows[Math.min(from, rows.length - 1)] as string)
  )
}

/** What is under the cursor: the things that keys may be about, nearest first. */
export interface Context {
  subjects: readonly { noun: SubjectKind; id: string; row: unknown }[]
  pane: PaneName | null
}

export function contextOf(state: ConsoleState): Context {
  const top = state.ui.layers.findLast(
    (l) =>
      l.kind === 'detail' ||
      l.kind === 'table' ||
      l.kind === 'logs' ||
      l.kind === 'text' ||
      l.kind === 'preview',
  )
  if (top !== undefined) return { pane: null, subjects: withAgent(state, layerSubject(state, top)) }
  const { focus } = state.ui
  if (isPane(focus)) return { pane: focus, subjects: withAgent(state, paneSubject(state, focus)) }
  const tile = state.ui.tiles.find((t) => t.id === focus)
  return {
    pane: null,
    subjects:
      tile === undefined
        ? []
        : withAgent(
            state,
            subjectOf(state, 'shell', tile.shell),
            subjectOf(state, 'agent', tile.agent),
          ),
  }
}

function layerSubject(state: ConsoleState, layer: Layer): Subject | undefined {
  if (layer.kind === 'detail') return subjectOf(state, layer.noun, layer.id)
  if (layer.kind === 'logs') return subjectOf(state, 'agent', layer.agent)
  if (layer.kind === 'table') return tableSubject(state, layer)
  if (layer.kind === 'preview') return subjectOf(state, 'rule', layer.rule)
  return layer.kind === 'text' && layer.about !== null
    ? subjectOf(state, layer.about.noun, layer.about.id)
    : undefined
}

function tableSubject(
  state: ConsoleState,
  { table: { noun }, cursor }: Extract<Layer, { kind: 'table' }>,
): Subject | undefined {
  const rows = tableOf(state.world, noun)
  const id = cursor !== null && rows.has(cursor) ? cursor : rows.keys().next().value
  return id === undefined ? undefined : subjectOf(state, noun, id)
}

const NOUNS = { agents: 'agent', approvals: 'approval', audit: 'event' } as const

function paneSubject(state: ConsoleState, pane: PaneName): Subject | undefined {
  const id =
    state.ui.cursor[pane] ??
    (pane === 'audit' ? rowsOf(state.world, pane, state.ui.filter.audit)[0] : undefined)
  if (id === undefined) return undefined
  if (pane !== 'policies') return subjectOf(state, NOUNS[pane], id)
  return ruled(state.world, id)
}

type Subject = Context['subjects'][number]

function subjectOf(state: ConsoleState, noun: SubjectKind, id: string): Subject | undefined {
  const { world } = state
  const row =
    noun === 'event'
      ? eventBySeq(world, Number(id))
      : noun === 'rule'
        ? ruled(world, `rule:${id}`)?.row
        : tableOf(world, noun as MirroredNoun).get(id)
  return row === undefined ? undefined : { noun, id, row }
}

const AGENT_OF: Partial<Record<SubjectKind, (row: never) => string>> = {
  approval: (row: { agent: string }) => row.agent,
  shell: (row: { agent: string }) => row.agent,
  event: (row: { subject: string }) => row.subject,
  rule: (row: RuleRow) => (row.scope === 'project' ? row.scopeKey : ''),
}

/** An approval, an event, a shell, a rule of one agent is also about that agent. */
function withAgent(state: ConsoleState, ...found: (Subject | undefined)[]): Subject[] {
  const subjects = found.filter((s) => s !== undefined)
  const first = subjects[0]
  if (first === undefined || subjects.some((s) => s.noun === 'agent')) return subjects
  const name = AGENT_OF[first.noun]?.(first.row as never) ?? ''
  const agent = name === '' ? undefined : subjectOf(state, 'agent', name)
  return agent === undefined ? subjects : [...subjects, agent]
}

/** Approvals of an agent that wait. */
export function waitingOf(world: WorldHalf, agent: string): Approval[] {
  return world.waiting
    .map((id) => tableOf(world, 'approval').get(id))
    .filter((a): a is Approval => a?.agent === agent)
}

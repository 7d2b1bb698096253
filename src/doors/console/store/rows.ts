import type { DeckEvent, MirroredNoun } from '../../../journal/types.ts'
import { eventText } from '../../text/events.ts'
import { PANES, type PaneName } from './ui.ts'
import { tableOf, type WorldHalf } from './world.ts'

export const NO_ROWS: readonly string[] = []

/** The keys of a pane's rows, filtered; the same array as long as none of them changed. */
export function paneRows(world: WorldHalf, pane: PaneName, filter: string): readonly string[] {
  const source = pane === 'audit' ? undefined : world[ORDERS[pane]]
  if (source !== undefined && filter === '') return source
  const input = INPUTS[pane](world)
  const last = lastRows[pane]
  if (last.input === input && last.filter === filter && last.source === source) return last.rows
  const rows = filteredRows(world, pane, source ?? newestFirst(world), filter)
  lastRows[pane] = { input, filter, source, rows }
  return rows
}

/** What the rows of a pane depend on: the same object as long as none of them changed. */
const INPUTS: Record<PaneName, (world: WorldHalf) => unknown> = {
  agents: (world) => world.rows,
  approvals: (world) => tableOf(world, 'approval'),
  policies: (world) => world.ruleOrder,
  audit: (world) => world.events,
}

const ORDERS = { agents: 'agentOrder', approvals: 'waiting', policies: 'ruleOrder' } as const

/** The rows that contain all words of the filter. */
export function filteredRows(
  world: WorldHalf,
  pane: PaneName,
  rows: readonly string[],
  filter: string,
): readonly string[] {
  const words = filter
    .toLowerCase()
    .split(/\s+/)
    .filter((w) => w !== '')
  if (words.length === 0) return rows
  return rows.filter((key) => {
    const text = searchText(world, pane, key)
    return words.every((w) => text.includes(w))
  })
}

interface LastRows {
  input: unknown
  filter: string
  source: unknown
  rows: readonly string[]
}
const lastRows: Record<PaneName, LastRows> = Object.fromEntries(
  PANES.map((p) => [p, { input: null, filter: '', source: null, rows: NO_ROWS }]),
) as unknown as Record<PaneName, LastRows>

function newestFirst(world: WorldHalf): string[] {
  return world.events.map((e) => String(e.seq)).reverse()
}

const searchTexts = new WeakMap<object, string>()

/** The lower-case text in which a filter looks for its words. */
function searchText(world: WorldHalf, pane: PaneName, key: string): string {
  const row = rowObject(world, pane, key)
  if (row === undefined) return ''
  const known = searchTexts.get(row)
  if (known !== undefined) return known
  const text =
    pane === 'audit' ? eventSearchText(row as DeckEvent) : JSON.stringify(row).toLowerCase()
  searchTexts.set(row, text)
  return text
}

function eventSearchText(event: DeckEvent): string {
  return `${event.type} ${event.subject} ${event.actor} ${eventText(event)}`.toLowerCase()
}

/** What a row of a pane shows. */
export function rowObject(world: WorldHalf, pane: PaneName, key: string): object | undefined {
  if (pane === 'agents')
    return tableOf(world, 'agent').get(key) ?? tableOf(world, 'api_agent').get(key)
  if (pane === 'approvals') return tableOf(world, 'approval').get(key)
  if (pane === 'audit') return eventBySeq(world, Number(key))
  return policyPaneRow(world, key)?.row
}

/** What a row of the policies pane shows, by `rule:<id>`, `lease:<id>` or `policy:<id>`. */
export function policyPaneRow(
  world: WorldHalf,
  key: string,
): { noun: 'rule' | 'lease' | 'policy'; id: string; row: object } | undefined {
  const colon = key.indexOf(':')
  const noun = key.slice(0, colon) as 'rule' | 'lease' | 'policy'
  const id = key.slice(colon + 1)
  const row =
    tableOf<MirroredNoun>(world, noun).get(id) ??
    (noun === 'rule' ? world.archived?.get(id) : undefined)
  return row === undefined ? undefined : { noun, id, row }
}

/** Events are in order, so this is a binary search. */
export function eventBySeq(world: WorldHalf, seq: number): DeckEvent | undefined {
  let low = 0
  let high = world.events.length - 1
  while (low <= high) {
    const middle = (low + high) >> 1
    const event = world.events[middle] as DeckEvent
    if (event.seq === seq) return event
    if (event.seq < seq) low = middle + 1
    else high = middle - 1
  }
  return undefined
}

export function cursorIndex(rows: readonly string[], key: string | null): number {
  return key === null ? -1 : rows.indexOf(key)
}

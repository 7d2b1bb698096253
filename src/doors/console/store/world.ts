import type { DeckFacts, RowChange, World, WorldFrame } from '../../../commands/wire.ts'
import type { Approval } from '../../../domain/approvals/types.ts'
import type { RuleRow } from '../../../domain/rules/types.ts'
import type { DeckEvent, MirroredNoun, MirroredRows } from '../../../journal/types.ts'
import type { PodUsage } from '../../../ports/pods.ts'
import { agentsByAttention, compareNeed, movesOf, type OrderedTables } from './order.ts'

/** The connection to the supervisor. `nextAt`: when it is tried again; `why`: why it was lost. */
export interface ConnectionState {
  state: 'connecting' | 'live' | 'lost'
  nextAt: number
  why: string
}

/** Mirrored rows by noun and id. Read them through `tableOf`. */
type WorldTables = { readonly [N in MirroredNoun]?: ReadonlyMap<string, MirroredRows[N]> }

const NO_ROWS: ReadonlyMap<string, never> = new Map<string, never>()

/** The rows of a noun by id. */
export function tableOf<N extends MirroredNoun>(
  world: Pick<WorldHalf, 'rows'>,
  noun: N,
): ReadonlyMap<string, MirroredRows[N]> {
  return (world.rows[noun] as ReadonlyMap<string, MirroredRows[N]> | undefined) ?? NO_ROWS
}

/** The mirror of the deck: rows by id, and their order in each pane. Only the sync writes it. */
export interface WorldHalf {
  connection: ConnectionState
  deck: DeckFacts | null
  seq: number
  rows: WorldTables
  /** Names of agents, those that need the operator first. */
  agentOrder: readonly string[]
  /** Since when an agent is higher in `agentOrder` than it should be; 0 if none is. */
  staleOrderSince: number
  /** Ids of pending approvals, most urgent first. */
  waiting: readonly string[]
  /** `rule:<id>`, most in need of review first, then active `lease:<id>`, then `policy:<id>`. */
  ruleOrder: readonly string[]
  /** Archived rules, read when the board is shown; null before. */
  archived: ReadonlyMap<string, RuleRow> | null
  /** The latest events, oldest first, at most `EVENTS_KEPT`. */
  events: readonly DeckEvent[]
  usage: Readonly<Record<string, PodUsage>>
}

export const EVENTS_KEPT = 2000
/**
 * An agent that needs the operator moves up at once; one that no longer does moves down only after
 * this time, in milliseconds, so that rows do not jump about.
 */
const MOVE_DOWN_MS = 2000
const DECIDED_KEPT = 200

export function emptyWorld(): WorldHalf {
  return {
    connection: { state: 'connecting', nextAt: 0, why: '' },
    deck: null,
    seq: 0,
    rows: {},
    agentOrder: [],
    staleOrderSince: 0,
    waiting: [],
    archived: null,
    ruleOrder: [],
    events: [],
    usage: {},
  }
}

/** The world after some frames. Unchanged parts stay the same objects. */
export function applyFrames(
  world: WorldHalf,
  frames: readonly WorldFrame[],
  now = Date.now(),
): WorldHalf {
  let next = world
  let newEvents: DeckEvent[] = []
  const changes: RowChange[] = []
  for (const frame of frames) {
    if (frame.kind === 'world') {
      changes.length = 0
      newEvents = []
      next = wholeWorld(next, frame.world, now)
    } else if (frame.kind === 'delta') {
      for (const event of frame.events) if (event.seq > next.seq) newEvents.push(event)
      for (const row of frame.rows) changes.push(row)
      next = { ...next, seq: Math.max(next.seq, frame.seq) }
    } else if (frame.kind === 'pulse') next = withPulse(next, frame)
  }
  if (changes.length > 0) next = applyRows(next, changes, now)
  if (newEvents.length > 0)
    next = { ...next, events: [...next.events, ...newEvents].slice(-EVENTS_KEPT) }
  return withDueMoves(next, now)
}

function withPulse(
  world: WorldHalf,
  { deck, usage }: Extract<WorldFrame, { kind: 'pulse' }>,
): WorldHalf {
  return {
    ...world,
    deck: deck === undefined || world.deck === null ? world.deck : { ...world.deck, ...deck },
    usage: usage ?? world.usage,
  }
}

/** Moves agents down that have been too high for long enough. */
function withDueMoves(world: WorldHalf, now: number): WorldHalf {
  return world.staleOrderSince > 0 && now - world.staleOrderSince >= MOVE_DOWN_MS
    ? ordered(world, { agent: true }, now)
    : world
}

function wholeWorld(before: WorldHalf, world: World, now: number): WorldHalf {
  const next: WorldHalf = {
    ...before,
    deck: world.deck,
    seq: world.seq,
    usage: world.usage,
    events: world.events.slice(-EVENTS_KEPT),
    rows: Object.fromEntries(
      Object.entries(world.rows).map(([noun, rows]) => [noun, new Map<string, unknown>(rows)]),
    ) as WorldTables,
  }
  return ordered(next, { agent: true, approval: true, rule: true }, now)
}

function applyRows(world: WorldHalf, changes: readonly RowChange[], now: number): WorldHalf {
  const copies: { [N in MirroredNoun]?: Map<string, unknown> } = {}
  for (const { noun, id, row } of changes) {
    const table = (copies[noun] ??= new Map<string, unknown>(tableOf(world, noun)))
    if (row === null) table.delete(id)
    else table.set(id, row)
  }
  const next = { ...world, rows: { ...world.rows, ...copies } as WorldTables }
  const moved = movesOf(orderedTables(world), changes)
  if (moved === 'down' && next.staleOrderSince === 0) next.staleOrderSince = now
  const which = {
    agent: moved === 'up',
    approval: copies.approval !== undefined,
    rule: copies.policy !== undefined || copies.lease !== undefined || copies.rule !== undefined,
  }
  return ordered(next, which, now)
}

/** With the named orders computed again. */
function ordered(
  world: WorldHalf,
  which: { agent?: boolean; approval?: boolean; rule?: boolean },
  now: number,
): WorldHalf {
  const next = { ...world }
  if (which.agent === true) {
    next.agentOrder = agentsByAttention(orderedTables(world), world.agentOrder, now)
    next.staleOrderSince = 0
  }
  if (which.approval === true) {
    const approvals = withoutOldDecided(tableOf(world, 'approval'))
    next.rows = { ...next.rows, approval: approvals }
    next.waiting = [...approvals.values()]
      .filter((a) => a.state === 'pending')
      .sort(compareUrgency)
      .map((a) => a.id)
  }
  if (which.rule === true) next.ruleOrder = ruleOrderOf(world)
  return next
}

/** The same array as before if nothing moved, so that those who compare it see no change. */
function ruleOrderOf(world: WorldHalf): readonly string[] {
  const leases = [...tableOf(world, 'lease').values()]
    .filter((l) => l.state === 'active')
    .sort((a, b) => b.grantedAt - a.grantedAt)
  const order = [
    ...[...tableOf(world, 'rule').values()].sort(compareNeed).map((r) => `rule:${r.id}`),
    ...leases.map((l) => `lease:${l.id}`),
    ...[...tableOf(world, 'policy').keys()].map((id) => `policy:${id}`),
  ]
  const before = world.ruleOrder
  return before.length === order.length && before.every((id, i) => id === order[i]) ? before : order
}

function orderedTables(world: WorldHalf): OrderedTables {
  return {
    agent: tableOf(world, 'agent'),
    api_agent: tableOf(world, 'api_agent'),
    approval: tableOf(world, 'approval'),
  }
}

function compareUrgency(a: Approval, b: Approval): number {
  return b.risk.score - a.risk.score || a.askedAt - b.askedAt || (a.id < b.id ? -1 : 1)
}

function withoutOldDecided(
  approvals: ReadonlyMap<string, Approval>,
): ReadonlyMap<string, Approval> {
  const decided = [...approvals.values()].filter((a) => a.state !== 'pending')
  if (decided.length <= DECIDED_KEPT) return approvals
  decided.sort((a, b) => (a.decidedAt ?? 0) - (b.decidedAt ?? 0))
  const kept = new Map(approvals)
  for (const old of decided.slice(0, decided.length - DECIDED_KEPT)) kept.delete(old.id)
  return kept
}

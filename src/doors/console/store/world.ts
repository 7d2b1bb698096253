import type { MirroredNoun, MirroredRows } from '../../../journal/types.ts'
import type { DeckFacts, RowChange, World, WorldFrame } from '../../../commands/wire.ts'
import type { Approval } from '../../../domain/approvals/types.ts'
import type { RuleRow } from '../../../domain/rules/types.ts'
import type { DeckEvent } from '../../../journal/types.ts'
import type { PodUsage } from '../../../ports/pods.ts'
import { byAttention, byNeed, movesOf } from './order.ts'

/** The line to the supervisor. */
export interface LineState {
  state: 'connecting' | 'live' | 'lost'
  since: number
  attempt: number
  nextAt: number
  why: string
}

/** Mirrored rows by noun and id, as far as the deck has told of them. Read through `tableOf`. */
export type WorldTables = { readonly [N in MirroredNoun]?: ReadonlyMap<string, MirroredRows[N]> }

const NO_ROWS: ReadonlyMap<string, never> = new Map<string, never>()

/** The rows of a noun by id. */
export function tableOf<N extends MirroredNoun>(
  world: Pick<WorldHalf, 'rows'>,
  noun: N,
): ReadonlyMap<string, MirroredRows[N]> {
  return (world.rows[noun] as ReadonlyMap<string, MirroredRows[N]> | undefined) ?? NO_ROWS
}

/** The mirror of the deck: rows by id, and the orders in which panes show them. Only the sync writes it. */
export interface WorldHalf {
  line: LineState
  deck: DeckFacts | null
  seq: number
  rows: WorldTables
  /** Those who need the operator first. */
  agentOrder: readonly string[]
  /** Since when an agent stands higher than it needs to; 0: none does. */
  restlessSince: number
  /** Pending approvals, most urgent first. */
  waiting: readonly string[]
  /** `rule:<id>`, most in need of a look first, then `lease:<id>` in force, then `policy:<id>`. */
  ruleOrder: readonly string[]
  /** Archived rules, read when the board is looked at; null before. */
  archived: ReadonlyMap<string, RuleRow> | null
  /** Oldest first, the latest `EVENTS_KEPT`. */
  events: readonly DeckEvent[]
  usage: Readonly<Record<string, PodUsage>>
}

export const EVENTS_KEPT = 2000
/** Who needs the operator rises at once; who does not any more sinks so much later, so that rows keep still. In milliseconds. */
const SINK_MS = 2000
const DECIDED_KEPT = 200

export function emptyWorld(now: number): WorldHalf {
  return {
    line: { state: 'connecting', since: now, attempt: 0, nextAt: 0, why: '' },
    deck: null,
    seq: 0,
    rows: {},
    agentOrder: [],
    restlessSince: 0,
    waiting: [],
    archived: null,
    ruleOrder: [],
    events: [],
    usage: {},
  }
}

/** The world after some frames. Parts that did not change stay the same objects. */
export function applyFrames(
  world: WorldHalf,
  frames: readonly WorldFrame[],
  now = Date.now(),
): WorldHalf {
  let next = world
  let news: DeckEvent[] = []
  const changes: RowChange[] = []
  const flush = (): void => {
    if (changes.length > 0) next = applyRows(next, changes.splice(0), now)
    if (news.length > 0) {
      next = { ...next, events: [...next.events, ...news].slice(-EVENTS_KEPT) }
      news = []
    }
  }
  for (const frame of frames) {
    if (frame.kind === 'world') {
      changes.length = 0
      news = []
      next = whole(next, frame.world)
    } else if (frame.kind === 'delta') {
      for (const event of frame.events) if (event.seq > next.seq) news.push(event)
      for (const row of frame.rows) changes.push(row)
      next = { ...next, seq: Math.max(next.seq, frame.seq) }
    } else if (frame.kind === 'pulse') {
      next = {
        ...next,
        deck:
          frame.deck === undefined || next.deck === null
            ? next.deck
            : { ...next.deck, ...frame.deck },
        usage: frame.usage ?? next.usage,
      }
    }
  }
  flush()
  return settled(next, now)
}

/** Lets agents sink that have stood too high for long enough. */
function settled(world: WorldHalf, now: number): WorldHalf {
  return world.restlessSince > 0 && now - world.restlessSince >= SINK_MS
    ? ordered(world, { agent: true })
    : world
}

function whole(before: WorldHalf, world: World): WorldHalf {
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
  return ordered(next, { agent: true, approval: true, rule: true })
}

function applyRows(world: WorldHalf, changes: readonly RowChange[], now: number): WorldHalf {
  const copies: { [N in MirroredNoun]?: Map<string, unknown> } = {}
  for (const { noun, id, row } of changes) {
    const table = (copies[noun] ??= new Map<string, unknown>(tableOf(world, noun)))
    if (row === null) table.delete(id)
    else table.set(id, row)
  }
  const next = { ...world, rows: { ...world.rows, ...copies } as WorldTables }
  const moved = movesOf(tableOf(world, 'agent'), changes)
  if (moved === 'down' && next.restlessSince === 0) next.restlessSince = now
  return ordered(next, {
    agent: moved === 'up',
    approval: copies.approval !== undefined,
    rule: copies.policy !== undefined || copies.lease !== undefined || copies.rule !== undefined,
  })
}

function ordered(
  world: WorldHalf,
  what: { agent?: boolean; approval?: boolean; rule?: boolean },
): WorldHalf {
  const next = { ...world }
  if (what.agent === true)
    Object.assign(next, {
      agentOrder: byAttention(tableOf(world, 'agent'), world.agentOrder),
      restlessSince: 0,
    })
  if (what.approval === true) {
    const approvals = bounded(tableOf(world, 'approval'))
    next.rows = { ...next.rows, approval: approvals }
    next.waiting = [...approvals.values()]
      .filter((a) => a.state === 'pending')
      .sort(urgency)
      .map((a) => a.id)
  }
  if (what.rule === true) {
    const leases = [...tableOf(world, 'lease').values()]
      .filter((l) => l.state === 'active')
      .sort((a, b) => b.grantedAt - a.grantedAt)
    next.ruleOrder = kept(world.ruleOrder, [
      ...[...tableOf(world, 'rule').values()].sort(byNeed).map((r) => `rule:${r.id}`),
      ...leases.map((l) => `lease:${l.id}`),
      ...[...tableOf(world, 'policy').keys()].map((id) => `policy:${id}`),
    ])
  }
  return next
}

/** The order from before, where nothing of it changed: whoever compares it sees the same. */
function kept(before: readonly string[], now: readonly string[]): readonly string[] {
  return before.length === now.length && before.every((id, i) => id === now[i]) ? before : now
}

function urgency(a: Approval, b: Approval): number {
  return b.risk.score - a.risk.score || a.askedAt - b.askedAt || (a.id < b.id ? -1 : 1)
}

function bounded(approvals: ReadonlyMap<string, Approval>): ReadonlyMap<string, Approval> {
  const decided = [...approvals.values()].filter((a) => a.state !== 'pending')
  if (decided.length <= DECIDED_KEPT) return approvals
  decided.sort((a, b) => (a.decidedAt ?? 0) - (b.decidedAt ?? 0))
  const kept = new Map(approvals)
  for (const old of decided.slice(0, decided.length - DECIDED_KEPT)) kept.delete(old.id)
  return kept
}

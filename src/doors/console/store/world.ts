import type { DeckFacts, RowChange, World, WorldFrame } from '../../../commands/wire.ts'
import type { Agent } from '../../../domain/agents/types.ts'
import type { Approval } from '../../../domain/approvals/types.ts'
import type { RuleRow } from '../../../domain/rules/types.ts'
import type { PolicyRow } from '../../../domain/policy/types.ts'
import type { Session } from '../../../domain/shells/types.ts'
import type { DeckEvent } from '../../../journal/types.ts'
import type { PodUsage } from '../../../ports/pods.ts'
import { byAttention, byNeed, movesOf } from './order.ts'
import type { Lease } from '../../../domain/leases/types.ts'

/** The line to the supervisor. */
export interface LineState {
  state: 'connecting' | 'live' | 'lost'
  since: number
  attempt: number
  nextAt: number
  why: string
}

/** The mirror of the deck: rows by id, and the orders in which panes show them. Only the sync writes it. */
export interface WorldHalf {
  line: LineState
  deck: DeckFacts | null
  seq: number
  agents: ReadonlyMap<string, Agent>
  /** Those who need the operator first. */
  agentOrder: readonly string[]
  /** Since when an agent stands higher than it needs to; 0: none does. */
  restlessSince: number
  approvals: ReadonlyMap<string, Approval>
  /** Pending approvals, most urgent first. */
  waiting: readonly string[]
  policies: ReadonlyMap<string, PolicyRow>
  leases: ReadonlyMap<string, Lease>
  /** Learned rules that are not archived: those most in need of a look. */
  rules: ReadonlyMap<string, RuleRow>
  /** `rule:<id>`, most in need of a look first, then `lease:<id>` in force, then `policy:<id>`. */
  ruleOrder: readonly string[]
  /** Archived rules, read when the board is looked at; null before. */
  archived: ReadonlyMap<string, RuleRow> | null
  sessions: ReadonlyMap<string, Session>
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
    agents: new Map(),
    agentOrder: [],
    restlessSince: 0,
    approvals: new Map(),
    waiting: [],
    policies: new Map(),
    leases: new Map(),
    rules: new Map(),
    archived: null,
    ruleOrder: [],
    sessions: new Map(),
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
    agents: new Map(world.agents.map((a) => [a.name, a])),
    approvals: new Map(world.approvals.map((a) => [a.id, a])),
    policies: new Map(world.policies.map((p) => [p.id, p])),
    leases: new Map(world.leases.map((l) => [l.id, l])),
    rules: new Map(world.rules.map((r) => [r.id, r])),
    sessions: new Map(world.sessions.map((s) => [s.id, s])),
  }
  return ordered(next, { agent: true, approval: true, rule: true })
}

/** Where the rows of each noun are kept. */
const TABLES = {
  agent: 'agents',
  approval: 'approvals',
  policy: 'policies',
  rule: 'rules',
  lease: 'leases',
  session: 'sessions',
} as const

function applyRows(world: WorldHalf, changes: readonly RowChange[], now: number): WorldHalf {
  const copies: Partial<Record<(typeof TABLES)[RowChange['noun']], Map<string, unknown>>> = {}
  for (const { noun, id, row } of changes) {
    const table = (copies[TABLES[noun]] ??= new Map<string, unknown>(world[TABLES[noun]]))
    if (row === null) table.delete(id)
    else table.set(id, row)
  }
  const next = { ...world, ...copies } as WorldHalf
  const moved = movesOf(world.agents, changes)
  if (moved === 'down' && next.restlessSince === 0) next.restlessSince = now
  return ordered(next, {
    agent: moved === 'up',
    approval: copies.approvals !== undefined,
    rule:
      copies.policies !== undefined || copies.leases !== undefined || copies.rules !== undefined,
  })
}

function ordered(
  world: WorldHalf,
  what: { agent?: boolean; approval?: boolean; rule?: boolean },
): WorldHalf {
  const next = { ...world }
  if (what.agent === true)
    Object.assign(next, {
      agentOrder: byAttention(world.agents, world.agentOrder),
      restlessSince: 0,
    })
  if (what.approval === true) {
    next.approvals = bounded(world.approvals)
    next.waiting = [...next.approvals.values()]
      .filter((a) => a.state === 'pending')
      .sort(urgency)
      .map((a) => a.id)
  }
  if (what.rule === true) {
    const leases = [...world.leases.values()]
      .filter((l) => l.state === 'active')
      .sort((a, b) => b.grantedAt - a.grantedAt)
    next.ruleOrder = kept(world.ruleOrder, [
      ...[...world.rules.values()].sort(byNeed).map((r) => `rule:${r.id}`),
      ...leases.map((l) => `lease:${l.id}`),
      ...[...world.policies.keys()].map((id) => `policy:${id}`),
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

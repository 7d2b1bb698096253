import {
  RULES_SHOWN,
  type DeckFacts,
  type RowChange,
  type World,
  type WorldFrame,
} from '../../commands/wire.ts'
import type { Agent } from '../../domain/agents/types.ts'
import type { Approval } from '../../domain/approvals/types.ts'
import type { RuleBook } from '../../domain/rules/rule-book.ts'
import type { RuleRow } from '../../domain/rules/types.ts'
import type { PolicyRow } from '../../domain/policy/types.ts'
import type { Session } from '../../domain/shells/types.ts'
import type { Journal } from '../../journal/journal.ts'
import { asEvent, type eventReader } from '../../journal/read.ts'
import type { NounTable } from '../../journal/rows.ts'
import type { DeckEvent } from '../../journal/types.ts'
import type { PodUsage } from '../../ports/pods.ts'
import type { Store } from '../../store/open.ts'
import { RuleWindow } from './rule-window.ts'
import type { Lease } from '../../domain/leases/types.ts'

/** Commits are gathered for so long before they are told: well under a frame, far above a commit. */
const GATHER_MS = 8
/** A delta tells at most so many events; a reader of a screen cannot see more. */
const MOST_EVENTS = 400

export interface WorldParts {
  journal: Journal
  store: Store
  read: ReturnType<typeof eventReader>
  facts: () => DeckFacts
  policies: () => PolicyRow[]
  rules: { book: RuleBook; row: (id: string) => RuleRow | null; ready: Promise<void> }
  usage: () => Record<string, PodUsage>
}

export interface WorldFeed {
  snapshot(): World
  /** Calls with each frame from now on, as one ready line of JSON. */
  follow(take: (line: string) => void): () => void
  pulse(frame: Omit<Extract<WorldFrame, { kind: 'pulse' }>, 'kind'>): void
  /** The policies changed outside the journal's tables. */
  policiesChanged(): void
  followers(): number
  close(reason: string): void
}

/** Tells doors what changed: gathered, serialised once, sent to all. With nobody looking it costs nothing. */
export function worldFeed(parts: WorldParts): WorldFeed {
  const takers = new Set<(line: string) => void>()
  const window = new RuleWindow(parts.rules.book, RULES_SHOWN)
  let events: DeckEvent[] = []
  let touched = new Map<string, { table: NounTable; id: string }>()
  let timer: NodeJS.Timeout | undefined
  let policies = false

  const tell = (frame: WorldFrame) => {
    const line = `${JSON.stringify(frame)}\n`
    for (const take of takers) take(line)
  }

  function flush(): void {
    timer = undefined
    const all = [...touched.values()]
    const of = (name: NounTable) => all.filter(({ table }) => table === name).map(({ id }) => id)
    const rows = all.flatMap(({ table, id }) => changeOf(parts, table, id))
    if (policies)
      rows.push(...parts.policies().map((row) => ({ noun: 'policy' as const, id: row.id, row })))
    rows.push(...ruleChanges(window.after(of('rule'), of('rule_use'))))
    tell({
      kind: 'delta',
      seq: parts.journal.head().seq,
      events: events.slice(-MOST_EVENTS).map(forScreens),
      rows,
    })
    counts.tell()
    events = []
    touched = new Map()
    policies = false
  }

  const ruleChanges = (ids: Iterable<string>) =>
    [...ids].map((id): RowChange => ({
      noun: 'rule',
      id,
      row: window.has(id) ? parts.rules.row(id) : null,
    }))
  const counts = countsOf(parts.rules.book, (rules) => tell({ kind: 'pulse', deck: { rules } }))
  const soon = () => {
    timer ??= setTimeout(flush, GATHER_MS)
  }
  const unfollow = parts.journal.follow((commit) => {
    if (takers.size === 0) return
    events.push(...commit.events)
    for (const t of commit.touched) touched.set(`${t.table} ${t.id}`, t)
    soon()
  })
  // Whoever looked before the rules were read is told of them then.
  void parts.rules.ready.then(() => {
    const ids = window.reset()
    if (takers.size === 0 || ids.length === 0) return
    tell({ kind: 'delta', seq: parts.journal.head().seq, events: [], rows: ruleChanges(ids) })
    counts.tell()
  })

  return {
    snapshot() {
      const ids = takers.size === 0 ? window.reset() : window.ids()
      return { ...snapshotOf(parts), rules: ids.flatMap((id) => parts.rules.row(id) ?? []) }
    },
    follow(take) {
      takers.add(take)
      return () => {
        takers.delete(take)
      }
    },
    pulse(frame) {
      if (takers.size > 0) tell({ kind: 'pulse', ...frame })
    },
    policiesChanged() {
      if (takers.size > 0) {
        policies = true
        soon()
      }
    },
    followers: () => takers.size,
    close(reason) {
      unfollow()
      clearTimeout(timer)
      tell({ kind: 'bye', reason })
      takers.clear()
    },
  }
}

/** Tells how many rules there are in each state, when that is something new. */
function countsOf(book: RuleBook, take: (counts: DeckFacts['rules']) => void): { tell(): void } {
  let known = ''
  return {
    tell() {
      const now = JSON.stringify(book.counts())
      if (now !== known) take(book.counts())
      known = now
    },
  }
}

/** Tables that no door mirrors as they are. */
const UNTOLD: ReadonlySet<NounTable> = new Set([
  'precedent',
  'rule',
  'rule_use',
  'playbook',
  'budget',
])

function changeOf(parts: WorldParts, table: NounTable, id: string): RowChange[] {
  if (UNTOLD.has(table)) return []
  if (table === 'policy_use')
    return parts
      .policies()
      .filter((row) => row.id === id)
      .map((row) => ({ noun: 'policy', id, row }))
  return [{ noun: table, id, row: parts.journal.rows.get(table, id) ?? null } as RowChange]
}

/** What came in with files can be megabytes of lines, which no screen shows. */
function forScreens(event: DeckEvent): DeckEvent {
  return event.type === 'rules.imported'
    ? { ...event, body: { ...(event as DeckEvent<'rules.imported'>).body, lines: [] } }
    : event
}

function snapshotOf({
  store,
  read,
  journal,
  facts,
  policies,
  usage,
}: WorldParts): Omit<World, 'rules'> {
  const rows = <T>(sql: string) =>
    store
      .prepare<[], { row: string }>(sql)
      .all()
      .map(({ row }) => JSON.parse(row) as T)
  return {
    seq: journal.head().seq,
    deck: facts(),
    agents: rows<Agent>('SELECT row FROM agent ORDER BY id'),
    approvals: [
      ...rows<Approval>("SELECT row FROM approval WHERE state = 'pending' ORDER BY askedAt"),
      ...rows<Approval>(
        "SELECT row FROM approval WHERE state <> 'pending' ORDER BY askedAt DESC LIMIT 50",
      ),
    ],
    leases: rows<Lease>("SELECT row FROM lease WHERE state = 'active'"),
    policies: policies(),
    sessions: rows<Session>("SELECT row FROM session WHERE state = 'open'"),
    events: read.latest(200).map((stored) => forScreens(asEvent(stored))),
    usage: usage(),
  }
}

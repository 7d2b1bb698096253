import type { RowChange } from '../../../commands/wire.ts'
import type { Agent } from '../../../domain/agents/types.ts'
import type { Approval } from '../../../domain/approvals/types.ts'
import { isApiAgent, presenceOf } from '../../../domain/governance/agents/rules.ts'
import type { ApiAgent } from '../../../domain/governance/agents/types.ts'
import type { RuleRow, Status } from '../../../domain/rules/types.ts'

/** What the order of agents depends on. */
export interface OrderedTables {
  agent: ReadonlyMap<string, Agent>
  api_agent: ReadonlyMap<string, ApiAgent>
  approval: ReadonlyMap<string, Approval>
}

/**
 * How much an agent needs the operator, 0 first: it asks, it drifted, it failed; then those at
 * work, then the rest.
 */
function attentionRank(agent: Agent | undefined): number {
  if (agent === undefined) return 9
  return agent.phase === 'up' && agent.asking > 0 ? 0 : PHASE_RANKS[agent.phase]
}

const PHASE_RANKS: Record<Agent['phase'], number> = {
  drifted: 1,
  failed: 2,
  exited: 2,
  up: 3,
  starting: 3,
  stopping: 3,
  created: 4,
  stopped: 4,
}

/** An agent that is silent comes after those that are at work. */
const SILENT_RANK = 4

function apiAttentionRank(agent: ApiAgent, asking: boolean, now: number): number {
  if (asking) return 0
  return presenceOf(agent, now).state === 'online' ? PHASE_RANKS.up : SILENT_RANK
}

/** Whether changes move an agent up (new and deleted agents count), only down, or not at all. */
export function movesOf(
  before: OrderedTables,
  changes: readonly RowChange[],
): 'up' | 'down' | 'none' {
  let down = false
  for (const { noun, id, row } of changes) {
    if (movesElsewhere(before, noun, { id, row })) return 'up'
    if (noun !== 'agent') continue
    const by = row === null ? -1 : attentionRank(row) - attentionRank(before.agent.get(id))
    if (by < 0) return 'up'
    if (by > 0) down = true
  }
  return down ? 'down' : 'none'
}

/** Whether agents of the API come, go, or begin or cease to ask. */
function movesElsewhere(
  before: OrderedTables,
  noun: RowChange['noun'],
  { id, row }: { id: string; row: object | null },
): boolean {
  if (noun === 'api_agent') return (row === null) === before.api_agent.has(id)
  return noun === 'approval' && row !== null && isApiAgent((row as Approval).agent)
}

/** Names, those that need the operator first; the same array as before if nothing moved. */
export function agentsByAttention(
  tables: OrderedTables,
  before: readonly string[],
  now: number,
): readonly string[] {
  const asking = new Set(
    [...tables.approval.values()]
      .filter(({ state }) => state === 'pending')
      .map(({ agent }) => agent),
  )
  const ranks = [
    ...[...tables.agent.values()].map((a) => [a.name, attentionRank(a)] as const),
    ...[...tables.api_agent.values()].map(
      (a) => [a.name, apiAttentionRank(a, asking.has(a.name), now)] as const,
    ),
  ]
  const order = ranks
    .sort(([a, rankA], [b, rankB]) => rankA - rankB || (a < b ? -1 : 1))
    .map(([name]) => name)
  return order.length === before.length && order.every((name, i) => name === before[i])
    ? before
    : order
}

const STATUS_RANKS: Record<Status, number> = {
  suspended: 0,
  candidate: 1,
  confirmed: 2,
  hint: 3,
  archived: 4,
}

/** Rules most in need of review first; within a status the latest changed. */
export function compareNeed(a: RuleRow, b: RuleRow): number {
  return (
    STATUS_RANKS[a.status] - STATUS_RANKS[b.status] ||
    b.changedAt - a.changedAt ||
    (a.id < b.id ? -1 : 1)
  )
}

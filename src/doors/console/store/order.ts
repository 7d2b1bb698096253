import type { RowChange } from '../../../commands/wire.ts'
import type { Agent } from '../../../domain/agents/types.ts'
import type { RuleRow, Status } from '../../../domain/rules/types.ts'

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

/** Whether changes move an agent up (new and deleted agents count), only down, or not at all. */
export function movesOf(
  before: ReadonlyMap<string, Agent>,
  changes: readonly RowChange[],
): 'up' | 'down' | 'none' {
  let down = false
  for (const { noun, id, row } of changes) {
    if (noun !== 'agent') continue
    const by = row === null ? -1 : attentionRank(row) - attentionRank(before.get(id))
    if (by < 0) return 'up'
    if (by > 0) down = true
  }
  return down ? 'down' : 'none'
}

/** Names, those that need the operator first; the same array as before if nothing moved. */
export function agentsByAttention(
  agents: ReadonlyMap<string, Agent>,
  before: readonly string[],
): readonly string[] {
  const order = [...agents.values()]
    .sort((a, b) => attentionRank(a) - attentionRank(b) || (a.name < b.name ? -1 : 1))
    .map((a) => a.name)
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

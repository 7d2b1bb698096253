import type { RowChange } from '../../../commands/wire.ts'
import type { Agent } from '../../../domain/agents/types.ts'
import type { RuleRow, Status } from '../../../domain/rules/types.ts'

/** How soon an agent needs the operator, 0 first: it asks, it drifted, it failed; then those at work, then those at rest. */
export function attentionOf(agent: Agent | undefined): number {
  if (agent === undefined) return 9
  return agent.phase === 'up' && agent.asking > 0 ? 0 : PLACES[agent.phase]
}

const PLACES: Record<Agent['phase'], number> = {
  drifted: 1,
  failed: 2,
  exited: 2,
  up: 3,
  starting: 3,
  stopping: 3,
  created: 4,
  stopped: 4,
}

/** Whether changed rows put an agent higher (a new one and one that went count as such), only lower, or nowhere else. */
export function movesOf(
  before: ReadonlyMap<string, Agent>,
  changes: readonly RowChange[],
): 'up' | 'down' | 'none' {
  let down = false
  for (const { noun, id, row } of changes) {
    if (noun !== 'agent') continue
    const by = row === null ? -1 : attentionOf(row) - attentionOf(before.get(id))
    if (by < 0) return 'up'
    if (by > 0) down = true
  }
  return down ? 'down' : 'none'
}

/** The names in the order in which the operator should see them; the same array while nothing moved. */
export function byAttention(
  agents: ReadonlyMap<string, Agent>,
  before: readonly string[],
): readonly string[] {
  const order = [...agents.values()]
    .sort((a, b) => attentionOf(a) - attentionOf(b) || (a.name < b.name ? -1 : 1))
    .map((a) => a.name)
  return order.length === before.length && order.every((name, i) => name === before[i])
    ? before
    : order
}

const NEED: Record<Status, number> = {
  suspended: 0,
  candidate: 1,
  confirmed: 2,
  hint: 3,
  archived: 4,
}

/** Rules that need a look first; within a state the latest changed. */
export function byNeed(a: RuleRow, b: RuleRow): number {
  return NEED[a.status] - NEED[b.status] || b.changedAt - a.changedAt || (a.id < b.id ? -1 : 1)
}

import type { GroupSums, Sums } from '../records/sums.ts'
import type { RecordData } from '../records/types.ts'

/** What a goal adds to the goals of all, and of its agent. */
export function goalSums({ agent_id: agent, status, progress }: RecordData): GroupSums[] {
  const sums = {
    total: 1,
    progress: Number(progress),
    active: status === 'active' ? 1 : 0,
    completed: status === 'completed' ? 1 : 0,
  }
  const groups = [['all'], ...(typeof agent === 'string' ? [['agent', agent]] : [])]
  return groups.map((of) => ({ of, sums }))
}

/** Statistics of goals, named as clients read them. */
export function goalStats({ total = 0, progress = 0, active = 0, completed = 0 }: Sums) {
  return {
    totalGoals: total,
    active,
    completed,
    avgProgress: total === 0 ? 0 : Math.round(progress / total),
  }
}

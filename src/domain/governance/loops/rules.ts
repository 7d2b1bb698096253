import {
  LOOP_PRIORITIES,
  type LoopPriority,
  type LoopRow,
  type GovernanceRefusal,
} from '../types.ts'

export interface LoopAnswer {
  status: 'resolved' | 'cancelled'
  resolution: string | null
}

/** Why a loop cannot be closed so, or undefined. Resolved and cancelled loops stay as they are. */
export function whyNotCloseLoop(
  loop: Pick<LoopRow, 'status'>,
  { status, resolution }: LoopAnswer,
): GovernanceRefusal | undefined {
  if (loop.status !== 'open')
    return { kind: 'conflict', reason: `The loop is already ${loop.status}` }
  if (status === 'resolved' && (resolution ?? '').trim() === '')
    return { kind: 'invalid', reason: 'resolution is required to resolve a loop' }
  return undefined
}

function rank(priority: LoopPriority): number {
  return LOOP_PRIORITIES.indexOf(priority)
}

/** Critical before low, newer before older. */
export function byLoopPriority(
  a: Pick<LoopRow, 'priority' | 'created_at'>,
  b: Pick<LoopRow, 'priority' | 'created_at'>,
): number {
  return rank(b.priority) - rank(a.priority) || Date.parse(b.created_at) - Date.parse(a.created_at)
}

export function loopStats(loops: readonly Pick<LoopRow, 'status' | 'priority'>[]): {
  open_count: number
  resolved_count: number
  critical_open: number
  high_open: number
} {
  const open = loops.filter(({ status }) => status === 'open')
  return {
    open_count: open.length,
    resolved_count: loops.filter(({ status }) => status === 'resolved').length,
    critical_open: open.filter(({ priority }) => priority === 'critical').length,
    high_open: open.filter(({ priority }) => priority === 'high').length,
  }
}

import { Fault } from '../../base/fault.ts'
import type { Journal } from '../../journal/journal.ts'
import type { Store } from '../../store/open.ts'
import type { Approval, ApprovalService } from './types.ts'

/** Reads approvals. */
export function approvalReader({
  journal,
  store,
}: {
  journal: Journal
  store: Store
}): Pick<ApprovalService, 'get' | 'list'> {
  const pending = store.prepare<[number], { row: string }>(
    "SELECT row FROM approval WHERE state = 'pending' ORDER BY askedAt LIMIT ?",
  )
  const decided = store.prepare<[number], { row: string }>(
    "SELECT row FROM approval WHERE state <> 'pending' ORDER BY askedAt DESC LIMIT ?",
  )
  const all = store.prepare<[number], { row: string }>(
    'SELECT row FROM approval ORDER BY askedAt DESC LIMIT ?',
  )
  return {
    async get(id) {
      const approval = journal.rows.get<Approval>('approval', id)
      if (approval === undefined) throw unknownApproval(id)
      return approval
    },
    async list(state, limit) {
      const rows = { pending, decided, all }[state].all(limit)
      const approvals = rows.map(({ row }) => JSON.parse(row) as Approval)
      return state === 'pending' ? approvals.toSorted(byUrgency) : approvals
    },
  }
}

/** The riskiest first, then those that expire first. */
function byUrgency(a: Approval, b: Approval): number {
  return b.risk.score - a.risk.score || a.expiresAt - b.expiresAt
}

export function unknownApproval(id: string): Fault {
  return new Fault('approval.unknown', `no approval ${id}`, {
    hint: '`clawdeck approvals list` shows those that wait.',
  })
}

import { Fault } from '../../base/fault.ts'
import type { Journal } from '../../journal/journal.ts'
import type { Draft } from '../../journal/types.ts'
import type { Store } from '../../store/open.ts'
import type { Lease } from './types.ts'

/** Bounded yeses: what is in force, and how to end one. */
export function leaseService({ journal, store }: { journal: Journal; store: Store }) {
  const active = store.prepare<[], { row: string }>("SELECT row FROM lease WHERE state = 'active'")
  const all = store.prepare<[], { row: string }>('SELECT row FROM lease')
  const rows = (found: { row: string }[]) => found.map(({ row }) => JSON.parse(row) as Lease)
  return {
    active: () => rows(active.all()),
    list: async (state: 'active' | 'all') =>
      rows((state === 'active' ? active : all).all()).toSorted((a, b) => b.grantedAt - a.grantedAt),
    /** Ends what was lent to one agent, as its name may be another's tomorrow. */
    retire: (agent: string, actor: string): Draft[] =>
      rows(active.all())
        .filter((lease) => lease.agent === agent)
        .map((lease) => ({ type: 'lease.revoked', actor, subject: agent, body: { id: lease.id } })),
    async revoke(id: string, actor: string): Promise<Lease> {
      await journal.append(() => {
        const lease = journal.rows.get<Lease>('lease', id)
        if (lease === undefined)
          throw new Fault('not.found', `no lease ${id}`, {
            hint: '`clawdeck leases list` shows those in force.',
          })
        if (lease.state !== 'active')
          throw new Fault('not.possible', `${id} is already ${lease.state}`)
        return [
          {
            type: 'lease.revoked',
            actor,
            subject: lease.agent === '*' ? '' : lease.agent,
            body: { id },
          },
        ]
      })
      return journal.rows.get<Lease>('lease', id) as Lease
    },
  }
}

import { Fault } from '../../base/fault.ts'
import type { Journal } from '../../journal/journal.ts'
import type { Draft } from '../../journal/types.ts'
import type { Store } from '../../store/open.ts'
import type { Lease, LeaseService } from './types.ts'

/** What the rest of the deck needs of leases, besides the service. */
interface LeaseUses {
  active(): Lease[]
  /** Events that revoke the leases of a deleted agent: another may get its name. */
  retire(agent: string, actor: string): Draft[]
  /** Events that revoke leases granted before a time, in Unix milliseconds. */
  retireBefore(time: number, actor: string): Draft[]
}

/** Lists and revokes leases. */
export function leaseService({
  journal,
  store,
}: {
  journal: Journal
  store: Store
}): LeaseService & LeaseUses {
  const active = store.prepare<[], { row: string }>("SELECT row FROM lease WHERE state = 'active'")
  const all = store.prepare<[], { row: string }>('SELECT row FROM lease')
  const parse = (rows: { row: string }[]) => rows.map(({ row }) => JSON.parse(row) as Lease)
  const revoked = (id: string, subject: string, actor: string): Draft => ({
    type: 'lease.revoked',
    actor,
    subject,
    body: { id },
  })

  return {
    active: () => parse(active.all()),
    retire: (agent, actor) =>
      parse(active.all())
        .filter((lease) => lease.agent === agent)
        .map(({ id }) => revoked(id, agent, actor)),
    retireBefore: (time, actor) =>
      parse(active.all())
        .filter(({ grantedAt }) => grantedAt < time)
        .map(({ id, agent }) => revoked(id, agent === '*' ? '' : agent, actor)),
    async list(state) {
      const leases = parse({ active, all }[state].all())
      return leases.toSorted((a, b) => b.grantedAt - a.grantedAt)
    },
    async revoke(id, actor) {
      await journal.append(() => {
        const lease = journal.rows.get<Lease>('lease', id)
        if (lease === undefined)
          throw new Fault('not.found', `no lease ${id}`, {
            hint: '`clawdeck leases list` shows those in force.',
          })
        if (lease.state !== 'active')
          throw new Fault('not.possible', `${id} is already ${lease.state}`)
        return [revoked(id, lease.agent === '*' ? '' : lease.agent, actor)]
      })
      return journal.rows.get<Lease>('lease', id) as Lease
    },
  }
}

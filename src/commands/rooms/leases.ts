import { count, plain, span } from '../../base/text.ts'
import * as z from 'zod'
import { act } from '../act.ts'
import type { Deck } from '../deck.ts'
import { face, grouped } from '../face.ts'
import { Id } from '../inputs.ts'
import { leaseNoun } from '../../domain/leases/noun.ts'
import { nounTable } from '../table.ts'
import type { Room } from '../room.ts'

export const leaseTable = nounTable('lease', {
  title: 'Leases',
  columns: [
    { title: 'LEASE', cell: (lease) => lease.id },
    { title: 'AGENT', cell: (lease) => lease.agent },
    { title: 'TYPE', cell: (lease) => lease.type },
    { title: 'USES', cell: (lease) => `${lease.usesLeft}/${lease.uses}` },
    {
      title: 'STATE',
      cell: (lease, now) =>
        lease.state === 'active' ? `${span(lease.expiresAt - now)} left` : lease.state,
    },
    { title: 'MAX RISK', cell: (lease) => String(lease.maxRisk) },
    { title: 'COVERS', cell: (lease) => lease.target },
  ],
  none: 'No leases are in force.',
})

async function agentOf({ leases }: Deck, { id }: { id: string }): Promise<string[] | null> {
  const lease = (await leases.list('all')).find((one) => one.id === id)
  return lease === undefined || lease.agent === '*' ? null : [lease.agent]
}

export const leasesRoom: Room = {
  nouns: [leaseNoun],
  commands: grouped('Decisions', [
    face(
      act({
        id: 'lease.list',
        needs: 'see',
        audit: 'none',
        input: () => z.strictObject({ state: z.enum(['active', 'all']).default('active') }),
        run: (deck, { state }) => deck.leases.list(state),
        narrow: (leases, sees) => leases.filter(({ agent }) => sees(agent)),
      }),
      {
        title: 'List leases',
        about: 'deck',
        help: 'List leases in force.',
        cli: 'leases list',
        flags: { state: { about: 'active (default) or all', value: 'state' } },
        example: 'clawdeck leases list',
        table: leaseTable,
      },
    ),
    face(
      act({
        id: 'lease.revoke',
        needs: 'operate',
        audit: 'own',
        input: () => z.strictObject({ id: Id }),
        concerns: agentOf,
        run: (deck, { id }, { actor }) => deck.leases.revoke(id, actor),
      }),
      {
        title: 'Revoke lease',
        about: 'lease',
        keys: ['x'],
        hint: 2,
        danger: 'confirm',
        subjectKey: 'id',
        help: 'Revoke a lease at once.',
        cli: 'leases revoke <id>',
        example: 'clawdeck leases revoke lea_…',
        said: (lease) =>
          `${plain(lease.id)} is ${lease.state}; ${count(lease.usesLeft, 'use')} left`,
      },
    ),
  ]),
}

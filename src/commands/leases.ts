import { count, plain } from '../base/text.ts'
import * as z from 'zod'
import { act } from './act.ts'
import { face, grouped, type Command } from './face.ts'
import { Id } from './inputs.ts'

export const leasesCommands: readonly Command[] = grouped('Decisions', [
  face(
    act({
      id: 'lease.list',
      needs: 'see',
      audit: 'none',
      input: () => z.strictObject({ state: z.enum(['active', 'all']).default('active') }),
      run: (deck, { state }) => deck.leases.list(state),
    }),
    {
      title: 'List leases',
      about: 'deck',
      help: 'Bounded yeses in force.',
      cli: 'leases list',
      flags: { state: { about: 'active (default) or all', value: 'state' } },
      example: 'clawdeck leases list',
      answer: 'leases',
    },
  ),
  face(
    act({
      id: 'lease.revoke',
      needs: 'operate',
      audit: 'own',
      input: () => z.strictObject({ id: Id }),
      run: (deck, { id }, { actor }) => deck.leases.revoke(id, actor),
    }),
    {
      title: 'Revoke lease',
      about: 'lease',
      keys: ['x'],
      hint: 2,
      danger: 'confirm',
      subjectKey: 'id',
      help: 'End a lease now.',
      cli: 'leases revoke <id>',
      example: 'clawdeck leases revoke lea_…',
      said: (lease) =>
        `${plain(lease.id)} is ${lease.state}; ${count(lease.usesLeft, 'use')} unspent`,
    },
  ),
])

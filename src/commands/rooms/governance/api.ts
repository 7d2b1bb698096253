import * as z from 'zod'
import { Fault } from '../../../base/fault.ts'
import { plain } from '../../../base/text.ts'
import type { DoorRow, DoorService } from '../../../domain/doors/types.ts'
import { apiAgentNoun } from '../../../domain/governance/agents/noun.ts'
import {
  heldActionNoun,
  ledgerNoun,
  ledgerTotalNoun,
} from '../../../domain/governance/ledger/noun.ts'
import { recordNoun, recordSumsNoun } from '../../../domain/governance/records/noun.ts'
import { act } from '../../act.ts'
import { face, grouped } from '../../face.ts'
import { OwnAddress } from '../doors.ts'
import type { Room } from '../../room.ts'

const LOOPBACK = '127.0.0.1'
const PORT = 3700

const Serve = z.strictObject({
  state: z.enum(['on', 'off']).optional(),
  lan: OwnAddress.optional(),
  port: z.coerce.number().int().min(0).max(65_535).default(PORT),
})

function apiText({ state, address, problem }: DoorRow): string {
  if (state === 'closed') return 'The governance API is off. Turn it on: clawdeck api on'
  if (address === null) return `The governance API is on, but not reached: ${plain(problem ?? '')}`
  const { url, fingerprint } = address
  return [
    `The governance API is at ${url}`,
    ...(fingerprint === ''
      ? ['Only this machine reaches it. For others: clawdeck api on --lan <address>']
      : [
          'Clients have to trust its certificate, which this deck signed. SHA-256:',
          `  ${(fingerprint.toUpperCase().match(/../g) ?? []).join(':')}`,
        ]),
    'Make a key: clawdeck keys create <label>',
  ].join('\n')
}

/** Fault `not.found` where it was never turned on. */
async function apiDoorOf(doors: DoorService): Promise<DoorRow> {
  const api = (await doors.list()).find(({ id }) => id === 'api')
  if (api !== undefined) return api
  throw new Fault('not.found', 'the governance API was never turned on', {
    hint: 'clawdeck api on',
  })
}

/** The door of the governance API, and what agents record through it. */
export const apiRoom: Room = {
  nouns: [apiAgentNoun, recordNoun, recordSumsNoun, ledgerNoun, heldActionNoun, ledgerTotalNoun],
  commands: grouped('Deck', [
    face(
      act({
        id: 'api.serve',
        needs: ({ state }) => (state === undefined ? 'see' : 'own'),
        // How it is, is only asked.
        audit: ({ state }) => (state === undefined ? 'none' : 'intent'),
        input: () => Serve,
        run: ({ doors }, { state, lan, port }, { actor }) => {
          if (state === undefined) return apiDoorOf(doors)
          if (state === 'off') return doors.close('api', actor)
          return doors.open('api', { host: lan ?? LOOPBACK, port }, actor)
        },
      }),
      {
        title: 'Serve the governance API',
        about: 'deck',
        help: 'Let agents anywhere ask and report over HTTP, in the protocol of DashClaw: at the loopback address, or over TLS at another that is named. It stays so after a restart. Without on or off, whether it is on, and where.',
        cli: 'api [state]',
        flags: {
          lan: { about: 'an address of this machine that agents can reach', value: 'address' },
          port: { about: `the port (${PORT})`, value: 'port' },
        },
        example: 'clawdeck api on',
        said: apiText,
      },
    ),
  ]),
}

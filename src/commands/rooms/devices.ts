import * as z from 'zod'
import { ago } from '../../base/text.ts'
import { deviceNoun } from '../../domain/operators/pairing/noun.ts'
import type { Device } from '../../domain/operators/pairing/types.ts'
import { shownActor } from '../../domain/operators/rules.ts'
import { act } from '../act.ts'
import type { Deck } from '../deck.ts'
import { face, grouped, screenFace } from '../face.ts'
import { AgentName, Id, OperatorId, DeckOrAgent, TelegramAccount } from '../inputs.ts'
import type { Room } from '../room.ts'
import { nounTable } from '../table.ts'

const deviceTable = nounTable('device', {
  title: 'Devices',
  columns: [
    { title: 'DEVICE', cell: ({ id }) => id },
    { title: 'OPERATOR', cell: ({ operator }) => operator },
    { title: 'KIND', cell: ({ kind }) => kind },
    { title: 'NAME', cell: ({ name }) => name },
    { title: 'TRUSTED', cell: ({ trustedAt }, now) => ago(trustedAt, now) },
    { title: 'BY', cell: ({ trustedBy }) => shownActor(trustedBy) },
  ],
  none: 'No devices are paired. d pairs one, or: clawdeck access pair device deck',
})

const Kind = z.enum(['console', 'device', 'telegram'])
const ToRevoke = z.strictObject({
  id: Id,
  scope: DeckOrAgent.optional(),
  account: TelegramAccount.optional(),
})

/** The devices of those who may work with an agent, or all. */
async function devicesFor(
  { access, operators }: Deck,
  agent: string | undefined,
): Promise<Device[]> {
  const { devices } = await access.list()
  if (agent === undefined) return devices
  const may = (await operators.list('active')).filter(
    ({ agents }) => agents === null || agents.includes(agent),
  )
  const ids = new Set(may.map(({ id }) => id))
  return devices.filter(({ operator }) => ids.has(operator))
}

/** What of each operator is trusted. */
export const devicesRoom: Room = {
  nouns: [deviceNoun],
  commands: grouped('Deck', [
    screenFace('access.join', {
      title: 'Join another deck',
      about: 'deck',
      help: 'Pair this terminal with the deck of a link, and wait until it is confirmed there.',
      cli: 'join <link>',
      flags: { name: { about: 'how that deck is called here (default: remote)', value: 'name' } },
      example: "clawdeck join 'clawdeck:/run/deck/access.sock#…'",
      input: () =>
        z.strictObject({ link: z.string().max(400), name: OperatorId.default('remote') }),
      inCli: 'join',
    }),
    face(
      act({
        id: 'access.list',
        needs: 'see',
        audit: 'none',
        input: () => z.strictObject({ kind: Kind.optional(), scope: AgentName.optional() }),
        run: async (deck, { kind, scope }) =>
          (await devicesFor(deck, scope)).filter(
            (device) => kind === undefined || device.kind === kind,
          ),
      }),
      {
        title: 'List devices',
        about: 'deck',
        help: 'The devices that are trusted, and whose they are: all of them, of a kind, or those that may work with an agent.',
        cli: 'access list [kind] [scope]',
        example: 'clawdeck access list',
        table: deviceTable,
      },
    ),
    face(
      act({
        id: 'access.revoke',
        needs: 'own',
        audit: 'own',
        input: () => ToRevoke,
        run: async (deck, { id, account }, { actor }) =>
          deck.access.revoke(
            account === undefined ? id : (await deck.access.ofAccount(account)).id,
            actor,
          ),
      }),
      {
        title: 'Revoke device',
        about: 'device',
        keys: ['x'],
        hint: 2,
        danger: 'confirm',
        subjectKey: 'id',
        help: 'End the trust in a device, at once on every door: by its id, or as telegram, a scope and the number of the account.',
        cli: 'access revoke <id> [scope] [account]',
        example: 'clawdeck access revoke dev_…',
        said: ({ id, operator }) => `${id} of ${operator} was revoked`,
      },
    ),
  ]),
}

import * as z from 'zod'
import { Fault } from '../../base/fault.ts'
import { plain, span } from '../../base/text.ts'
import { pairingNoun } from '../../domain/operators/pairing/noun.ts'
import { offeredAgent, OFFER_SECONDS } from '../../domain/operators/pairing/rules.ts'
import type {
  Device,
  OfferedRights,
  PairedAgent,
  PairingKind,
  PairingOffer,
  PairingRow,
  PairingService,
} from '../../domain/operators/pairing/types.ts'
import { act } from '../act.ts'
import { face, grouped } from '../face.ts'
import { Confirm, Id, Nothing, OperatorId, DeckOrAgent, TelegramAccount } from '../inputs.ts'
import type { Room } from '../room.ts'
import { nounTable } from '../table.ts'

const pairingTable = nounTable('pairing', {
  title: 'Pairings',
  columns: [
    { title: 'PAIRING', cell: ({ id }) => id },
    { title: 'KIND', cell: ({ kind }) => kind },
    {
      title: 'FOR',
      cell: (row) => offeredAgent(row) ?? row.operator ?? `a new ${row.rights.role}`,
    },
    { title: 'STATE', cell: ({ state, expiresAt }, now) => `${state}, ${span(expiresAt - now)}` },
    { title: 'WHO', cell: ({ presented }) => presented?.person ?? '–' },
    { title: 'CODE', cell: ({ presented }) => presented?.code ?? '–' },
  ],
  none: 'No pairing is open. d opens one.',
})

const Pair = z.strictObject({
  kind: z.enum(['console', 'device', 'telegram', 'agent']),
  scope: DeckOrAgent,
  role: z.enum(['owner', 'operator', 'viewer']).default('viewer'),
  operator: OperatorId.optional(),
  expires: z.coerce.number().int().min(10).max(600).default(OFFER_SECONDS),
})

const Token = z.string().min(1).max(200)
const Words = z.string().min(1).max(100)
const Presented = z.strictObject({
  token: Token,
  person: Words,
  device: Words,
  key: z.strictObject({
    type: z.enum(['ed25519', 'p256']),
    spki: z.base64().min(1).max(400),
  }),
})

const Vouched = z.strictObject({
  token: Token,
  person: z.string().min(1).max(200),
  user: z.number().int().positive(),
})

/** A pairing by its id; or as `telegram`, a scope, its token and the account that took it. */
const ToConfirm = z.strictObject({
  id: Id,
  scope: DeckOrAgent.optional(),
  token: Token.optional(),
  telegramUserId: TelegramAccount.optional(),
  operator: OperatorId.optional(),
  confirm: Confirm,
})

/** Fault `input.invalid`. */
function offeredRights({ kind, scope, role, operator }: z.output<typeof Pair>): OfferedRights {
  if (kind !== 'agent') return { role, agents: scope === 'deck' ? null : [scope] }
  if (scope === 'deck' || operator !== undefined)
    throw new Fault('input.invalid', 'a key is for one agent, and nobody else', {
      hint: 'Name an agent that runs outside of pods: clawdeck access pair agent <agent>',
    })
  return { role: 'agent', agents: [scope] }
}

async function pairingOf(
  { access }: { access: PairingService },
  { id, token, telegramUserId }: z.output<typeof ToConfirm>,
): Promise<string> {
  if (token === undefined) return id
  return (await access.taken(token, telegramUserId ?? 0)).id
}

/** What a person confirms before a device is trusted: that both sides show the same code. */
async function codeOf({ access }: { access: PairingService }, id: string) {
  const pairing = await access.get(id)
  const { presented, operator, rights } = pairing
  if (presented === null) return []
  const { person, device, code } = presented
  const agent = offeredAgent(pairing)
  if (agent !== undefined)
    return [
      {
        what: 'code' as const,
        value: code,
        text: `Whoever has the key of ${plain(device, 100)} asks as ${agent}. Its program must show the code ${code}`,
      },
    ]
  const may = `${rights.role}${rights.agents === null ? '' : ` for ${rights.agents.join(', ')}`}`
  const whose = operator === null ? `a new ${may}` : `${operator}, ${may}`
  const text = `${plain(person, 100)} with ${plain(device, 100)} becomes a device of ${whose}. Their screen must show the code ${code}`
  return [{ what: 'code' as const, value: code, text }]
}

const trusted = (one: Device | PairedAgent) =>
  'agent' in one
    ? `The key of ${one.agent} is trusted as ${one.id}. It signs with keyid="${one.id}"`
    : `${plain(one.name)} is now ${one.id}, a device of ${one.operator}`
/** What the other side does with the link. */
const TAKING: Record<PairingKind, (link: string) => [where: string, does: string]> = {
  console: (link) => ['On the other terminal', `clawdeck join '${link}'`],
  device: (link) => ['Scan this with the phone, or open it there', link],
  telegram: (link) => ['In Telegram, on the phone', link],
  agent: (link) => ['Let the agent scan this, or give it the link', link],
}
const offered = ({ pairing, link }: PairingOffer) => {
  const [where, does] = TAKING[pairing.kind](link)
  return [
    `${where}, until ${new Date(pairing.expiresAt).toLocaleTimeString()}:`,
    `  ${does}`,
    `Then compare the code that it shows, and confirm:`,
    `  clawdeck access confirm ${pairing.id}${pairing.operator === null && pairing.kind !== 'agent' ? ' --operator <name>' : ''}`,
  ].join('\n')
}
const overAlready = ({ state }: PairingRow) =>
  state === 'open' || state === 'presented' ? undefined : `it is ${state} already`
const notPresented = ({ state }: PairingRow) =>
  state === 'open' ? 'no device has taken the offer yet' : overAlready({ state } as PairingRow)

const ended = ({ id, state }: PairingRow) => `${id} is ${state}`

export const accessRoom: Room = {
  nouns: [pairingNoun],
  commands: grouped('Deck', [
    act({
      id: 'access.present',
      needs: 'pair',
      audit: 'own',
      input: () => Presented,
      // Who takes an offer is nobody yet, and hears no more than that.
      run: async (deck, { key, ...presentation }, { actor }) => {
        const taken = await deck.access.present({ ...presentation, identity: key }, actor)
        const { id, state, expiresAt, presented } = taken
        return { id, state, expiresAt, code: presented?.code }
      },
    }),
    act({
      id: 'access.vouch',
      needs: 'vouch',
      audit: 'own',
      input: () => Vouched,
      run: (deck, { user, ...presentation }, { actor }) =>
        deck.access.present(
          {
            ...presentation,
            device: `Telegram account ${user}`,
            identity: { type: 'telegram', user },
          },
          actor,
        ),
    }),
    act({
      id: 'access.await',
      needs: 'pair',
      audit: 'none',
      stream: true,
      input: () => z.strictObject({ id: Id, token: Token }),
      run: (deck, { id, token }, { signal }) => deck.access.await(id, token, signal),
    }),
    face(
      act({
        id: 'access.pair',
        needs: 'own',
        audit: 'own',
        input: () => Pair,
        run: async (deck, offer, { actor }) => {
          const { kind, operator = null, expires: seconds } = offer
          const rights = offeredRights(offer)
          return deck.access.offer({ kind, operator, rights, seconds }, actor)
        },
      }),
      {
        title: 'Pair a device',
        about: 'deck',
        help: 'Offer a phone, another terminal or an account at Telegram access to the deck or to one agent, for a minute. Or let an agent outside of pods be known by its key: as kind agent, with its name.',
        cli: 'access pair <kind> <scope>',
        flags: {
          role: { about: 'of a new operator: owner, operator or viewer (default)', value: 'role' },
          operator: { about: 'for a device more of this operator', value: 'id' },
          expires: { about: 'seconds for which the offer is open (60)', value: 'seconds' },
        },
        example: 'clawdeck access pair console deck --role operator',
        keys: ['d'],
        hint: 3,
        hintBeside: ['operator', 'device', 'pairing', 'agent_key'],
        inConsole: 'pair',
        said: offered,
        qr: ({ link }) => (link.startsWith('https:') ? link : undefined),
      },
    ),
    face(
      act({
        id: 'access.pairings',
        needs: 'see',
        audit: 'none',
        input: () => Nothing,
        run: async (deck) => (await deck.access.list()).pairings,
      }),
      {
        title: 'List pairings',
        about: 'deck',
        help: 'Offers that are open or wait for confirmation.',
        cli: 'access pairings',
        example: 'clawdeck access pairings',
        table: pairingTable,
      },
    ),
    act({
      id: 'access.follow',
      needs: 'own',
      audit: 'none',
      stream: true,
      input: () => z.strictObject({ id: Id }),
      run: (deck, { id }, { signal }) => deck.access.follow(id, signal),
    }),
    face(
      act({
        id: 'access.confirm',
        needs: 'own',
        audit: 'own',
        input: () => ToConfirm,
        confirm: async (deck, input) =>
          // Who has the token and the account has all that the code is made of.
          input.token === undefined ? codeOf(deck, input.id) : [],
        run: async (deck, input, { actor }) =>
          deck.access.confirm(await pairingOf(deck, input), input.operator, actor),
      }),
      {
        title: 'Confirm pairing',
        about: 'pairing',
        unavailable: notPresented,
        inConsole: 'confirm-pairing',
        keys: ['y'],
        hint: 1,
        subjectKey: 'id',
        help: 'Trust the device or agent that took an offer, when both screens show the same code.',
        cli: 'access confirm <id> [scope] [token]',
        flags: {
          telegramUserId: {
            about: 'the account that took it, for: access confirm telegram <scope> <token>',
            value: 'number',
          },
          operator: { about: 'the name of the new operator', value: 'id' },
          confirm: { about: 'the code, as code=123456', value: 'what=value', many: true },
        },
        example: 'clawdeck access confirm pai_… --operator ada',
        said: trusted,
      },
    ),
    face(
      act({
        id: 'access.refuse',
        needs: 'own',
        audit: 'own',
        input: () => z.strictObject({ id: Id }),
        run: (deck, { id }, { actor }) => deck.access.refuse(id, actor),
      }),
      {
        title: 'Refuse pairing',
        about: 'pairing',
        unavailable: overAlready,
        keys: ['n'],
        hint: 2,
        subjectKey: 'id',
        help: 'End an offer without trusting anything.',
        cli: 'access refuse <id>',
        example: 'clawdeck access refuse pai_…',
        said: ended,
      },
    ),
  ]),
}

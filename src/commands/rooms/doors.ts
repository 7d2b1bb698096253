import * as z from 'zod'
import { Fault } from '../../base/fault.ts'
import { count, plain } from '../../base/text.ts'
import { doorNoun } from '../../domain/doors/noun.ts'
import type { DoorRow } from '../../domain/doors/types.ts'
import { act } from '../act.ts'
import type { ChatStatus, Deck } from '../deck.ts'
import { face, grouped } from '../face.ts'
import { Nothing } from '../inputs.ts'
import type { Room } from '../room.ts'

const LOOPBACK = '127.0.0.1'
const PORT = 7443

/** One address, not all of them: what is open to a network was chosen. */
export const OwnAddress = z
  .union([z.ipv4(), z.ipv6()])
  .refine(
    (address) => !/^0\.|^[0:]+$|^2(?:2[4-9]|[3-5]\d)\.|^ff/i.test(address),
    'must be one address of this machine',
  )
  // Browsers write the same address in one way only.
  .transform((address) =>
    address.includes(':') ? new URL(`https://[${address}]`).hostname.slice(1, -1) : address,
  )

const Serve = z.strictObject({
  state: z.enum(['on', 'off', 'telegram']).default('on'),
  lan: OwnAddress.optional(),
  port: z.coerce.number().int().min(0).max(65_535).default(PORT),
})

/** `AB:CD:…`, as browsers show it. */
function fingerprintText(fingerprint: string): string {
  return (fingerprint.toUpperCase().match(/../g) ?? []).join(':')
}

function doorText({ state, address, problem }: DoorRow): string {
  if (state === 'closed') return 'The page for phones is off'
  if (address === null) return `The page for phones is on, but not reached: ${plain(problem ?? '')}`
  const until = new Date(address.validUntil).toISOString().slice(0, 10)
  return [
    `The page for phones is at ${address.url}`,
    ...(/^127\.|^::1$/.test(address.place.host)
      ? ['Only this machine reaches it. For others: clawdeck access serve --lan <address>']
      : []),
    `Its certificate is valid until ${until}. Browsers warn of it, for this deck signed it itself.`,
    'Go on if they show this fingerprint (SHA-256):',
    `  ${fingerprintText(address.fingerprint)}`,
    'Pair a phone: clawdeck access pair device deck',
  ].join('\n')
}

/** Fault `not.possible` where no token of a bot is set. */
async function botOf({ supervisor }: Deck): Promise<ChatStatus> {
  const { chat } = await supervisor.status()
  if (chat !== null) return chat
  throw new Fault('not.possible', 'no bot at Telegram is set', {
    hint: 'Make one with BotFather, and give its token: clawdeck access bot telegram',
  })
}

function botText({ bot, chats, problem }: ChatStatus): string {
  const name = bot === null ? 'The bot at Telegram' : `@${plain(bot)}`
  const chatted = `${name} is served to ${count(chats, 'paired chat')}`
  return problem === null ? chatted : `${chatted}, but there is no contact: ${plain(problem)}`
}

/** Acts on the doors that are off until somebody opens them. */
export const doorsRoom: Room = {
  nouns: [doorNoun],
  commands: grouped('Deck', [
    face(
      act({
        id: 'access.serve',
        needs: 'own',
        // How a bot is, is only asked.
        audit: ({ state }) => (state === 'telegram' ? 'none' : 'intent'),
        input: () => Serve,
        run: async (deck, { state, lan, port }, { actor }): Promise<DoorRow | ChatStatus> => {
          const { doors } = deck
          if (state === 'telegram') return botOf(deck)
          if (state === 'off') return doors.close('web', actor)
          return doors.open('web', { host: lan ?? LOOPBACK, port }, actor)
        },
      }),
      {
        title: 'Serve the page for phones',
        about: 'deck',
        help: 'Open the page for paired phones over HTTPS, at the loopback address unless another is named; off closes it. It stays so after a restart. For telegram, how its bot is: it is served as long as its token is set.',
        cli: 'access serve [state]',
        flags: {
          lan: { about: 'an address of this machine that phones can reach', value: 'address' },
          port: { about: `the port (${PORT})`, value: 'port' },
        },
        example: 'clawdeck access serve --lan 192.168.1.5',
        said: (door) => ('bot' in door ? botText(door) : doorText(door)),
      },
    ),
    face(
      act({
        id: 'access.doors',
        needs: 'see',
        audit: 'none',
        input: () => Nothing,
        run: async ({ doors }) => (await doors.list()).filter(({ id }) => id === 'web'),
      }),
      {
        title: 'Show the page for phones',
        about: 'deck',
        help: 'Whether the page for phones is on, where, and with which certificate.',
        cli: 'access doors',
        example: 'clawdeck access doors',
        said: (doors: DoorRow[]) => doors.map(doorText).join('\n') || 'The page for phones is off',
      },
    ),
  ]),
}

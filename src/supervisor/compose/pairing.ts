import { Fault } from '../../base/fault.ts'
import type { Settings } from '../../config/settings.ts'
import { openPairing } from '../../domain/operators/pairing/service.ts'
import type { DeviceKind } from '../../domain/operators/pairing/types.ts'
import type { Doors } from '../../domain/doors/service.ts'
import type { OperatorAccess } from '../../domain/operators/types.ts'
import type { DeckContext } from './context.ts'
import type { DeckRecord } from './record.ts'

/** So much of a fingerprint fits into a small QR code, and nobody makes another one with it. */
const FINGERPRINT_DIGITS = 20

/** How devices of some kinds reach this deck. */
interface Reach {
  addressOf: Doors['addressOf']
  /** The name of the bot at Telegram, once it is known. */
  botName: () => string | undefined
}

/** The pairing of devices, each kind by a link that leads to its own door. */
export async function composePairing(
  { settings, clock, log, parts }: DeckContext,
  { journal, store }: DeckRecord,
  { distrust, ...reach }: Pick<OperatorAccess, 'distrust'> & Reach,
) {
  const links = linksOf(settings, reach)
  const linkOf = (kind: DeviceKind, token: string) => links[kind](token)
  const context = { journal, store, clock, linkOf, cutOff: distrust, problem: log }
  return parts.use(await openPairing(context))
}

/** What whoever takes an offer opens. Fault `not.possible` where no door is open for that kind. */
function linksOf(
  { access }: Settings,
  { addressOf, botName }: Reach,
): Record<DeviceKind, (token: string) => string> {
  return {
    console(token) {
      if (access.socket !== null) return `clawdeck:${access.socket}#${token}`
      throw new Fault('not.possible', 'other consoles cannot reach this deck', {
        hint: 'Set access.socket in config.yaml to a path that they can open, then restart the supervisor.',
      })
    },
    telegram(token) {
      const bot = botName()
      if (bot !== undefined) return `https://t.me/${bot}?start=${token}`
      throw new Fault('not.possible', 'no bot at Telegram is known', {
        hint: 'Set its token: clawdeck access bot telegram. If it is set, see `clawdeck doctor`.',
      })
    },
    device(token) {
      const page = addressOf('web')
      if (page === undefined)
        throw new Fault('not.possible', 'the page for phones is not open', {
          hint: 'Open it: clawdeck access serve, or for the local network: clawdeck access serve --lan <address>',
        })
      // The part after # is not sent: only who has the link knows it.
      return `${page.url}/#${token}.${page.fingerprint.slice(0, FINGERPRINT_DIGITS)}`
    },
  }
}

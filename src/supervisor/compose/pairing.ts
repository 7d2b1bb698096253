import { Fault } from '../../base/fault.ts'
import type { Settings } from '../../config/settings.ts'
import { openPairing } from '../../domain/operators/pairing/service.ts'
import type { PairedKeys } from '../../domain/operators/pairing/trust.ts'
import type { PairingKind, PairingTerms } from '../../domain/operators/pairing/types.ts'
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

type PairingContext = Pick<OperatorAccess, 'distrust'> & Reach & { agentKeys: PairedKeys }

/** The pairing of devices, each kind by a link that leads to its own door. */
export async function composePairing(
  { settings, clock, log, parts }: DeckContext,
  { journal, store }: DeckRecord,
  { distrust, agentKeys, ...reach }: PairingContext,
) {
  const links = linksOf(settings, reach)
  const linkOf = ({ kind, rights }: Pick<PairingTerms, 'kind' | 'rights'>, token: string) =>
    links[kind](token, rights.agents?.[0] ?? '')
  const context = { journal, store, clock, linkOf, agentKeys, cutOff: distrust, problem: log }
  return parts.use(await openPairing(context))
}

/** What whoever takes an offer opens. Fault `not.possible` where no door is open for that kind. */
function linksOf(
  { access }: Settings,
  { addressOf, botName }: Reach,
): Record<PairingKind, (token: string, agent: string) => string> {
  /** At the page. The part after # is not sent: only who has the link knows it. */
  const atPage = (path: string, token: string) => {
    const page = addressOf('web')
    return page && `${page.url}${path}#${token}.${page.fingerprint.slice(0, FINGERPRINT_DIGITS)}`
  }
  const atSocket = (token: string) =>
    access.socket === null ? undefined : `clawdeck:${access.socket}#${token}`
  return {
    agent(token, agent) {
      const link = atPage(`/v1/agents/${agent}`, token) ?? atSocket(token)
      if (link !== undefined) return link
      throw new Fault('not.possible', 'agents outside of pods cannot reach this deck', {
        hint: 'Open the page: clawdeck access serve, or set access.socket in config.yaml.',
      })
    },
    console(token) {
      const link = atSocket(token)
      if (link !== undefined) return link
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
      const link = atPage('/', token)
      if (link !== undefined) return link
      throw new Fault('not.possible', 'the page for phones is not open', {
        hint: 'Open it: clawdeck access serve, or for the local network: clawdeck access serve --lan <address>',
      })
    },
  }
}

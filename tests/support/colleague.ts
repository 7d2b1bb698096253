import { newDeviceKey, sessionOf } from '../../src/doors/access/remote.ts'
import { openLink, openPairingDoor } from '../../src/doors/operator/client.ts'
import type { Link } from '../../src/doors/operator/link.ts'
import type { Device, PairingOffer } from '../../src/domain/operators/pairing/types.ts'
import type { TestDeck } from './deck.ts'

/** Another person who works with a deck, from a terminal of their own. */
export interface Colleague {
  link: Link
  device: string
}

interface Terms {
  role?: 'owner' | 'operator' | 'viewer'
  /** The only agent that they may work with. */
  agent?: string
  /** They are known already: this is another terminal of theirs. */
  again?: boolean
}

/** Pairs a terminal of a person with a deck that was made `withAccess`. */
export async function colleague(
  deck: TestDeck,
  operator: string,
  { role = 'operator', agent = 'deck', again = false }: Terms = {},
): Promise<Colleague> {
  const owner = openLink(deck.home.socket, 'cli', () => undefined)
  const whose = again ? { operator } : {}
  const offer = { kind: 'console', scope: agent, role, ...whose }
  const { pairing, link } = (await owner.do('access.pair', offer)) as PairingOffer
  const { spki, pem } = newDeviceKey()
  const { code } = (await openPairingDoor(deck.accessSocket).do('present', {
    token: link.slice(link.indexOf('#') + 1),
    person: operator,
    device: 'a terminal',
    key: { type: 'ed25519', spki },
  })) as { code: string }
  const confirmed = { id: pairing.id, operator, confirm: { code } }
  const { id } = (await owner.do('access.confirm', confirmed)) as Device
  owner.close()
  const socket = deck.accessSocket
  return {
    device: id,
    link: openLink(socket, 'console', sessionOf({ socket, device: id, key: pem })),
  }
}

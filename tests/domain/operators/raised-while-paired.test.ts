import { afterEach, expect, test } from 'vitest'
import type { PairingOffer } from '../../../src/domain/operators/pairing/types.ts'
import { newDeviceKey } from '../../../src/doors/access/remote.ts'
import { openLink } from '../../../src/doors/operator/client.ts'
import { TestDeck } from '../../support/deck.ts'

const cleanups: (() => unknown)[] = []
afterEach(async () => {
  for (const act of cleanups.splice(0).toReversed()) await act()
})

test('a device that was offered to a viewer is not trusted as that of an owner', async () => {
  const deck = await new TestDeck((act) => cleanups.push(act)).withAccess().start()
  const owner = openLink(deck.home.socket, 'cli')
  cleanups.push(() => owner.close())
  await owner.do('operator.add', { id: 'ben', role: 'viewer' })
  const offer = { kind: 'console' as const, operator: 'ben', seconds: 60 }
  const rights = { role: 'operator' as const, agents: null }
  const { access } = deck.deck
  const { pairing, token }: PairingOffer = await access.offer({ ...offer, rights }, 'test')
  expect(pairing.rights).toEqual({ role: 'viewer', agents: null })
  const identity = { type: 'ed25519' as const, spki: newDeviceKey().spki }
  await access.present({ token, person: 'Ben', device: 'a terminal', identity }, 'guest')
  await owner.do('operator.role', { id: 'ben', role: 'owner' })
  await expect(access.confirm(pairing.id, undefined, 'test')).rejects.toMatchObject({
    code: 'not.possible',
    message: 'the rights of ben were changed since it was offered',
  })
  await owner.do('operator.role', { id: 'ben', role: 'viewer' })
  expect(await access.confirm(pairing.id, undefined, 'test')).toMatchObject({ operator: 'ben' })
})

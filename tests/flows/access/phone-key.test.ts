import { afterEach, expect, test } from 'vitest'
import { openLink, openPairingDoor } from '../../../src/doors/operator/client.ts'
import type { Device, PairingOffer } from '../../../src/domain/operators/pairing/types.ts'
import type { DoorRow } from '../../../src/domain/doors/types.ts'
import { TestDeck } from '../../support/deck.ts'
import { Phone } from '../../support/phone.ts'

const cleanups: (() => unknown)[] = []
afterEach(async () => {
  for (const act of cleanups.splice(0).toReversed()) await act()
})

test("a phone's key opens no session where nothing has to be signed", async () => {
  const deck = await new TestDeck((act) => cleanups.push(act)).withAccess().start()
  const owner = openLink(deck.home.socket, 'cli')
  cleanups.push(() => owner.close())
  const phone = await Phone.at((await owner.do('access.serve', { port: 0 })) as DoorRow)
  const terms = { kind: 'device', scope: 'deck', role: 'operator' }
  const { link } = (await owner.do('access.pair', terms)) as PairingOffer
  const { id, code } = await phone.present(link)
  const confirmed = { id, operator: 'ada', confirm: { code } }
  const { id: device } = (await owner.do('access.confirm', confirmed)) as Device
  await phone.open(device)
  const door = openPairingDoor(deck.accessSocket)
  const { nonce, text } = (await door.do('challenge', { device })) as {
    nonce: string
    text: string
  }
  const signature = await phone.sign(text)
  await expect(door.do('session', { device, nonce, signature })).rejects.toMatchObject({
    code: 'refused',
  })
})

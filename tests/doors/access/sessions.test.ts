import { generateKeyPairSync, sign } from 'node:crypto'
import { expect, test } from 'vitest'
import type { Device } from '../../../src/domain/operators/pairing/types.ts'
import { Sessions } from '../../../src/doors/access/sessions.ts'
import { ManualClock } from '../../support/clock.ts'

test('a device that opens many sessions has the latest of them, and others keep theirs', () => {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519')
  const spki = publicKey.export({ type: 'spki', format: 'der' }).toString('base64')
  const sessions = new Sessions({
    deck: 'deck',
    clock: new ManualClock(),
    trusted: (id) => ({ id, identity: { type: 'ed25519', spki } }) as Device,
  })
  const opened = (device: string): string => {
    const { nonce, text } = sessions.challenge(device)
    const signature = sign(null, Buffer.from(text), privateKey).toString('base64')
    return sessions.open(device, nonce, signature).session
  }
  const other = opened('dev_other')
  const mine = Array.from({ length: 100 }, () => opened('dev_mine'))
  const valid = mine.filter((session) => sessions.deviceOf(session) !== undefined)
  expect(valid).toEqual(mine.slice(-32))
  expect(sessions.deviceOf(other)?.id).toBe('dev_other')
})

import { generateKeyPairSync, sign, type KeyObject } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { badIdentity, pairingCode, signedBy } from '../../../src/domain/operators/pairing/rules.ts'
import type {
  Device,
  DeviceKey,
  PairingTerms,
  Presentation,
} from '../../../src/domain/operators/pairing/types.ts'
import { ManualClock } from '../../support/clock.ts'
import { OPERATOR, TestDeck } from '../../support/deck.ts'

const cleanups: (() => unknown)[] = []
afterEach(async () => {
  for (const act of cleanups.splice(0).toReversed()) await act()
})

function newKey(type: 'ed25519' | 'p256' = 'ed25519'): { key: DeviceKey; secret: KeyObject } {
  const { publicKey, privateKey } =
    type === 'ed25519'
      ? generateKeyPairSync('ed25519')
      : generateKeyPairSync('ec', { namedCurve: 'prime256v1' })
  const spki = publicKey.export({ type: 'spki', format: 'der' }).toString('base64')
  return { key: { type, spki }, secret: privateKey }
}

const TERMS: PairingTerms = {
  kind: 'console',
  operator: null,
  rights: { role: 'viewer', agents: null },
  seconds: 60,
}

describe('a key', () => {
  test.each([
    ['is a public key', newKey().key, undefined],
    ['is a public key', newKey('p256').key, undefined],
    ['has another type', { ...newKey().key, type: 'p256' }, /not a public key of type p256/],
    ['is no key', { type: 'ed25519', spki: 'AAAA' }, /not a public key/],
    ['is empty', { type: 'ed25519', spki: '' }, /not a public key/],
  ] as [string, DeviceKey, RegExp | undefined][])('that %s', (_, key, reason) => {
    if (reason === undefined) expect(badIdentity('console', key)).toBeUndefined()
    else expect(badIdentity('console', key)).toMatch(reason)
  })

  test.each(['ed25519', 'p256'] as const)('of type %s proves who signed', (type) => {
    const { key, secret } = newKey(type)
    const device = { identity: key } as unknown as Device
    const signature = (
      type === 'ed25519'
        ? sign(null, Buffer.from('text'), secret)
        : sign('sha256', Buffer.from('text'), { key: secret, dsaEncoding: 'ieee-p1363' })
    ).toString('base64')
    expect(signedBy(device, 'text', signature)).toBe(true)
    expect(signedBy(device, 'text ', signature)).toBe(false)
    expect(signedBy({ identity: newKey(type).key } as unknown as Device, 'text', signature)).toBe(
      false,
    )
    for (const broken of ['', 'x', `${signature}=`, ` ${signature}`, signature.slice(0, -4)])
      expect(signedBy(device, 'text', broken), broken).toBe(false)
  })

  test('shows another code when the token or the key is another', () => {
    const { key } = newKey()
    expect(pairingCode('token', key)).toMatch(/^\d{6}$/)
    expect(pairingCode('token', key)).toBe(pairingCode('token', { ...key }))
    const codes = Array.from({ length: 20 }, (_, i) => pairingCode(`token${i}`, key))
    expect(new Set(codes).size).toBeGreaterThan(15)
    expect(pairingCode('token', newKey().key)).not.toBe(pairingCode('token', key))
  })
})

describe('pairing', () => {
  let deck: TestDeck
  let clock: ManualClock
  beforeEach(async () => {
    clock = new ManualClock()
    deck = await new TestDeck((act) => cleanups.push(act), clock).withAccess().start()
  })

  async function offered(part: Partial<PairingTerms> = {}) {
    const { pairing, token } = await deck.deck.access.offer({ ...TERMS, ...part }, OPERATOR)
    return { id: pairing.id, token }
  }
  const present = (token: string, part: Partial<Presentation> = {}) =>
    deck.deck.access.present(
      { token, person: 'Ada', device: 'laptop', identity: newKey().key, ...part },
      'guest',
    )
  const types = () => deck.events().map(({ type }) => type)

  test('trusts a device that took an offer, once somebody confirmed it', async () => {
    const { id, token } = await offered()
    const { presented, state } = await present(token)
    expect(state).toBe('presented')
    expect(presented).toMatchObject({ person: 'Ada', device: 'laptop' })
    const device = await deck.deck.access.confirm(id, 'ada', OPERATOR)
    expect(device).toMatchObject({ operator: 'ada', kind: 'console', state: 'trusted' })
    expect(await deck.deck.operators.list('active')).toMatchObject([
      { id: 'ada', role: 'viewer' },
      { id: 'maya' },
    ])
    expect(await deck.deck.access.list()).toMatchObject({
      pairings: [],
      devices: [{ id: device.id }],
    })
    expect(types().slice(-4)).toEqual([
      'pairing.offered',
      'pairing.presented',
      'operator.added',
      'device.trusted',
    ])
  })

  test('keeps no token anywhere', async () => {
    const { token } = await offered()
    const { store } = deck.running.composed.record
    expect(store.prepare('SELECT body FROM event').pluck().all().join()).not.toContain(token)
    expect(JSON.stringify(await deck.deck.access.list())).not.toMatch(/tokenHash/)
    expect(Buffer.from(token, 'base64url').length).toBe(18)
  })

  test('works once: two who take it at the same time are one and a refusal', async () => {
    const { token } = await offered()
    const settled = await Promise.allSettled([present(token), present(token), present(token)])
    expect(settled.map(({ status }) => status).toSorted()).toEqual([
      'fulfilled',
      'rejected',
      'rejected',
    ])
  })

  test('is over on the second', async () => {
    const { token } = await offered()
    clock.advance(59_999)
    const other = await offered()
    clock.advance(1)
    await expect(present(token)).rejects.toMatchObject({ code: 'refused' })
    expect((await present(other.token)).state).toBe('presented')
  })

  test('is over when nobody confirms it, and after a restart', async () => {
    const { id, token } = await offered()
    await present(token)
    clock.advance(10 * 60_000)
    await expect(deck.deck.access.confirm(id, 'ada', OPERATOR)).rejects.toMatchObject({
      code: 'not.possible',
    })
    const open = await offered()
    await deck.stop()
    await deck.start()
    expect((await deck.deck.access.get(open.id)).state).toBe('expired')
    await expect(present(open.token)).rejects.toMatchObject({ code: 'refused' })
  })

  test('ends every open offer after five wrong tokens', async () => {
    const { id, token } = await offered()
    for (let tries = 0; tries < 5; tries++)
      await expect(present(`${token}x`)).rejects.toMatchObject({ code: 'refused' })
    expect((await deck.deck.access.get(id)).state).toBe('locked')
    await expect(present(token)).rejects.toMatchObject({ code: 'refused' })
    expect(types().filter((type) => type === 'pairing.guessed')).toHaveLength(6)
  })

  test('stays open whatever strangers guess at another door', async () => {
    const { id, token } = await offered()
    for (let user = 1; user <= 10; user++) {
      const identity = { type: 'telegram', user } as const
      const stranger = { token: 'x'.repeat(24), person: 'eve', device: 'eve', identity }
      await expect(deck.deck.access.present(stranger, 'guest')).rejects.toMatchObject({
        code: 'refused',
      })
    }
    expect((await deck.deck.access.get(id)).state).toBe('open')
    expect((await present(token)).state).toBe('presented')
  })

  test('takes nothing that is no key', async () => {
    const { token } = await offered()
    await expect(
      present(token, { identity: { type: 'ed25519', spki: 'none' } }),
    ).rejects.toMatchObject({
      code: 'refused',
    })
    expect((await present(token)).state).toBe('presented')
  })

  test('confirms nothing that was not taken, was refused, or is confirmed', async () => {
    const { access } = deck.deck
    const open = await offered()
    await expect(access.confirm(open.id, 'ada', OPERATOR)).rejects.toMatchObject({
      message: 'no device has taken the offer yet',
    })
    await present(open.token)
    await access.refuse(open.id, OPERATOR)
    await expect(access.confirm(open.id, 'ada', OPERATOR)).rejects.toMatchObject({
      message: 'it is refused already',
    })
    const other = await offered()
    await present(other.token)
    await access.confirm(other.id, 'ada', OPERATOR)
    await expect(access.confirm(other.id, 'ada', OPERATOR)).rejects.toMatchObject({
      message: 'it is confirmed already',
    })
  })

  test('never takes the name of somebody else, and never raises rights', async () => {
    const { access, operators } = deck.deck
    await operators.add('ada', { role: 'viewer', agents: null }, OPERATOR)
    const owner = await offered({ rights: { role: 'owner', agents: null } })
    await present(owner.token)
    await expect(access.confirm(owner.id, 'ada', OPERATOR)).rejects.toMatchObject({
      message: 'ada is taken',
    })
    const more = await offered({ operator: 'ada', rights: { role: 'owner', agents: null } })
    await present(more.token)
    await access.confirm(more.id, undefined, OPERATOR)
    expect((await operators.list('active')).find(({ id }) => id === 'ada')?.role).toBe('viewer')
  })

  test('tells whoever follows it what becomes of it', async () => {
    const { id, token } = await offered()
    const states: string[] = []
    const followed = (async () => {
      for await (const { state } of deck.deck.access.follow(id, new AbortController().signal))
        states.push(state)
    })()
    await present(token)
    await deck.deck.access.confirm(id, 'ada', OPERATOR)
    await followed
    expect(states.at(-1)).toBe('confirmed')
  })

  test('a device is revoked once', async () => {
    const { id, token } = await offered()
    await present(token)
    const device = await deck.deck.access.confirm(id, 'ada', OPERATOR)
    await deck.deck.access.revoke(device.id, OPERATOR)
    await expect(deck.deck.access.revoke(device.id, OPERATOR)).rejects.toMatchObject({
      code: 'not.possible',
    })
    expect(deck.running.composed.access.trusted(device.id)).toBeUndefined()
  })
})

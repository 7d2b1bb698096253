import { createPublicKey, generateKeyPairSync, verify } from 'node:crypto'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  canonicalJson,
  DeckClient,
  generateAgentKeys,
  publicKeyPemOf,
  WaitTimeoutError,
  type PrivateKeySource,
  type RsaJwk,
} from '../../src/client/client.ts'
import { ApiStandIn } from '../support/api-stand-in.ts'

const pair = generateKeyPairSync('rsa', { modulusLength: 2048 })
const PUBLIC = pair.publicKey.export({ type: 'spki', format: 'pem' }) as string
const PKCS8 = pair.privateKey.export({ type: 'pkcs8', format: 'pem' }) as string
const PKCS1 = pair.privateKey.export({ type: 'pkcs1', format: 'pem' }) as string
const JWK: RsaJwk = pair.privateKey.export({ format: 'jwk' })

let api: ApiStandIn
beforeAll(async () => {
  api = await ApiStandIn.start()
})
afterAll(() => api[Symbol.asyncDispose]())

function signer(privateKey: PrivateKeySource, agentId = 'tester'): DeckClient {
  return new DeckClient({ baseUrl: api.url, agentId, privateKey })
}

async function webKey(extractable: boolean): Promise<PrivateKeySource> {
  const algorithm = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' }
  return crypto.subtle.importKey('jwk', JWK, algorithm, extractable, ['sign'])
}

describe('a signed action', () => {
  test.each([
    ['PEM', async () => PKCS8],
    ['PEM of OpenSSL', async () => PKCS1],
    ['JWK', async () => ({ ...JWK, alg: 'RS512', use: 'enc' })],
    ['CryptoKey', async () => webKey(false)],
  ])('with a key as %s is verified from the body that was sent', async (_form, key) => {
    api.requests.splice(0)
    await signer(await key()).createAction({
      action_type: 'deploy',
      declared_goal: 'Zürich → 東京 🚀 "now"',
      systems_touched: ['b', 'a'],
      agent_name: null,
      act: { z: 1, a: { c: [1.5, null, true], b: '' }, gone: undefined },
    })
    const { _signature: signature, ...body } = api.requests[0]?.body ?? {}
    const bytes = Buffer.from(canonicalJson(body))
    expect(verify('sha256', bytes, PUBLIC, Buffer.from(signature as string, 'base64'))).toBe(true)
    expect(bytes.toString()).toBe(
      '{"act":{"a":{"b":"","c":[1.5,null,true]},"z":1},"action_type":"deploy","agent_id":"tester",' +
        '"declared_goal":"Zürich → 東京 🚀 \\"now\\"","systems_touched":["b","a"]}',
    )
  })

  test.each([
    ['no key at all', 'not a key'],
    ['another kind of key', { kty: 'EC', crv: 'P-256', x: 'x', y: 'y' }],
    ['a damaged PEM', PKCS8.replace(/[A-Z]{6}/, 'AAAAAA').slice(0, 900)],
  ])('with %s is not sent', async (_what, key) => {
    api.requests.splice(0)
    const creating = signer(key as PrivateKeySource).createAction('deploy', 'Ship')
    await expect(creating).rejects.toMatchObject({ code: 'SIGNING_FAILED' })
    expect(api.requests).toEqual([])
  })

  test('with what has no bytes of its own is not sent', async () => {
    for (const declared_goal of ['half \ud83d', '\udc00'])
      await expect(
        signer(PKCS8).createAction({ action_type: 'deploy', declared_goal }),
      ).rejects.toMatchObject({ code: 'SIGNING_FAILED' })
  })
})

describe('canonical JSON', () => {
  test('is JSON of the same value, whatever order the keys were given in', () => {
    const json = fc.jsonValue({ stringUnit: 'grapheme' })
    fc.assert(
      fc.property(json, (value) => {
        const text = canonicalJson(value)
        expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)))
        expect(canonicalJson(reversed(value))).toBe(text)
      }),
    )
  })

  test('is of what JSON would send, with keys in the order of their text', () => {
    expect(canonicalJson({ b: undefined, a: [undefined], d: new Date(0), n: Number.NaN })).toBe(
      '{"a":[null],"d":"1970-01-01T00:00:00.000Z","n":null}',
    )
    expect(canonicalJson({ 9: 1, 10: 2, a: { '2': 1, '1': 2 } })).toBe(
      '{"10":2,"9":1,"a":{"1":2,"2":1}}',
    )
    const circle: Record<string, unknown> = {}
    circle['itself'] = circle
    for (const value of [1n, circle])
      expect(() => canonicalJson({ value })).toThrow('cannot be written as JSON')
  })
})

function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .toReversed()
      .map(([key, item]) => [key, reversed(item)]),
  )
}

describe('keys', () => {
  test('are made in the forms that are stored and sent', async () => {
    const { privateKeyPem, publicKeyPem, privateJwk } = await generateAgentKeys()
    expect(await publicKeyPemOf(privateKeyPem)).toBe(publicKeyPem)
    expect(await publicKeyPemOf(privateJwk)).toBe(publicKeyPem)
    expect(createPublicKey(publicKeyPem).asymmetricKeyDetails?.modulusLength).toBe(2048)
    expect(await publicKeyPemOf(await webKey(true))).toBe(PUBLIC)
    await expect(publicKeyPemOf(await webKey(false))).rejects.toMatchObject({
      code: 'SIGNING_FAILED',
    })
  })
})

describe('pairing', () => {
  const client = () => new DeckClient({ baseUrl: api.url, agentId: 'tester', agentName: 'Tess' })
  const as = (status: string) => ({ body: { pairing: { id: 'pair_1', status } } })

  test('sends the public half of a private JWK', async () => {
    api.requests.splice(0)
    api.prescribe({ body: { pairing: { id: 'pair_1', status: 'pending' }, pairing_url: 'x' } })
    const { pairing } = await client().createPairingFromPrivateJwk(JWK, { agentName: 'Tessa' })
    expect(pairing.id).toBe('pair_1')
    expect(api.requests[0]?.body).toEqual({
      agent_id: 'tester',
      agent_name: 'Tessa',
      public_key: PUBLIC,
      algorithm: 'RSASSA-PKCS1-v1_5',
    })
  })

  test('is waited for until it is approved, expired, or time is over', async () => {
    api.prescribe(as('pending'), as('pending'), as('approved'))
    expect(await client().waitForPairing('pair_1', { interval: 1 })).toMatchObject({
      status: 'approved',
    })
    api.prescribe(as('pending'), as('expired'))
    await expect(client().waitForPairing('pair_1', { interval: 1 })).rejects.toMatchObject({
      code: 'PAIRING_EXPIRED',
    })
    api.prescribe({ body: 'null' })
    await expect(client().waitForPairing('pair_1')).rejects.toThrow('not in the answer')
    api.prescribe(as('pending'))
    await expect(client().waitForPairing('pair_1', { timeout: 0 })).rejects.toBeInstanceOf(
      WaitTimeoutError,
    )
    const abort = AbortSignal.abort()
    api.prescribe(as('pending'))
    await expect(client().waitForPairing('pair_1', { signal: abort })).rejects.toMatchObject({
      code: 'ABORTED',
    })
  })
})

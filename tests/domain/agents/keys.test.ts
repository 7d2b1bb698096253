import { generateKeyPairSync } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { agentKeyCan, keyFingerprint, parseKey } from '../../../src/domain/agents/keys/rules.ts'
import type { AgentKey } from '../../../src/domain/agents/keys/types.ts'

const pem = (key: { export(options: object): string | Buffer }) =>
  key.export({ type: 'spki', format: 'pem' }).toString()

describe('a public key', () => {
  const pairs = {
    ed25519: generateKeyPairSync('ed25519'),
    p256: generateKeyPairSync('ec', { namedCurve: 'prime256v1' }),
    rsa: generateKeyPairSync('rsa', { modulusLength: 2048 }),
  }
  test.each(Object.entries(pairs))('%s is the same as PEM and as JWK', (type, { publicKey }) => {
    const parsed = parseKey(pem(publicKey))
    expect(parsed.type).toBe(type)
    expect(parseKey(JSON.stringify(publicKey.export({ format: 'jwk' })))).toEqual(parsed)
    expect(keyFingerprint(parsed)).toMatch(/^[0-9a-f]{64}$/)
  })

  const { privateKey } = pairs.ed25519
  test.each([
    ['nothing', ''],
    ['no key', 'hello'],
    ['broken JSON', '{"kty":'],
    ['another kind of JSON', '{"kty":"oct","k":"AAAA"}'],
    ['a private key', privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()],
    ['a private JWK', JSON.stringify(privateKey.export({ format: 'jwk' }))],
    ['a short RSA key', pem(generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey)],
    ['another curve', pem(generateKeyPairSync('ec', { namedCurve: 'secp384r1' }).publicKey)],
    ['a key for secrets', pem(generateKeyPairSync('x25519').publicKey)],
    ['a flood', 'A'.repeat(9000)],
  ])('is not %s', (_name, text) => {
    expect(() => parseKey(text)).toThrow(
      expect.objectContaining({ code: 'input.invalid', hint: expect.stringContaining('openssl') }),
    )
  })
})

test.each<[state: AgentKey['state'], trust: boolean, end: boolean]>([
  ['requested', true, true],
  ['trusted', false, true],
  ['refused', false, false],
  ['expired', false, false],
  ['revoked', false, false],
])('a key that is %s can be trusted: %s, ended: %s', (state, trust, end) => {
  const key = { state, expiresAt: 1000 } as AgentKey
  expect(agentKeyCan.beTrusted(key, 999) === undefined).toBe(trust)
  expect(agentKeyCan.beTrusted(key, 1000)).toBeDefined()
  expect(agentKeyCan.end(key) === undefined).toBe(end)
})

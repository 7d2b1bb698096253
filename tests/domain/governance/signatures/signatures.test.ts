import { constants, generateKeyPairSync, sign } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  identityPairingExpiry,
  identityPairingStatus,
  whyNotApproveIdentity,
} from '../../../../src/domain/governance/identities/rules.ts'
import { canonicalBodies } from '../../../../src/domain/governance/signatures/canonical-body.ts'
import {
  checkSignature,
  identityKey,
  signatureRefusal,
  type SignatureCheck,
} from '../../../../src/domain/governance/signatures/rules.ts'

/** What Python signs (`json.dumps(…, sort_keys=True, separators=(',', ':'), ensure_ascii=False)`). */
const PYTHON: [wire: string, signed: string][] = [
  ['{"b": 1, "a": null, "_signature": "x"}', '{"a":null,"b":1}'],
  ['{"x": 1.0, "y": 1e-07, "z": 1e+16, "n": -0.0}', '{"n":-0.0,"x":1.0,"y":1e-07,"z":1e+16}'],
  ['{"big": 123456789012345678901234567890}', '{"big":123456789012345678901234567890}'],
  ['{"t": "\\u00fc\\n\\u0001\\u007f\\u2028"}', '{"t":"ü\\n\\u0001\u007f\u2028"}'],
  ['{"10": 1, "9": 2}', '{"9":2,"10":1}'],
  ['{"-1": 1, "2.5": 2, "10": 3}', '{"-1":1,"2.5":2,"10":3}'],
  ['{"\\ud83d\\ude00": 1, "\\uff01": 2}', '{"！":2,"😀":1}'],
  ['{"a": {"d": [{"z": 1, "y": 2}], "c": {}}}', '{"a":{"c":{},"d":[{"y":2,"z":1}]}}'],
  ['{"a": 1, "a": 2}', '{"a":2}'],
  ['{"__proto__": {"b": 1}, "a": 1}', '{"__proto__":{"b":1},"a":1}'],
  ['{"nested": {"_signature": 1}, "_signature": "x"}', '{"nested":{"_signature":1}}'],
  ['{}', '{}'],
]

/** What JavaScript signs: numbers as it writes them, keys by UTF-16 unit. */
const JAVASCRIPT: [wire: string, signed: string][] = [
  ['{"x": 1.0, "y": 1e-07, "z": 1e+16}', '{"x":1,"y":1e-7,"z":10000000000000000}'],
  ['{"10": 1, "9": 2}', '{"10":1,"9":2}'],
  ['{"\\ud83d\\ude00": 1, "\\uff01": 2}', '{"😀":1,"！":2}'],
]

describe('the canonical text of a body', () => {
  test.each([...PYTHON, ...JAVASCRIPT])('%s may be %s', (wire, signed) => {
    expect(canonicalBodies(wire)).toContain(signed)
  })

  test.each(['', '{', '[]', '1', 'null', '"a"', '{"a": NaN}', '{"a": Infinity}', '{"a": 01}'])(
    '%s is refused',
    (wire) => {
      expect(canonicalBodies(wire)).toHaveProperty('problem')
    },
  )

  test('is refused when it is nested too deeply, whatever the depth', () => {
    for (const depth of [200, 5000, 500_000]) {
      const wire = `{"a":${'['.repeat(depth)}${']'.repeat(depth)}}`
      expect(canonicalBodies(wire)).toHaveProperty('problem')
    }
  })

  test('stays the same when it is made canonical again', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (value) => {
        const bodies = canonicalBodies(JSON.stringify(value)) as string[]
        for (const body of bodies) expect(canonicalBodies(body)).toContain(body)
      }),
    )
  })

  test('does not depend on the order of keys, and means the same', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (value) => {
        const { _signature, ...rest } = value
        void _signature
        const turned = Object.fromEntries(Object.entries(rest).toReversed())
        const bodies = canonicalBodies(JSON.stringify(rest)) as string[]
        expect(canonicalBodies(JSON.stringify(turned))).toEqual(bodies)
        expect(JSON.parse(bodies[0] as string)).toEqual(JSON.parse(JSON.stringify(rest)))
      }),
    )
  })
})

const pair = generateKeyPairSync('rsa', { modulusLength: 2048 })
const pem = (key: typeof pair.publicKey) => key.export({ type: 'spki', format: 'pem' }) as string
const signed = (text: string) =>
  sign('sha256', Buffer.from(text), {
    key: pair.privateKey,
    padding: constants.RSA_PKCS1_PADDING,
  }).toString('base64')

describe('a signature', () => {
  test.each([...PYTHON, ...JAVASCRIPT])('of %s is verified', (wire, text) => {
    expect(checkSignature(wire, signed(text), pair.publicKey)).toEqual({ kind: 'verified' })
  })

  test.each<[string, unknown, SignatureCheck['kind']]>([
    ['{"a":1}', signed('{"a":2}'), 'invalid'],
    ['{"a":1}', 'not base64!', 'invalid'],
    ['{"a":1}', 7, 'invalid'],
    ['{"a":1}', 'A'.repeat(9999), 'invalid'],
    ['{"a":', signed('{"a":1}'), 'invalid'],
    ['{"a":1}', undefined, 'unsigned'],
    ['{"a":1}', null, 'unsigned'],
    ['{"a":1}', '', 'unsigned'],
  ])('of %s by %s is %s', (wire, signature, kind) => {
    expect(checkSignature(wire, signature, pair.publicKey).kind).toBe(kind)
  })

  test('of an agent without a known key says so', () => {
    expect(checkSignature('{"a":1}', signed('{"a":1}'), null).kind).toBe('unknown-agent')
  })

  test.each<[SignatureCheck['kind'], 'off' | 'known' | 'all', boolean, string | undefined]>([
    ['unsigned', 'off', true, undefined],
    ['invalid', 'off', true, undefined],
    ['unsigned', 'known', false, undefined],
    ['unsigned', 'known', true, 'SIGNATURE_REQUIRED'],
    ['invalid', 'known', true, 'INVALID_AGENT_SIGNATURE'],
    ['unsigned', 'all', false, 'SIGNATURE_REQUIRED'],
    ['unknown-agent', 'all', false, 'INVALID_AGENT_SIGNATURE'],
    ['verified', 'all', true, undefined],
  ])('%s, demanded of %s, identity %s: %s', (...[kind, demand, known, code]) => {
    expect(signatureRefusal({ kind, why: '' } as SignatureCheck, demand, known)).toBe(code)
  })
})

describe('the key of an identity', () => {
  const weak = generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey
  const other = generateKeyPairSync('ed25519').publicKey
  test.each([
    [pem(pair.publicKey), undefined],
    [pem(weak), /2048/],
    [pem(other), /RSA/],
    [pair.privateKey.export({ type: 'pkcs8', format: 'pem' }) as string, /SPKI public key/],
    ['-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----', /cannot be read/],
    ['', /PEM/],
  ])('%#', (text, why) => {
    const read = identityKey(text)
    if (why === undefined) expect(read).toHaveProperty('key')
    else expect('problem' in read ? read.problem : 'read').toMatch(why)
  })
})

describe('a pairing', () => {
  const created = Date.parse('2026-06-15T12:00:00Z')
  const pairing = { status: 'pending' as const, expires_at: identityPairingExpiry(created) }
  const minutes = (n: number) => created + n * 60_000

  test('expires after 15 minutes, unless it is approved', () => {
    expect(identityPairingStatus(pairing, minutes(14.9))).toBe('pending')
    expect(identityPairingStatus(pairing, minutes(15))).toBe('expired')
    expect(identityPairingStatus({ ...pairing, status: 'approved' }, minutes(99))).toBe('approved')
    expect(identityPairingStatus({ ...pairing, expires_at: '?' }, created)).toBe('expired')
  })

  test('is approved once, in time', () => {
    const kind = (given: Parameters<typeof whyNotApproveIdentity>[0], at: number) =>
      whyNotApproveIdentity(given, at)?.kind
    expect(kind(pairing, created)).toBeUndefined()
    expect(kind(undefined, created)).toBe('missing')
    expect(kind(pairing, minutes(16))).toBe('gone')
    expect(kind({ ...pairing, status: 'approved' }, created)).toBe('conflict')
  })
})

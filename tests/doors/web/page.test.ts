import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { canonical, sha256 } from '../../../src/base/canonical.ts'
import { plain } from '../../../src/base/text.ts'
import { seenDigest } from '../../../src/domain/approvals/rules.ts'
import type { Approval } from '../../../src/domain/approvals/types.ts'
import { pairingCode } from '../../../src/domain/operators/pairing/rules.ts'
import { actText, codeOf, digestHex, seenDigestOf } from '../../../src/doors/web/page/digest.ts'
import { markedParts } from '../../../src/doors/web/page/marks.ts'
import { foreign } from '../../../src/doors/web/origin.ts'
import { textToSign } from '../../../src/doors/web/signatures.ts'
import { PRESENT_RATE, Visitors } from '../../../src/doors/web/visitors.ts'

describe('the page computes what the deck computes', () => {
  test('digests of any value', async () => {
    await fc.assert(
      fc.asyncProperty(fc.jsonValue(), async (value) => {
        expect(await digestHex(value)).toBe(sha256(canonical(value)))
      }),
    )
  })

  test('what was shown of an approval', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.string(),
        fc.dictionary(fc.string(), fc.jsonValue()),
        async (id, more) => {
          const approval = {
            id,
            action: { type: 'exec', target: 'x', ...more },
          } as never as Approval
          expect(await seenDigestOf(approval)).toBe(seenDigest([approval]))
        },
      ),
    )
  })

  test('the code of a pairing, and the text that is signed', async () => {
    expect(await codeOf('token', 'spki')).toBe(pairingCode('token', { type: 'p256', spki: 'spki' }))
    const input = { ids: ['apr_1'], note: 'ü', confirm: { seen: 'abc' } }
    const [deck, device, nonce, at, act] = ['ed25519:1', 'dev_1', 'n', 7, 'approval.allow']
    expect(await actText({ deck, device }, { nonce, at }, act, input)).toBe(
      textToSign({ deck, device, nonce, at, act, input }),
    )
  })
})

describe('what cannot be seen', () => {
  test('is marked where it stands, and the rest is as it was', () => {
    expect(markedParts('a\u202eb\nc\u00a0')).toEqual([
      { text: 'a', hidden: '' },
      { text: '�', hidden: 'U+202E' },
      { text: 'b', hidden: '' },
      { text: '⏎', hidden: 'U+000A' },
      { text: 'c', hidden: '' },
      { text: '␣', hidden: 'U+00A0' },
    ])
  })

  test('is all that is marked, of any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => {
        const parts = markedParts(text)
        expect(parts.map((part) => part.text).join('')).toBe(plain(text, Infinity))
        const seen = parts.filter((part) => part.hidden === '').map((part) => part.text)
        for (const part of seen) expect(plain(part, Infinity)).toBe(part)
      }),
    )
  })
})

describe('a request', () => {
  const known = new Set(['10.0.0.5:7443'])
  const own = { host: '10.0.0.5:7443', origin: 'https://10.0.0.5:7443' }
  test.each([
    ['of the page', own, undefined],
    ['of the page, as browsers say it', { ...own, 'sec-fetch-site': 'same-origin' }, undefined],
    ['to another name', { ...own, host: 'rebound.example:7443' }, 'another host'],
    ['to another port', { ...own, host: '10.0.0.5:7444' }, 'another host'],
    ['without a name', { origin: own.origin }, 'another host'],
    ['without an origin', { host: own.host }, 'another origin'],
    ['of another site', { ...own, origin: 'https://evil.example' }, 'another origin'],
    ['of a frame without an origin', { ...own, origin: 'null' }, 'another origin'],
    ['of a page without TLS', { ...own, origin: 'http://10.0.0.5:7443' }, 'another origin'],
    ['that a browser calls foreign', { ...own, 'sec-fetch-site': 'cross-site' }, 'another site'],
  ])('%s', (_what, headers, why) => {
    expect(foreign(headers, known, 'data')).toBe(why)
  })

  test('for a file needs the right name only', () => {
    expect(foreign({ host: own.host }, known, 'file')).toBeUndefined()
    expect(foreign({ host: 'evil.example' }, known, 'file')).toBe('another host')
  })
})

test('those who try much wait, each by their own address', () => {
  const visitors = new Visitors(PRESENT_RATE)
  const tries = Array.from({ length: 60 }, () => visitors.mayTry('10.0.0.6'))
  expect(tries.slice(0, 10).every((wait) => wait === 0)).toBe(true)
  expect(tries.at(-1)).toBeGreaterThan(0)
  expect(visitors.mayTry('10.0.0.7')).toBe(0)
  for (let i = 0; i < 2000; i++) visitors.mayTry(`10.1.${i >> 8}.${i & 255}`)
  expect(visitors.mayTry('10.0.0.6')).toBe(0)
})

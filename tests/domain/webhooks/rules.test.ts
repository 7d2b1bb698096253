import { createHmac } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { masked, messageOf } from '../../../src/domain/webhooks/message.ts'
import {
  badUrl,
  failurePause,
  isAbout,
  isAddressedTo,
  MOST_ATTEMPTS,
  retryWait,
  signatureOf,
  typeMatcher,
} from '../../../src/domain/webhooks/rules.ts'
import type { DeckEvent } from '../../../src/journal/types.ts'

describe('waiting after failures', () => {
  const random = fc.double({ min: 0, max: 1, noNaN: true })

  test('grows, is bounded, and is at least half of what it could be', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 10_000 }), random, (attempts, chance) => {
        for (const [wait, longest] of [
          [retryWait, 15 * 60_000],
          [failurePause, 60_000],
        ] as const) {
          const most = wait(attempts, 1)
          expect(most).toBeLessThanOrEqual(longest)
          expect(wait(attempts, chance)).toBeGreaterThanOrEqual(Math.round(most / 2))
          expect(wait(attempts, chance)).toBeLessThanOrEqual(most)
          expect(wait(attempts + 1, 1)).toBeGreaterThanOrEqual(most)
        }
      }),
    )
  })

  test('all attempts of a delivery take some hours', () => {
    const all = Array.from({ length: MOST_ATTEMPTS - 1 }, (_, i) => retryWait(i + 1, 0.5))
    expect(all.reduce((a, b) => a + b) / 3_600_000).toBeGreaterThan(1.5)
    expect(retryWait(1, 0)).toBe(500)
  })
})

describe('who hears what', () => {
  test('by patterns of types, but never of what webhooks do', () => {
    const fits = typeMatcher(['approval.*', 'agent.failed'])
    expect(['approval.requested', 'agent.failed', 'agent.started'].map(fits)).toEqual([
      true,
      true,
      false,
    ])
    expect(['webhook.added', 'webhook.dead_lettered'].map(typeMatcher(['*']))).toEqual([
      false,
      false,
    ])
  })

  test('by agents, and whatever is addressed to it', () => {
    expect(isAbout({ agents: null }, '')).toBe(true)
    expect([isAbout({ agents: ['a1'] }, 'a1'), isAbout({ agents: ['a1'] }, '')]).toEqual([
      true,
      false,
    ])
    const to = (list: unknown) =>
      isAddressedTo({ body: { to: list } } as unknown as DeckEvent, 'ops')
    expect([['webhook:ops'], ['webhook:opsx'], 'webhook:ops', undefined].map(to)).toEqual([
      true,
      false,
      false,
      false,
    ])
  })

  test.each([
    ['example.com/hook', /address such as/],
    ['javascript:alert(1)', /use https/],
    ['https://me:pass@example.com/', /user name/],
    ['https://example.com/#part', /#/],
    ['https://example.com/hook?key=1', undefined],
    ['http://127.0.0.1:80/', undefined],
  ])('%s', (url, why) => {
    if (why === undefined) expect(badUrl(url)).toBeUndefined()
    else expect(badUrl(url)).toMatch(why)
  })
})

describe('a message', () => {
  const event = (body: unknown) =>
    ({
      seq: 7,
      at: 1,
      actor: 'agent:a1',
      type: 'approval.requested',
      subject: 'a1',
      body,
      hash: 'f'.repeat(64),
      prev: '',
    }) as unknown as DeckEvent

  test('is signed over time and body, as the help says', () => {
    const text = messageOf(event({ id: 'apr_1' }), 'whk.7', 'deck')
    const expected = createHmac('sha256', 'whsec_x').update(`1700000000.${text}`).digest('hex')
    expect(signatureOf('whsec_x', 1_700_000_000_999, text)).toBe(`t=1700000000,v1=${expected}`)
    expect(JSON.parse(text)).toEqual({
      delivery: 'whk.7',
      deck: 'deck',
      event: {
        seq: 7,
        at: 1,
        actor: 'agent:a1',
        type: 'approval.requested',
        subject: 'a1',
        body: { id: 'apr_1' },
      },
    })
  })

  test('is bounded whatever the event holds', () => {
    fc.assert(
      fc.property(
        fc.object({ maxDepth: 6, maxKeys: 60 }),
        fc.integer({ min: 0, max: 6 }),
        (body, n) => {
          const text = messageOf(event({ ...body, long: 'x'.repeat(10 ** n) }), 'd', 'k')
          expect(text.length).toBeLessThan(20_000)
          expect(JSON.parse(text).event.seq).toBe(7)
        },
      ),
      { numRuns: 50 },
    )
  })

  test('leaves out what checks or proves something, and raw inputs', () => {
    const text = messageOf(
      event({
        keyHash: 'x1',
        tokenHash: 'x2',
        presented: { key: { spki: 'x3' }, code: 'x4' },
        input: 'x5',
        action: { argv: ['x6'], extra: { a: 'x7' }, type: 'exec', target: 'make' },
      }),
      'd',
      'k',
    )
    expect(text).not.toMatch(/x[1-7]/)
    expect(text).toContain('"target":"make"')
  })

  test.each([
    [
      "curl -H 'Authorization: Bearer abc.def-123' https://x",
      "curl -H 'Authorization: ***' https://x",
    ],
    ['PGPASSWORD=hunter2 psql', 'PGPASSWORD=*** psql'],
    ['mysql --password hunter2 -e x', 'mysql --password *** -e x'],
    ['git clone https://me:hunter2@host/r.git', 'git clone https://me:***@host/r.git'],
    ['export GH=ghp_0123456789abcdefghij', 'export GH=***'],
    ['{"api_key": "hunter2"}', '{"api_key": "***"}'],
    ['git push origin main', 'git push origin main'],
    ['make password-reset-page', 'make password-reset-page'],
  ])('masks what looks like a credential: %s', (text, shown) => {
    expect(masked(text)).toBe(shown)
  })
})

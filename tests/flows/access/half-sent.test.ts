import { once } from 'node:events'
import { request } from 'node:https'
import { afterEach, describe, expect, test } from 'vitest'
import { PageDeck } from '../../support/page-deck.ts'
import { textOf, type Phone } from '../../support/phone.ts'

const cleanups: (() => unknown)[] = []
afterEach(async () => {
  for (const act of cleanups.splice(0).toReversed()) await act()
})

/** Posts the head of a request, waits until the door has it, and sends the body after `between`. */
async function inTwoParts(
  { url, session }: Phone,
  path: string,
  { body, between }: { body: object; between: () => Promise<unknown> },
): Promise<{ status: number | undefined; text: string }> {
  const text = JSON.stringify(body)
  const sending = request({
    hostname: url.hostname,
    port: url.port,
    path,
    method: 'POST',
    rejectUnauthorized: false,
    agent: false,
    headers: {
      'content-type': 'application/json',
      'content-length': String(Buffer.byteLength(text)),
      expect: '100-continue',
      origin: url.origin,
      authorization: `Bearer ${session}`,
    },
  })
  cleanups.push(() => sending.destroy())
  sending.flushHeaders()
  await once(sending, 'continue')
  await between()
  const answered = once(sending, 'response') as Promise<Parameters<typeof textOf>>
  sending.end(text)
  const [response] = await answered
  return { status: response.statusCode, text: await textOf(response) }
}

describe('a request that was begun before its device was revoked', () => {
  test.each(['/v1/follow', '/v1/do/agent.list', '/v1/nonce'])('%s is refused', async (path) => {
    const page = await PageDeck.open((act) => cleanups.push(act))
    const phone = await page.phone()
    const answer = await inTwoParts(phone, path, {
      body: { input: {} },
      between: () => page.owner.do('access.revoke', { id: phone.device }),
    })
    expect(answer.status).not.toBe(200)
    expect(answer.text).toContain('not valid any more')
  })
})

import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { PageDeck } from '../../support/page-deck.ts'
import { Phone, textOf } from '../../support/phone.ts'

const cleanups: (() => unknown)[] = []
let page: PageDeck
beforeEach(async () => {
  page = await PageDeck.open((act) => cleanups.push(act))
})
afterEach(async () => {
  for (const act of cleanups.splice(0).toReversed()) await act()
})

const refused = { code: 'refused' }
const events = (type: string) => page.deck.events().filter((event) => event.type === type)

describe('a signature', () => {
  test('is wanted for everything that is more than to see', async () => {
    const phone = await page.phone()
    const { approval } = await page.question(phone)
    const { input, nonce, signature } = await phone.signedInput('allow', approval)
    // A session that was stolen has no key.
    const thief = await Phone.at(page.door)
    thief.session = phone.session
    thief.device = phone.device
    await phone.follow().next()
    for (const body of [
      { input },
      { input, nonce },
      { input, signature },
      { input, nonce: 'made-up', signature },
      await thief.signedInput('allow', approval),
    ])
      await expect(thief.ask('/v1/do/approval.allow', body)).rejects.toMatchObject(refused)
    await expect(thief.ask('/v1/do/agent.stop', { input: { agent: 'a1' } })).rejects.toMatchObject({
      ...refused,
      message: expect.stringContaining('signature') as string,
    })
    // What is tried again is told of later, as one.
    expect(events('act.refused').map(({ body }) => body)).toMatchObject([
      { act: 'approval.allow' },
      { act: 'agent.stop' },
    ])
    expect(events('approval.decided')).toEqual([])
  })

  test('is worth nothing twice, for another question, decision, act or input', async () => {
    const phone = await page.phone()
    const { agent, approval } = await page.question(phone)
    const { id: other } = await agent.exec('npm publish')
    const swapped = [
      ['approval.allow', { ids: [other] }],
      ['approval.allow', { note: 'go ahead' }],
      ['approval.allow', { uses: 1000 }],
      ['approval.deny', {}],
    ] as const
    for (const [act, change] of swapped) {
      const signed = await phone.signedInput('allow', approval)
      const body = { ...signed, input: { ...signed.input, ...change } }
      await expect(phone.ask(`/v1/do/${act}`, body), act).rejects.toMatchObject(refused)
      // The nonce is used up, also for what was meant.
      await expect(phone.ask('/v1/do/approval.allow', signed)).rejects.toMatchObject(refused)
    }
    const signed = await phone.signedInput('allow', approval)
    await phone.ask('/v1/do/approval.allow', signed)
    await expect(phone.ask('/v1/do/approval.allow', signed)).rejects.toMatchObject(refused)
    expect(events('act.refused').map(({ body }) => body)).toMatchObject([
      { act: 'approval.allow' },
      { act: 'approval.deny' },
    ])
    expect(events('approval.decided')).toHaveLength(1)
  })

  test('is of exactly what was shown', async () => {
    const phone = await page.phone()
    const { approval } = await page.question(phone)
    const shown = { ...approval, action: { ...approval.action, target: 'git status' } }
    for (const verb of ['allow', 'deny'] as const) {
      await expect(phone.decide(verb, shown)).rejects.toMatchObject({ code: 'confirmation.needed' })
      const input = { ids: [approval.id], confirm: {} }
      const blind = await phone.signedInput(verb, approval, { confirm: {} })
      await expect(phone.ask(`/v1/do/approval.${verb}`, { ...blind, input })).rejects.toMatchObject(
        refused,
      )
    }
    expect(events('approval.decided')).toEqual([])
  })

  test('of high risk names the risk', async () => {
    const phone = await page.phone()
    const { approval } = await page.question(phone, { reversible: false, systems: ['production'] })
    expect(approval.risk.score).toBeGreaterThanOrEqual(phone.reader?.highRisk ?? 101)
    const unnamed = { ...approval, risk: { ...approval.risk, score: 1 } }
    await expect(phone.decide('allow', unnamed)).rejects.toMatchObject({
      code: 'confirmation.needed',
      confirm: [{ what: 'risk' }],
    })
    expect(await phone.decide('allow', approval)).toMatchObject({ failed: [] })
  })

  test('of another device opens no session, and none is taken from another door', async () => {
    const [ada, ben] = [await page.phone(), await page.phone({}, 'ben')]
    await expect(ada.open(ben.device)).rejects.toMatchObject(refused)
    await expect(ada.open('dev_unknown')).rejects.toMatchObject(refused)
    ada.session = 'cdk_made-up'
    await expect(ada.waiting()).rejects.toMatchObject(refused)
    const { key } = (await page.owner.do('operator.key', { id: 'night' })) as { key: string }
    ada.session = key
    await expect(ada.waiting()).rejects.toMatchObject(refused)
    expect(events('door.refused').map(({ body }) => body)).toEqual([
      { id: 'web', why: 'a wrong signature', times: 1 },
      { id: 'web', why: 'no session', times: 1 },
    ])
  })
})

describe('other sites', () => {
  test('get nothing, by whatever name they lead here', async () => {
    const phone = await page.phone()
    const own = phone.url.host
    const attempts: Record<string, string | undefined>[] = [
      { origin: undefined },
      { origin: 'https://evil.example' },
      { origin: 'null' },
      { origin: `http://${own}` },
      { 'sec-fetch-site': 'cross-site' },
      { 'sec-fetch-site': 'same-site' },
      { host: 'evil.example', origin: 'https://evil.example' },
      { host: `evil.example:${phone.url.port}`, origin: `https://evil.example:${phone.url.port}` },
      { host: `127.0.0.1.nip.io:${phone.url.port}` },
    ]
    for (const headers of attempts) {
      const response = await phone.post('/v1/nonce', {}, { headers })
      expect([response.statusCode, await textOf(response)]).toEqual([
        403,
        expect.stringContaining('came from another') as string,
      ])
    }
    const rebound = await phone.send('/', { headers: { host: 'evil.example' } })
    expect(rebound.statusCode).toBe(403)
    // A form of another site can post no JSON.
    const form = { headers: { 'content-type': 'text/plain' } }
    expect((await phone.post('/v1/nonce', '{}', form)).statusCode).toBe(404)
    expect(events('door.refused').map(({ body }) => body)).toEqual([
      { id: 'web', why: 'another origin', times: 1 },
      { id: 'web', why: 'another site', times: 1 },
      { id: 'web', why: 'another host', times: 1 },
    ])
  })

  test('cannot frame it, and everything it serves is strict', async () => {
    const phone = await Phone.at(page.door)
    let bytes = 0
    for (const path of ['/', '/page.js', '/page.css', '/icon.svg', '/manifest.webmanifest']) {
      const response = await phone.send(path, {})
      bytes += (await textOf(response)).length
      expect([path, response.statusCode]).toEqual([path, 200])
      expect(response.headers).toMatchObject({
        'cache-control': 'no-store',
        'referrer-policy': 'no-referrer',
        'x-content-type-options': 'nosniff',
        'x-frame-options': 'DENY',
        'content-security-policy': expect.stringMatching(
          /default-src 'none'; script-src 'self';.*frame-ancestors 'none'/,
        ) as string,
      })
      expect(response.headers['set-cookie']).toBeUndefined()
    }
    expect(bytes).toBeLessThan(48 * 1024)
    for (const path of ['/../package.json', '/web.pem', '//', '/v1', '/page.js.map'])
      expect((await phone.send(path, {})).statusCode, path).toBe(404)
  })
})

import { afterEach, describe, expect, test } from 'vitest'
import { addressRules } from '../../../src/adapters/outbound/addresses.ts'
import { outboundPost } from '../../../src/adapters/outbound/post.ts'
import { Receiver } from '../../support/receiver.ts'

const cleanups: (() => unknown)[] = []
afterEach(async () => {
  for (const act of cleanups.splice(0).toReversed()) await act()
})
const receiver = () => Receiver.open((act) => cleanups.push(act))
const message = (url: string) => ({
  url,
  headers: {},
  body: '{}',
  signal: new AbortController().signal,
})
const LOCAL = { allowPrivate: ['127.0.0.1'] }

describe('which addresses may be sent to', () => {
  test.each([
    '127.0.0.1',
    '127.9.9.9',
    '0.0.0.0',
    '10.1.2.3',
    '172.31.0.1',
    '192.168.1.1',
    '100.64.0.1',
    '169.254.169.254',
    '224.0.0.1',
    '255.255.255.255',
    '192.0.2.1',
    '198.18.0.1',
    '::1',
    '::',
    '::ffff:127.0.0.1',
    '::ffff:a9fe:a9fe',
    '::7f00:1',
    'fe80::1',
    'fc00::1',
    'fd00:ec2::254',
    'ff02::1',
    'fec0::1',
    '64:ff9b::7f00:1',
    '2002:7f00:1::',
    '2001::1',
    'not an address',
  ])('%s is refused', (address) => {
    expect(addressRules([]).refusal('a.example', address, true)).toMatch(/^a\.example /)
  })

  test.each(['1.1.1.1', '8.8.8.8', '2606:4700:4700::1111'])('%s is public', (address) => {
    const rules = addressRules([])
    expect(rules.refusal('a.example', address, true)).toBeUndefined()
    expect(rules.refusal('a.example', address, false)).toMatch(/use https/)
  })

  test('settings allow a network, an address or a host, and never metadata by a name', () => {
    const rules = addressRules(['10.1.0.0/16', '192.168.1.7', 'alerts.lan', 'fd12::/16'])
    const allowed = (host: string, address: string) =>
      rules.refusal(host, address, false) === undefined
    expect(allowed('a.example', '10.1.255.255')).toBe(true)
    expect(allowed('a.example', '10.2.0.1')).toBe(false)
    expect(allowed('a.example', '::ffff:10.1.0.1')).toBe(true)
    expect(allowed('a.example', '192.168.1.7')).toBe(true)
    expect(allowed('a.example', '192.168.1.8')).toBe(false)
    expect(allowed('a.example', 'fd12::1')).toBe(true)
    expect(allowed('Alerts.LAN', '172.16.0.1')).toBe(true)
    expect(allowed('alerts.lan', '169.254.169.254')).toBe(false)
    expect(allowed('alerts.lan', '8.8.8.8')).toBe(false)
    expect(addressRules(['169.254.169.254/32']).refusal('m', '169.254.169.254', false)).toBe(
      undefined,
    )
  })
})

describe('a post', () => {
  test('arrives with its headers, and answers with what came back', async () => {
    const server = await receiver()
    const answer = await outboundPost(LOCAL).post({
      ...message(server.url),
      headers: { 'clawdeck-delivery': 'd1' },
      body: '{"a":"ü"}',
    })
    expect(answer).toEqual({ status: 200, text: 'thanks', body: 'thanks' })
    expect(server.received).toMatchObject([
      { text: '{"a":"ü"}', headers: { 'clawdeck-delivery': 'd1', host: expect.any(String) } },
    ])
  })

  test.each([
    ['http://127.0.0.1:1/', /not a public address/],
    ['http://0x7f.1:1/', /not a public address/],
    ['http://2130706433:1/', /not a public address/],
    ['https://[::1]:1/', /not a public address/],
    ['https://[::ffff:127.0.0.1]:1/', /not a public address/],
    ['http://8.8.8.8/', /use https/],
    ['ftp://8.8.8.8/', /not https/],
  ])('to %s is refused', async (url, why) => {
    await expect(outboundPost({ allowPrivate: [] }).post(message(url))).rejects.toMatchObject({
      code: 'refused',
      message: expect.stringMatching(why),
    })
  })

  test('to a name that leads to a private address, among others too, is refused', async () => {
    for (const addresses of [['10.0.0.1'], ['8.8.8.8', '169.254.169.254']]) {
      const post = outboundPost({ allowPrivate: [], resolve: async () => addresses })
      await expect(post.check('https://a.example/')).rejects.toMatchObject({ code: 'refused' })
      await expect(post.post(message('https://a.example/'))).rejects.toMatchObject({
        code: 'refused',
      })
    }
    const nowhere = outboundPost({ allowPrivate: [], resolve: async () => [] })
    await expect(nowhere.check('https://a.example/')).rejects.toMatchObject({
      message: 'a.example has no address',
    })
  })

  test('goes to the address that was checked, whatever the name leads to a moment later', async () => {
    const server = await receiver()
    const other = await receiver()
    let asked = 0
    const post = outboundPost({
      allowPrivate: ['127.0.0.1'],
      resolve: async () => (asked++ === 0 ? ['127.0.0.1'] : ['127.0.0.2']),
    })
    await post.post(message(`http://a.example:${server.port}/`))
    expect([asked, server.received.length, other.received.length]).toEqual([1, 1, 0])
    expect(server.received[0]?.headers.host).toBe(`a.example:${server.port}`)
  })

  test('follows no redirect', async () => {
    const secret = await receiver()
    const server = await receiver()
    server.behaviour = (_request, response) =>
      void response.writeHead(307, { location: secret.url }).end()
    expect(await outboundPost(LOCAL).post(message(server.url))).toMatchObject({
      status: 307,
      text: '',
    })
    expect(secret.received).toEqual([])
  })

  test('reads little of an answer without an end, and shows it safely', async () => {
    const server = await receiver()
    let written = 0
    server.behaviour = (_request, response) => {
      const more = () => {
        for (let i = 0; i < 64; i++) response.write(Buffer.alloc(16_384, '\u001b[2J'))
        written++
      }
      response.on('drain', more)
      more()
    }
    const { status, text } = await outboundPost(LOCAL).post(message(server.url))
    expect(status).toBe(200)
    expect(text.length).toBeLessThanOrEqual(1024)
    expect(text).not.toContain('\u001b')
    expect(written).toBeLessThan(20)
  })

  test('answers with all that came, as it came, up to what is wanted', async () => {
    const server = await receiver()
    const wanted = (maxAnswer: number) =>
      outboundPost(LOCAL).post({ ...message(server.url), maxAnswer })
    server.behaviour = (_request, response) => void response.end('{\n"a": 1}')
    expect(await wanted(9)).toMatchObject({ body: '{\n"a": 1}' })
    const { body, text } = await wanted(8)
    expect([body, text.includes('\n')]).toEqual([undefined, false])
    server.behaviour = (_request, response) => void response.end('x'.repeat(300_000))
    expect((await wanted(300_000)).body?.length).toBe(300_000)
  })

  test('to who never answers, or never ends its answer, ends in time', async () => {
    const server = await receiver()
    const post = outboundPost({ ...LOCAL, timeoutMs: 100 })
    server.behaviour = () => undefined
    await expect(post.post(message(server.url))).rejects.toMatchObject({ code: 'timeout' })
    await expect(
      outboundPost(LOCAL).post({ ...message(server.url), timeoutMs: 100 }),
    ).rejects.toMatchObject({ code: 'timeout', message: 'no answer within 0.1 s' })
    server.behaviour = (_request, response) => void response.writeHead(200).write('a')
    await expect(post.post(message(server.url))).rejects.toMatchObject({ code: 'timeout' })
    const silent = outboundPost({
      allowPrivate: [],
      timeoutMs: 100,
      resolve: () => Promise.withResolvers<string[]>().promise,
    })
    await expect(silent.post(message('https://a.example/'))).rejects.toMatchObject({
      code: 'timeout',
    })
  })

  test('to nobody says so', async () => {
    const server = await receiver()
    const { url } = server
    await server.close()
    await expect(outboundPost(LOCAL).post(message(url))).rejects.toMatchObject({
      code: 'not.possible',
      message: expect.stringContaining('ECONNREFUSED'),
    })
  })
})

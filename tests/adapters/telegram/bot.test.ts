import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createServer, type Server } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { telegramBot } from '../../../src/adapters/telegram/bot.ts'
import { readUpdate } from '../../../src/adapters/telegram/updates.ts'
import { BotApi, TOKEN } from '../../support/bot-api.ts'

const going = new AbortController().signal
let api: BotApi
beforeEach(async () => {
  api = await new BotApi().start()
})
afterEach(() => api.stop())

describe('the bot', () => {
  test.each([
    [
      { code: 429, description: 'Too Many Requests', retryAfter: 5 },
      { kind: 'flood', waitMs: 5000 },
    ],
    [
      { code: 429, retryAfter: 1e9 },
      { kind: 'flood', waitMs: 3_600_000 },
    ],
    [
      { code: 429, retryAfter: -1 },
      { kind: 'flood', waitMs: 1000 },
    ],
    [
      { code: 500, description: 'Internal' },
      { kind: 'unreachable', message: '500: Internal' },
    ],
    [{ code: 401 }, { kind: 'token' }],
    [{ code: 403, description: 'Forbidden: bot was blocked by the user' }, { kind: 'blocked' }],
    [{ code: 400, description: 'Bad Request: chat not found' }, { kind: 'blocked' }],
    [
      { code: 400, description: 'Bad Request: x\u202e\n' },
      { kind: 'invalid', message: 'Bad Request: x�⏎' },
    ],
    [{ body: '{"ok":true,"result":{"message_id":"1"}}' }, { kind: 'unreachable' }],
    [{ body: 'null' }, { kind: 'unreachable' }],
    [{ body: '' }, { kind: 'unreachable' }],
    [{ body: `"${'x'.repeat(9 << 20)}"` }, { message: 'its answer is too long' }],
  ])('reports %j as what it is', async (trouble, refusal) => {
    api.trouble('sendMessage', trouble)
    const sent = telegramBot(TOKEN, api.root).send(7, { text: 'x' }, going)
    await expect(sent).rejects.toMatchObject({ name: 'ChatRefusal', ...refusal })
  })

  test('keeps its token to itself, also where nobody listens and where it is sent elsewhere', async () => {
    const elsewhere: Server = createServer((_request, response) => {
      response.writeHead(302, { location: `${api.root}/stolen` }).end()
    }).listen(0, '127.0.0.1')
    await once(elsewhere, 'listening')
    const { port } = elsewhere.address() as AddressInfo
    const roots = [`http://127.0.0.1:${port}`, 'http://127.0.0.1:1']
    for (const root of roots) {
      const thrown = (await telegramBot(TOKEN, root)
        .me(going)
        .catch((one: unknown) => one)) as Error
      expect(thrown).toMatchObject({ kind: 'unreachable' })
      expect(JSON.stringify(Object.entries(thrown)) + String(thrown.stack)).not.toContain(TOKEN)
      expect(thrown.cause).toBeUndefined()
    }
    expect(api.calls).toEqual([])
    elsewhere.close()
  })
})

describe('an update', () => {
  const chat = { id: 7, type: 'private' }
  const from = { id: 7, is_bot: false, first_name: 'Ada', last_name: 'L', username: 'ada' }
  const message = { message_id: 1, chat, from, text: 'hi' }

  test('of a person in a private chat is read', () => {
    expect(readUpdate({ update_id: 5, message } as never)).toEqual({
      id: 5,
      kind: 'said',
      from: { user: 7, name: 'Ada L (@ada)' },
      message: 1,
      text: 'hi',
      replyTo: undefined,
    })
  })

  test('that is huge is cut', () => {
    const huge = 'x'.repeat(4 << 20)
    const read = readUpdate({
      update_id: 5,
      message: { ...message, text: huge, from: { ...from, first_name: huge } },
    } as never)
    expect(JSON.stringify(read).length).toBeLessThan(5000)
  })

  test.each([
    { message: { ...message, chat: { id: -1, type: 'group' } } },
    { message: { ...message, chat: { id: 8, type: 'private' } } },
    { message: { ...message, from: { ...from, is_bot: true } } },
    { message: { ...message, from: { ...from, id: '7' } } },
    { message: { ...message, forward_origin: {} } },
    { message: { ...message, via_bot: {} } },
    { message: { ...message, from: undefined } },
    { edited_message: message },
    { channel_post: message },
    { callback_query: { id: 'x', from, data: 'x' } },
    { callback_query: { id: 'x', from: { ...from, id: 8 }, data: 'x', message } },
    { callback_query: { id: 'x', from, message } },
    {},
  ])('%# of anybody or anything else is not', (update) => {
    expect(readUpdate({ update_id: 5, ...update } as never)).toEqual({ id: 5, kind: 'other' })
  })
})

import { readFileSync, statSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { TOKEN } from '../../support/bot-api.ts'
import { until } from '../../support/until.ts'
import { ChatDeck } from './chat-deck.ts'

const cleanups: (() => unknown)[] = []
let chat: ChatDeck
beforeEach(async () => {
  chat = await new ChatDeck((act) => cleanups.push(act)).start()
})
afterEach(async () => {
  for (const act of cleanups.splice(0).toReversed()) await act()
})

describe('the token', () => {
  test('is stored for the owner alone, and named nowhere else', async () => {
    expect(statSync(chat.deck.home.telegramBot).mode & 0o777).toBe(0o600)
    const { store } = chat.deck.running.composed.record
    expect(store.prepare('SELECT body FROM event').pluck().all().join()).not.toContain(TOKEN)
    chat.api.down()
    await until('the outage is noticed', async () => {
      const status = (await chat.owner.do('supervisor.status')) as {
        chat: { problem: string | null }
      }
      return status.chat.problem !== null
    })
    expect(
      chat.deck.log.join('\n') + JSON.stringify(await chat.owner.do('supervisor.status')),
    ).not.toContain(TOKEN.slice(5))
  })

  test('that is wrong is refused, and changes nothing', async () => {
    for (const token of ['nonsense', '77:AAtest-token-of-a-bot-that-is-not-there'])
      await expect(chat.owner.do('chat.connect', { token })).rejects.toMatchObject({
        code: 'input.invalid',
        message: expect.not.stringContaining(token) as string,
      })
    expect(readFileSync(chat.deck.home.telegramBot, 'utf8')).toContain(TOKEN)
  })

  test('is forgotten when it is removed', async () => {
    expect(await chat.owner.do('chat.disconnect')).toEqual({ bot: 'deck_bot' })
    expect(await chat.owner.do('supervisor.status')).toMatchObject({ chat: null })
    await expect(chat.offered()).rejects.toMatchObject({ code: 'not.possible' })
    await chat.deck.stop()
    await chat.deck.start()
    expect(await chat.owner.do('supervisor.status')).toMatchObject({ chat: null })
  })
})

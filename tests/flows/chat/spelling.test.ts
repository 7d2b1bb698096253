import { afterEach, beforeEach, expect, test } from 'vitest'
import { typed } from '../../support/typed.ts'
import { ChatDeck } from './chat-deck.ts'

const cleanups: (() => unknown)[] = []
let chats: ChatDeck
beforeEach(async () => {
  chats = await new ChatDeck((act) => cleanups.push(act)).start()
})
afterEach(async () => {
  for (const act of cleanups.splice(0).toReversed()) await act()
})

const clawdeck = (line: string) => typed(chats.deck, ...line.split(' '))

test('an account is paired, listed and revoked by agent, token and number', async () => {
  const { out } = await clawdeck('access pair telegram a1 --role operator --expires 60 --json')
  const { token } = JSON.parse(out) as { token: string }
  const ada = chats.person(4711, 'Ada')
  ada.says(`/start ${token}`)
  await ada.sees(/Your code is/)

  const confirm = `access confirm telegram a1 ${token} --operator ada`
  expect(await clawdeck(`${confirm} --telegram-user-id 4712`)).toMatchObject({ code: 3 })
  expect(await clawdeck(`access confirm telegram a1 wrong --telegram-user-id 4711`)).toMatchObject({
    code: 3,
  })
  expect(await clawdeck(`${confirm} --telegram-user-id 4711`)).toMatchObject({ code: 0 })
  await ada.sees(/You are paired/)

  expect((await clawdeck('access list telegram a1')).out).toContain('ada')
  expect((await clawdeck('access list telegram b1')).out).not.toContain('ada')
  expect((await clawdeck('access list device')).out).not.toContain('ada')
  expect((await clawdeck('access serve telegram')).out).toContain('1 paired chat')

  expect(await clawdeck('access revoke telegram a1 4711')).toMatchObject({ code: 0 })
  expect(await clawdeck('access revoke telegram a1 4711')).toMatchObject({ code: 3 })
  expect((await clawdeck('access list telegram')).out).not.toContain('ada')
})

test('without a bot, its door says how to set one', async () => {
  await chats.owner.do('chat.disconnect')
  const { code, err } = await clawdeck('access serve telegram')
  expect(code).toBe(1)
  expect(err).toContain('clawdeck access bot telegram')
})

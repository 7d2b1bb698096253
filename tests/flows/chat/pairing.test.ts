import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Device } from '../../../src/domain/operators/pairing/types.ts'
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

describe('somebody who opens the link', () => {
  test('is paired once the code that the bot shows was confirmed at the deck', async () => {
    const ada = chat.person(7, 'Ada')
    const { pairing, link, token } = await chat.offered({ role: 'operator' })
    expect(link).toBe(`https://t.me/deck_bot?start=${token}`)
    expect(token).toMatch(/^[A-Za-z0-9_-]{1,64}$/)
    ada.says(`/start ${token}`)
    const shown = await ada.sees(/Your code is \d{6}/)
    const refused = chat.owner.do('access.confirm', { id: pairing.id, operator: 'ada' })
    await expect(refused).rejects.toMatchObject({
      code: 'confirmation.needed',
      message: expect.stringMatching(
        /^Ada \(@u7\) with Telegram account 7 becomes a device of a new operator/,
      ) as string,
    })
    const code = /\d{6}/.exec(shown.text)?.[0]
    const device = await chat.owner.do('access.confirm', {
      id: pairing.id,
      operator: 'ada',
      confirm: { code },
    })
    expect(device).toMatchObject({
      kind: 'telegram',
      operator: 'ada',
      identity: { type: 'telegram', user: 7 },
    })
    await ada.sees(/You are paired/)
  })

  test('is nobody before that, and when it is refused', async () => {
    const ada = chat.person(7)
    const { pairing, token } = await chat.offered()
    ada.says(`/start ${token}`)
    await ada.sees(/Your code is/)
    ada.says('/approvals')
    await chat.owner.do('access.refuse', { id: pairing.id })
    await ada.sees(/You were not paired/)
    expect(ada.screen).toHaveLength(2)
  })

  test('cannot use a link twice, nor one that is over', async () => {
    const { token } = await chat.offered()
    const [ada, eve] = [chat.person(7), chat.person(8, 'Eve')]
    ada.says(`/start ${token}`)
    await ada.sees(/Your code is/)
    eve.says(`/start ${token}`)
    await chat.deck.event(({ type }) => type === 'chat.messages_ignored')
    expect(eve.screen).toEqual([])
  })

  test('is told from somebody whose account is paired already', async () => {
    await chat.paired('ada', 7)
    const { pairing, token } = await chat.offered()
    chat.person(7).says(`/start ${token}`)
    const taken = await chat.deck.event(
      ({ type, body }) =>
        type === 'pairing.presented' && (body as { id: string }).id === pairing.id,
    )
    const { presented } = taken.body as { presented: { code: string } }
    const confirm = { code: presented.code }
    await expect(
      chat.owner.do('access.confirm', { id: pairing.id, operator: 'eve', confirm }),
    ).rejects.toMatchObject({ code: 'not.possible', message: /it is dev_\w+ of ada already/ })
  })
})

describe('who is not paired', () => {
  test('gets nothing, and is counted by few events', async () => {
    const eve = chat.person(66, '\u202eEve\u0000'.repeat(40))
    for (let i = 0; i < 200; i++) eve.says(i % 2 === 0 ? '/approvals' : `/start ${'x'.repeat(43)}`)
    await until('all were taken', () => chat.api.kept === 0)
    expect(eve.screen).toEqual([])
    expect(
      chat.types().filter((type) => type.startsWith('chat.') || type.startsWith('pairing.')),
    ).toEqual(['chat.bot_connected', 'chat.messages_ignored'])
    await chat.deck.stop()
    await chat.deck.start()
    expect(await chat.owner.do('supervisor.status')).toMatchObject({ chat: { ignored: 200 } })
  })

  test('is nobody any more right after they were revoked', async () => {
    const agent = await chat.deck.agent('a1')
    const ada = await chat.paired('ada', 7)
    await agent.exec('npm install left-pad')
    const shown = await ada.sees(/a1 asks/)
    const [device] = (await chat.owner.do('access.list')) as Device[]
    await chat.owner.do('access.revoke', { id: device?.id })
    const before = ada.screen.length
    ada.taps(shown, /Allow/)
    await chat.deck.event(({ type }) => type === 'chat.messages_ignored')
    expect(chat.decisions()).toEqual([])
    await agent.exec('npm install right-pad')
    expect(ada.screen).toHaveLength(before)
  })

  test('is whoever writes in a group, by a bot, or forwards', async () => {
    const ada = await chat.paired('ada', 7)
    const before = ada.screen.length
    const message = ada.message('/agents')
    chat.api.deliver(
      { message: { ...message, chat: { id: -5, type: 'group' } } },
      { message: { ...message, from: { ...message.from, is_bot: true } } },
      { message: { ...message, forward_origin: { type: 'user' } } },
      { message: { ...message, via_bot: { id: 1 } } },
      { message: { ...message, text: 5 } },
      { edited_message: message },
      { channel_post: message },
      { message: null },
    )
    await until('all were taken', () => chat.api.kept === 0)
    ada.says('/help')
    await ada.sees(/^What this bot does/)
    expect(ada.screen).toHaveLength(before + 1)
  })
})

import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { ChatStatus } from '../../../src/commands/deck.ts'
import type { ChatUser } from '../../support/chat-user.ts'
import { ManualClock } from '../../support/clock.ts'
import type { TestAgent } from '../../support/deck.ts'
import { until } from '../../support/until.ts'
import { ChatDeck } from './chat-deck.ts'

const cleanups: (() => unknown)[] = []
let clock: ManualClock
let chat: ChatDeck
let agent: TestAgent
let ada: ChatUser
beforeEach(async () => {
  clock = new ManualClock()
  chat = await new ChatDeck((act) => cleanups.push(act), clock).start()
  agent = await chat.deck.agent('a1')
  ada = await chat.paired('ada', 7)
})
afterEach(async () => {
  for (const act of cleanups.splice(0).toReversed()) await act()
})

async function problem(fits: (status: ChatStatus) => boolean): Promise<ChatStatus> {
  return until('the state of the chat is so', async () => {
    const { chat: status } = (await chat.owner.do('supervisor.status')) as { chat: ChatStatus }
    return fits(status) ? status : undefined
  })
}

/** Lets time pass in small steps until something has happened, as waiting would. */
async function timePasses(what: string, happened: () => boolean): Promise<void> {
  await until(what, () => {
    if (happened()) return true
    clock.advance(250)
    return false
  })
}

const asks = () => ada.screen.filter(({ text }) => /a1 asks: exec/.test(text))

describe('while Telegram cannot be reached', () => {
  test('nothing is decided, and everything is shown later', async () => {
    chat.api.down()
    await agent.exec('npm install left-pad')
    await agent.exec('npm install right-pad')
    expect(await problem((status) => status.problem !== null)).toMatchObject({ bot: 'deck_bot' })
    expect(chat.decisions()).toEqual([])
    chat.api.up()
    await timePasses('both are shown', () => asks().length === 2)
    await problem((status) => status.problem === null)
    expect(chat.decisions()).toEqual([])
  })

  test('what expires is denied, and the message says so later', async () => {
    await agent.exec('npm install left-pad')
    const shown = await ada.sees(/a1 asks/)
    await chat.deck.event(({ type }) => type === 'chat.approval_shown')
    chat.api.down()
    await agent.exec('npm install right-pad')
    await problem((status) => status.problem !== null)
    clock.advance(5 * 60_000)
    chat.api.up()
    await timePasses('the message is edited', () => /nobody answered in time/.test(shown.text))
    expect(asks()).toHaveLength(0)
    expect(chat.decisions()).toEqual([])
  })

  test('a tap counts as soon as it comes through, once', async () => {
    const asked = agent.exec('npm install left-pad', 20)
    const shown = await ada.sees(/a1 asks/)
    chat.api.trouble('answerCallbackQuery', { silent: true }, 100)
    chat.api.trouble('editMessageText', { code: 502 }, 3)
    ada.taps(shown, /Allow/)
    expect(await asked).toMatchObject({ decision: 'allow' })
    await timePasses('the message is edited', () => shown.text.startsWith('✓ Allowed by ada'))
    expect(chat.decisions()).toHaveLength(1)
  })
})

describe('the service', () => {
  test('that is asked too much is left alone as long as it says', async () => {
    chat.api.trouble('sendMessage', { code: 429, description: 'Too Many Requests', retryAfter: 7 })
    const before = chat.api.called('sendMessage').length
    await agent.exec('npm install left-pad')
    await until('it was refused', () => chat.api.called('sendMessage').length === before + 1)
    await agent.exec('npm install right-pad')
    clock.advance(6999)
    await chat.owner.do('supervisor.status')
    expect(chat.api.called('sendMessage')).toHaveLength(before + 1)
    await timePasses('both are shown', () => asks().length === 2)
    expect(chat.api.called('sendMessage')).toHaveLength(before + 3)
  })

  test.each([
    [{ code: 500 }, /500/],
    [{ code: 401, description: 'Unauthorized' }, /token is not valid/],
    [{ code: 409, description: 'Conflict' }, /another program uses this bot/],
    [{ body: 'x'.repeat(9 << 20) }, /too long/],
    [{ body: '<html>' }, /not that of a Bot API|invalid-json/],
  ])('that answers %# wrongly is named, and asked again', async (trouble, words) => {
    chat.api.trouble('getUpdates', trouble)
    ada.says('/help')
    const { problem: named } = await problem((status) => status.problem !== null)
    expect(named).toMatch(words)
    ada.says('/agents')
    await timePasses('it is heard again', () =>
      ada.screen.some(({ text }) => text.startsWith('a1: up')),
    )
  })

  test('that tells updates twice, or in another order, has them decided once', async () => {
    const asked = agent.exec('npm install left-pad', 20)
    const shown = await ada.sees(/a1 asks/)
    const data = (n: number) => shown.reply_markup?.inline_keyboard[0]?.[n]?.callback_data ?? ''
    const [allow, deny] = [ada.tapUpdate(shown, data(0)), ada.tapUpdate(shown, data(1))]
    chat.api.deliver(
      { ...deny.update, update_id: 5001 },
      { ...allow.update, update_id: 5000 },
      { ...allow.update, update_id: 5000 },
    )
    expect(await asked).toMatchObject({ decision: 'allow' })
    expect(await ada.answered(deny.id)).toMatch(/^You decided already\. ✓ Allowed by ada/)
    chat.api.deliver({ ...allow.update, update_id: 5000 }, { ...deny.update, update_id: 4000 })
    await until('all were taken', () => chat.api.kept === 0)
    expect(chat.decisions()).toHaveLength(1)
    expect(chat.api.called('answerCallbackQuery').length).toBeLessThanOrEqual(3)
  })

  test('that is blocked by one person still shows others everything', async () => {
    const bob = await chat.paired('bob', 8)
    chat.api.trouble('sendMessage', { code: 403, description: 'Forbidden: bot was blocked' })
    await agent.exec('npm install left-pad')
    await until('one of them sees it', () =>
      [ada, bob].some(({ screen }) => screen.some(({ text }) => /a1 asks/.test(text))),
    )
  })
})

describe('a week of silence', () => {
  test('lets the numbers of updates begin anew', async () => {
    clock.advance(7 * 86_400_000)
    chat.api.deliver({ message: ada.message('/help'), update_id: 5 })
    await timePasses('it is heard', () =>
      ada.screen.some(({ text }) => text.startsWith('What this bot does')),
    )
    await until('it may be forgotten', () => chat.api.kept === 0)
  })
})

describe('a deck that starts again', () => {
  test('knows which message shows what, and how far updates were taken', async () => {
    const { id } = await agent.exec('npm install left-pad')
    const shown = await ada.sees(/a1 asks/)
    await chat.deck.event(({ type }) => type === 'chat.approval_shown')
    await chat.deck.stop()
    const { update } = ada.tapUpdate(shown, 'nonsense')
    chat.api.deliver(update)
    await chat.deck.start()
    await until('the update was taken', () => chat.api.kept === 0)
    await chat.owner.do('approval.deny', { ids: [id] })
    await until('the message is edited', () => shown.text.startsWith('✗ Denied by maya'))
    expect(ada.screen.filter(({ text }) => /a1 ask/.test(text))).toHaveLength(1)
    const polls = chat.api.called('getUpdates')
    await chat.deck.stop()
    await chat.deck.start()
    await until('it asks for updates', () => chat.api.called('getUpdates').length > polls.length)
    expect(chat.api.called('getUpdates').at(-1)?.params['offset']).toBeGreaterThan(1000)
  })

  test('does not show again what a crash left shown but not written down, twice to decide', async () => {
    const asked = agent.exec('npm install left-pad', 20)
    const shown = await ada.sees(/a1 asks/)
    const copy = { ...structuredClone(shown), id: chat.api.newMessageId() }
    chat.api.messages.push(copy)
    await chat.deck.event(({ type }) => type === 'chat.approval_shown')
    ada.taps(copy, /Allow/)
    expect(await asked).toMatchObject({ decision: 'allow' })
    await until('both say it', () =>
      [shown, copy].every(({ text }) => text.startsWith('✓ Allowed')),
    )
    expect(chat.decisions()).toHaveLength(1)
  })
})

describe('the digest', () => {
  test('comes once a day, also after a restart', async () => {
    await chat.deck.stop()
    const digests = () => ada.screen.filter(({ text }) => text.startsWith('The last 24 hours'))
    await chat.restartWith('digestAt: "08:00"')
    await agent.exec('npm install left-pad')
    clock.advance(36 * 3_600_000)
    await until('the digest came', () => digests().length === 1)
    expect(digests()[0]?.text).toMatch(/1 agent, 1 running\n[01] requests?: 0 allowed/)
    await chat.deck.event(({ type }) => type === 'chat.digest_sent')
    await chat.deck.stop()
    await chat.deck.start()
    ada.says('/help')
    await ada.sees(/^What this bot does/)
    expect(digests()).toHaveLength(1)
  })
})

describe('many requests', () => {
  test('are shown up to a number, and the others named', async () => {
    for (let i = 0; i < 25; i++) await agent.exec(`npm install p${i}`)
    await ada.sees(/20 requests are shown here, and more wait/)
    expect(asks()).toHaveLength(20)
    const [first] = asks()
    if (first !== undefined) ada.taps(first, /Deny/)
    await until('another one is shown', () => asks().length === 20)
    expect(ada.screen.filter(({ text }) => /more wait/.test(text))).toHaveLength(1)
  })
})

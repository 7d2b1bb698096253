import { afterEach, describe, expect, test } from 'vitest'
import { labels } from '../../support/chat-user.ts'
import { ChatDeck } from './chat-deck.ts'

const cleanups: (() => unknown)[] = []
afterEach(async () => {
  for (const act of cleanups.splice(0).toReversed()) await act()
})

const deckWith = (to: string) =>
  new ChatDeck((act) => cleanups.push(act)).start(
    'digestAt: null',
    `escalation: [{ after: 0.01, to: ["operator:${to}"] }]\n`,
  )

describe('what is escalated to an operator', () => {
  test('is told in their chat, with the request and its buttons below', async () => {
    const chat = await deckWith('ada')
    const agent = await chat.deck.agent('a1')
    const ada = await chat.paired('ada', 7)
    const asked = agent.exec('npm install left-pad', 20)
    await ada.sees(/^This is escalated to you: a1 asks: exec npm install left-pad/)
    const told = await chat.deck.event(({ type }) => type === 'alert.told')
    expect(told.body).toMatchObject({ told: ['operator:ada'], failed: [] })
    const shown = await ada.sees(/a1 asks: exec\n/)
    expect(labels(shown)).toEqual(['Allow', 'Deny', 'Details'])
    ada.taps(shown, /Allow/)
    expect(await asked).toMatchObject({ decision: 'allow' })
  })

  test('is told to nobody whose rights do not reach so far', async () => {
    const chat = await deckWith('ada')
    const agent = await chat.deck.agent('a1')
    await chat.deck.agent('a2')
    const ada = await chat.paired('ada', 7, { scope: 'a2' })
    await agent.exec('npm install left-pad')
    const told = await chat.deck.event(({ type }) => type === 'alert.told')
    expect(told.body).toMatchObject({
      told: [],
      failed: [{ to: 'operator:ada', why: 'no chat of ada may hear of this' }],
    })
    expect(JSON.stringify(ada.screen)).toContain('You are paired')
    expect(JSON.stringify(ada.screen)).not.toContain('left-pad')
  })

  test('says so when they have no device', async () => {
    const chat = await deckWith('bo')
    const agent = await chat.deck.agent('a1')
    await chat.paired('ada', 7)
    await agent.exec('npm install left-pad')
    const told = await chat.deck.event(({ type }) => type === 'alert.told')
    expect(told.body).toMatchObject({
      failed: [{ to: 'operator:bo', why: 'bo cannot be reached now' }],
    })
  })
})

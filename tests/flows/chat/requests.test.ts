import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { labels } from '../../support/chat-user.ts'
import type { TestAgent } from '../../support/deck.ts'
import { until } from '../../support/until.ts'
import { ChatDeck } from './chat-deck.ts'

/** What makes a push a high risk. */
const STAKES = { reversible: false, systems: ['production'] }

const cleanups: (() => unknown)[] = []
let chat: ChatDeck
beforeEach(async () => {
  chat = await new ChatDeck((act) => cleanups.push(act)).start()
})
afterEach(async () => {
  for (const act of cleanups.splice(0).toReversed()) await act()
})

describe('a request', () => {
  let agent: TestAgent
  beforeEach(async () => {
    agent = await chat.deck.agent('a1')
  })

  test('is shown with all that is needed, and one tap allows it', async () => {
    const ada = await chat.paired('ada', 7)
    const asked = agent.exec('npm install left-pad', 20)
    const shown = await ada.sees(/a1 asks: exec/)
    expect(shown.text).toContain('\nnpm install left-pad\n')
    expect(shown.text).toMatch(/Risk \d+ of 100\n {2}[+-]\d+ /)
    expect(shown.text).toMatch(/Why it needs approval\n {2}\S/)
    expect(shown.text).toMatch(/Denied unless it is allowed in \d:\d\d, by \d\d:\d\d:\d\d$/)
    expect(labels(shown)).toEqual(['Allow', 'Deny', 'Details'])
    const tap = ada.taps(shown, /Allow/)
    expect(await asked).toMatchObject({ decision: 'allow' })
    expect(await ada.answered(tap)).toBe('Allowed')
    await ada.sees(/^✓ Allowed by ada \(telegram\) at/)
    expect(labels(shown)).toEqual([])
    expect(chat.decisions()).toHaveLength(1)
    expect(chat.decisions()[0]?.actor).toMatch(/^operator:ada\/telegram\/dev_\w+$/)
  })

  test('of high risk takes a second tap, with the risk named', async () => {
    const ada = await chat.paired('ada', 7)
    const asked = agent.ask({ type: 'exec', target: 'git push origin main', ...STAKES }, 20)
    const shown = await ada.sees(/a1 asks: exec/)
    ada.taps(shown, /^Allow$/)
    await ada.sees(/Risk \d+ of 100: allow this for a1\?/)
    expect(chat.decisions()).toEqual([])
    const [second] = labels(shown)
    expect(second).toMatch(/^Allow at risk \d+$/)
    ada.taps(shown, /Allow at risk/)
    expect(await asked).toMatchObject({ decision: 'allow' })
  })

  test('is denied with a reason by a reply', async () => {
    const ada = await chat.paired('ada', 7)
    const asked = agent.exec('npm install left-pad', 20)
    const shown = await ada.sees(/a1 asks: exec/)
    ada.reasons(shown, 'use the one that we have')
    const offer = await ada.sees(/Decide with your reason/)
    ada.taps(offer, /Deny/)
    expect(await asked).toMatchObject({
      decision: 'block',
      reasons: [{ text: expect.stringContaining('use the one that we have') as string }],
    })
    await ada.sees(/^✗ Denied by ada/)
    await until('both messages say what came of it', () =>
      [shown, offer].every(({ text }) => /^✗ Denied by ada.*Reason: use the one/s.test(text)),
    )
  })

  test('that somebody else decides says so in the message, and to a late tap', async () => {
    const ada = await chat.paired('ada', 7)
    const { id } = await agent.exec('npm install left-pad')
    const shown = await ada.sees(/a1 asks: exec/)
    const stale = structuredClone(shown)
    await chat.owner.do('approval.deny', { ids: [id], note: 'no' })
    await ada.sees(/^✗ Denied by maya \(cli\)/)
    const tap = ada.taps(stale, /Allow/)
    expect(await ada.answered(tap)).toMatch(/^Too late\. ✗ Denied by maya \(cli\) at/)
    expect(chat.decisions()).toHaveLength(1)
  })

  test('shows hidden characters as marks, and long ones in several messages', async () => {
    const ada = await chat.paired('ada', 7)
    const target = `echo \u202e${'x'.repeat(3000)} \u200bend`
    await agent.ask({ type: 'exec', target, argv: [] })
    const last = await ada.sees(/a1 asks: exec/)
    const [first, second] = ada.screen.slice(-3)
    expect(first?.text).toMatch(/^Part 1 of 3 of what a1 wants to run:\necho '\ufffdx+/)
    expect(second?.text).toMatch(/^Part 2 of 3 of/)
    expect(last.text).toContain('�end')
    for (const { text, entities } of ada.screen.slice(-3)) {
      expect(text.length).toBeLessThanOrEqual(4096)
      expect(entities?.map(({ type }) => type)).toEqual(['pre'])
    }
    expect(labels(last)).toContain('Allow')
  })

  test('that was not shown as it is cannot be allowed there', async () => {
    const ada = await chat.paired('ada', 7)
    chat.api.storedAs = (text) => text.replace('left-pad', '')
    await agent.exec('npm install left-pad')
    const shown = await ada.sees(/a1 asks: exec/)
    await chat.deck.event(({ type }) => type === 'chat.approval_shown')
    const tap = ada.taps(shown, /Allow/)
    expect(await ada.answered(tap)).toMatch(/not shown whole here/)
    expect(chat.decisions()).toEqual([])
  })

  test('is not decided by made-up buttons, nor by those of another chat', async () => {
    const [ada, bob] = [await chat.paired('ada', 7), await chat.paired('bob', 8, { scope: 'b1' })]
    const { id } = await agent.exec('npm install left-pad')
    const shown = await ada.sees(/a1 asks: exec/)
    expect(bob.screen.some(({ text }) => /asks/.test(text))).toBe(false)
    const [row] = shown.reply_markup?.inline_keyboard ?? []
    const data = row?.[0]?.callback_data ?? ''
    expect(await bob.answered(bob.forges(shown, data))).toMatch(/Not done: .*needs rights for a1/)
    for (const forged of [
      '',
      'x',
      `allow:${id}:0000000000000000`,
      `${data}x`,
      `deny:${'9'.repeat(50)}`,
    ])
      await ada.answered(ada.forges(shown, forged))
    expect(chat.decisions()).toEqual([])
  })

  test('is seen by a viewer, who decides nothing', async () => {
    const vera = await chat.paired('vera', 9, { role: 'viewer' })
    const { id } = await agent.exec('npm install left-pad')
    const shown = await vera.sees(/a1 asks: exec/)
    expect(labels(shown)).toEqual(['Details'])
    const tap = vera.forges(shown, `deny:${id}:0000000000000000`)
    expect(await vera.answered(tap)).toMatch(/Not done: deny needs the right to decide/)
    expect(chat.types()).toContain('act.refused')
  })

  test('tells its details, what waits and which agents there are', async () => {
    const ada = await chat.paired('ada', 7)
    await agent.ask({ type: 'exec', target: 'npm i x', argv: ['npm', 'i', 'x'], goal: 'build it' })
    ada.taps(await ada.sees(/a1 asks: exec/), /Details/)
    await ada.sees(/Goal: build it\n/)
    ada.says('/approvals')
    const list = await ada.sees(/^1\. risk \d+ · a1 · npm i x · \d:\d\d left$/)
    ada.taps(list, /Show 1/)
    await until(
      'it is shown again',
      () => ada.screen.filter(({ text }) => /a1 asks: exec/.test(text)).length === 2,
    )
    ada.says('/agents')
    await ada.sees(/^a1: up · 1 request waiting$/)
    ada.says('what?')
    await ada.sees(/^What this bot does/)
  })
})

describe('freezing', () => {
  test('freezes with one tap, thaws and stops with two', async () => {
    await chat.deck.agent('a1')
    await chat.deck.agent('b1')
    const ada = await chat.paired('ada', 7)
    ada.says('/freeze')
    const question = await ada.sees(/Freeze which agent/)
    expect(labels(question)).toEqual(['Freeze a1', 'Freeze b1', 'Freeze all 2'])
    ada.taps(question, /Freeze a1/)
    await ada.sees(/^Frozen: 1 agent$/)
    expect(chat.deck.events().find(({ type }) => type === 'agent.frozen')).toMatchObject({
      subject: 'a1',
      actor: expect.stringMatching(/^operator:ada\/telegram/),
    })
    ada.says('/agents')
    await ada.sees(/a1: up · frozen by ada/)
    ada.says('/thaw')
    const frozen = await ada.sees(/Thaw which agent/)
    ada.taps(frozen, /Thaw a1/)
    const sure = await ada.sees(/^Thaw a1\?/)
    ada.taps(sure, /Yes, thaw a1/)
    await ada.sees(/^Thawed: 1 agent$/)
    ada.says('/stop')
    const stopping = await ada.sees(/Stop which agent/)
    ada.taps(stopping, /Stop a1/)
    await ada.sees(/^Stop a1\?/)
    expect(chat.types()).not.toContain('agent.stop_requested')
    ada.taps(stopping, /Yes, stop a1/)
    await ada.sees(/^Stopped: 1 agent$/)
    const stop = chat.deck.events().find(({ type }) => type === 'agent.stop_requested')
    expect(stop).toMatchObject({ subject: 'a1' })
  })
})

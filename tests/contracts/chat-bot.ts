import { afterEach, describe, expect, test } from 'vitest'
import { ChatRefusal } from '../../src/base/chat-refusal.ts'
import type { ChatBot, ChatMessage } from '../../src/ports/chat-bot.ts'

/** A bot, and a person on the other side. */
export interface ChatScene {
  bot: ChatBot
  says(text: string): void
  /** Taps on the first button of a message; the id of the tap. */
  taps(message: number): string
  /** What the person sees of a message. */
  seen(message: number): { text: string; labels: string[] } | undefined
  answered(tap: string): string | undefined
  end(): Promise<void>
}

const PERSON = 7
const QUESTION: ChatMessage = {
  text: 'one\nrm -rf <b>*_x_*</b> [a](tg://x) &amp;\ntwo',
  blocks: [{ from: 4, to: 41 }],
  buttons: [[{ label: 'Yes', data: 'yes:1' }], [{ label: 'No', data: 'no:1' }]],
}

/** What every bot of a chat service does. */
export function chatBotContract(name: string, open: () => Promise<ChatScene>): void {
  describe(`a bot of ${name}`, () => {
    let scene: ChatScene | undefined
    const going = new AbortController().signal
    afterEach(async () => {
      await scene?.end()
      scene = undefined
    })
    const opened = async () => (scene = await open())

    test('knows its name and number', async () => {
      const { bot } = await opened()
      const { id, name: called } = await bot.me(going)
      expect(id).toBeGreaterThan(0)
      expect(called).toMatch(/^\w+_bot$/)
    })

    test('sends text as it is, with buttons, and replaces both', async () => {
      const { bot, seen } = await opened()
      const { message, text } = await bot.send(PERSON, QUESTION, going)
      expect(text).toBe(QUESTION.text)
      expect(seen(message)).toEqual({ text: QUESTION.text, labels: ['Yes', 'No'] })
      await bot.edit(PERSON, message, { text: 'Done' }, going)
      expect(seen(message)).toEqual({ text: 'Done', labels: [] })
    })

    test('takes an edit that changes nothing, and refuses one of a message that is not there', async () => {
      const { bot } = await opened()
      const { message } = await bot.send(PERSON, QUESTION, going)
      await bot.edit(PERSON, message, QUESTION, going)
      const refused = await bot.edit(PERSON, 99_999, QUESTION, going).catch((thrown) => thrown)
      expect(refused).toBeInstanceOf(ChatRefusal)
      expect(refused).toMatchObject({ kind: 'invalid' })
    })

    test('tells what happened until it may be forgotten, in order', async () => {
      const { bot, says, taps } = await opened()
      const { message } = await bot.send(PERSON, QUESTION, going)
      says('hello')
      const tap = taps(message)
      const updates = [...(await bot.updates(undefined, going))]
      if (updates.length === 1)
        updates.push(...(await bot.updates(updates[0]?.id ?? 0, going)).slice(1))
      expect(updates).toMatchObject([
        { kind: 'said', text: 'hello', from: { user: PERSON } },
        { kind: 'tap', tap, data: 'yes:1', message, from: { user: PERSON } },
      ])
      const [first, second] = updates
      expect(await bot.updates((first?.id ?? 0) + 1, going)).toMatchObject([{ id: second?.id }])
    })

    test('waits for what happens next, and stops waiting', async () => {
      const { bot, says } = await opened()
      const next = bot.updates(undefined, going)
      says('later')
      expect(await next).toMatchObject([{ kind: 'said', text: 'later' }])
      const [last] = await bot.updates(undefined, going)
      const stop = new AbortController()
      const waiting = bot.updates((last?.id ?? 0) + 1, stop.signal)
      stop.abort()
      await expect(waiting).rejects.toMatchObject({ kind: 'unreachable' })
    })

    test('answers a tap', async () => {
      const { bot, taps, answered } = await opened()
      const { message } = await bot.send(PERSON, QUESTION, going)
      const tap = taps(message)
      await bot.answer(tap, 'Noted', going)
      expect(answered(tap)).toBe('Noted')
    })
  })
}

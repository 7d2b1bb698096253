import type { BotApi, SeenMessage } from './bot-api.ts'
import { until } from './until.ts'

/** Somebody with a telephone. */
export class ChatUser {
  readonly user: number
  readonly #api: BotApi
  readonly #from: object
  #taps = 0

  constructor(api: BotApi, user: number, name = 'Ada') {
    this.#api = api
    this.user = user
    this.#from = { id: user, is_bot: false, first_name: name, username: `u${user}` }
  }

  /** What this person sees, the oldest first. */
  get screen(): SeenMessage[] {
    return this.#api.chat(this.user)
  }

  says(text: string, more: object = {}): void {
    this.#api.deliver({ message: { ...this.message(text), ...more } })
  }

  message(text: string) {
    const chat = { id: this.user, type: 'private' }
    return { message_id: this.#api.newMessageId(), chat, from: this.#from, text }
  }

  replies(to: SeenMessage, text: string): void {
    this.says(text, { reply_to_message: { message_id: to.id, text: to.text } })
  }

  /** A tap on a button of a message; the id of the tap. */
  taps(on: SeenMessage, label: RegExp): string {
    const button = on.reply_markup?.inline_keyboard.flat().find(({ text }) => label.test(text))
    if (button === undefined)
      throw new Error(`no button ${label} below: ${on.text}\n${labels(on).join(' | ')}`)
    return this.forges(on, button.callback_data)
  }

  /** A tap that gives back whatever a program likes. */
  forges(on: SeenMessage, data: string): string {
    const { update, id } = this.tapUpdate(on, data)
    this.#api.deliver(update)
    return id
  }

  tapUpdate(on: SeenMessage, data: string) {
    const id = `tap-${this.user}-${this.#taps++}`
    const replied = on.reply_parameters?.message_id
    const chat = { id: this.user, type: 'private' }
    const message = {
      message_id: on.id,
      chat,
      from: { id: 4242, is_bot: true, first_name: 'Deck' },
      text: on.text,
      ...(replied === undefined
        ? {}
        : { reply_to_message: { message_id: replied, text: this.#said.get(replied) } }),
    }
    return { id, update: { callback_query: { id, from: this.#from, message, data } } }
  }

  readonly #said = new Map<number, string>()

  /** As `replies`, and taps on answers to it carry its text, as they do at Telegram. */
  reasons(to: SeenMessage, text: string): void {
    const message = this.message(text)
    this.#said.set(message.message_id, text)
    const replied = { reply_to_message: { message_id: to.id, text: to.text } }
    this.#api.deliver({ message: { ...message, ...replied } })
  }

  /** Resolves with the latest message that fits, once there is one. */
  async sees(text: RegExp): Promise<SeenMessage> {
    let found: SeenMessage | undefined
    await until(`a message like ${text}`, () => {
      found = this.screen.findLast((message) => text.test(message.text))
      return found !== undefined
    })
    return found as SeenMessage
  }

  /** Resolves with what a tap was answered. */
  async answered(tap: string): Promise<string> {
    await until(`tap ${tap} is answered`, () => this.#api.answers.has(tap))
    return this.#api.answers.get(tap) as string
  }
}

/** The words on the buttons of a message. */
export function labels(message: SeenMessage): string[] {
  return (message.reply_markup?.inline_keyboard ?? []).flat().map(({ text }) => text)
}

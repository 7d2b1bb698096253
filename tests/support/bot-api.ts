import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export const TOKEN = '4242:AAtest-token-of-a-bot-that-is-not-there'

interface SentText {
  text: string
  reply_markup?: { inline_keyboard: { text: string; callback_data: string }[][] }
  entities?: { type: string; offset: number; length: number }[]
  reply_parameters?: { message_id: number }
}

/** A message in a chat, as the person sees it. */
export interface SeenMessage extends SentText {
  id: number
  chat: number
  /** How often it was edited. */
  edits: number
}

interface Call {
  /** When it came, in Unix milliseconds with fractions. */
  at: number
  method: string
  params: Record<string, unknown>
}

/** How a call is answered instead: an error code, nothing at all, or a text. */
type Trouble =
  | { code: number; description?: string; retryAfter?: number }
  | { silent: true }
  | { body: string }

interface Poll {
  offset: number
  response: ServerResponse
  timer: NodeJS.Timeout
}

/**
 * A server that speaks the Bot API over HTTP as far as the deck uses it, as the real one does:
 * updates are kept until a larger offset is asked for, a second poll ends the first one with 409,
 * a message that is edited to what it is is an error. A test says what people do, and what goes wrong.
 */
export class BotApi {
  readonly calls: Call[] = []
  readonly messages: SeenMessage[] = []
  /** Answers to taps, by the id of the tap. */
  readonly answers = new Map<string, string>()
  /** Changes what is stored of a text, as the real service strips some characters. */
  storedAs: (text: string) => string = (text) => text
  /** Tells each update this many times. */
  told = 1
  readonly #server: Server
  readonly #troubles: { method: string; trouble: Trouble; left: number }[] = []
  #updates: { update_id: number }[] = []
  #nextUpdate = 1000
  #nextMessage = 1
  #poll: Poll | undefined
  #down = false
  #port = 0

  constructor() {
    this.#server = createServer((request, response) => {
      void this.#answer(request, response)
    })
  }

  async start(port = 0): Promise<this> {
    this.#server.listen(port, '127.0.0.1')
    await once(this.#server, 'listening')
    this.#port = (this.#server.address() as AddressInfo).port
    return this
  }

  get root(): string {
    return `http://127.0.0.1:${this.#port}`
  }

  async stop(): Promise<void> {
    this.#endPoll()
    this.#server.closeAllConnections()
    await new Promise((done) => {
      this.#server.close(done)
    })
  }

  /** Cuts all connections, and answers nothing until `up`. */
  down(): void {
    this.#down = true
    this.#server.closeAllConnections()
    this.#poll = undefined
  }

  up(): void {
    this.#down = false
  }

  /** The next calls of a method go wrong. */
  trouble(method: string, trouble: Trouble, times = 1): void {
    this.#troubles.push({ method, trouble, left: times })
  }

  called(method: string): Call[] {
    return this.calls.filter((call) => call.method === method)
  }

  /** The messages in a chat, the oldest first. */
  chat(user: number): SeenMessage[] {
    return this.messages.filter(({ chat }) => chat === user)
  }

  /** Delivers updates, in this order and with these numbers. */
  deliver(...updates: ({ update_id?: number } & Record<string, unknown>)[]): void {
    for (const update of updates)
      for (let i = 0; i < this.told; i++)
        this.#updates.push({
          ...update,
          update_id: update.update_id ?? (i === 0 ? this.#nextUpdate++ : this.#nextUpdate - 1),
        })
    this.#flushPoll()
  }

  newMessageId(): number {
    return this.#nextMessage++
  }

  /** Updates that the deck has not said may be forgotten. */
  get kept(): number {
    return this.#updates.length
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (this.#down) return void request.socket.destroy()
    const [, bot, method = ''] = (request.url ?? '').split('/')
    let text = ''
    for await (const chunk of request) text += String(chunk)
    const params = (text === '' ? {} : JSON.parse(text)) as Record<string, unknown>
    this.calls.push({ at: performance.timeOrigin + performance.now(), method, params })
    if (bot !== `bot${TOKEN}`) return reply(response, 401, 'Unauthorized')
    const trouble = this.#troubles.find((one) => one.method === method && one.left > 0)
    if (trouble !== undefined) {
      trouble.left--
      return troubled(response, trouble.trouble)
    }
    if (method === 'getUpdates') this.#getUpdates(params, response)
    else this.#do(method, params, response)
  }

  #do(method: string, params: Record<string, unknown>, response: ServerResponse): void {
    const chat = Number(params['chat_id'])
    const sent = { ...(params as unknown as SentText) }
    sent.text = this.storedAs(String(params['text'] ?? ''))
    if (sent.text.length > 4096) return reply(response, 400, 'Bad Request: message is too long')
    switch (method) {
      case 'getMe':
        return reply(response, 200, {
          id: 4242,
          is_bot: true,
          first_name: 'Deck',
          username: 'deck_bot',
        })
      case 'sendMessage': {
        const message = { ...sent, id: this.newMessageId(), chat, edits: 0 }
        this.messages.push(message)
        return reply(response, 200, { message_id: message.id, text: message.text })
      }
      case 'editMessageText': {
        const message = this.messages.find(
          ({ id, chat: of }) => id === params['message_id'] && of === chat,
        )
        if (message === undefined)
          return reply(response, 400, 'Bad Request: message to edit not found')
        if (message.text === sent.text && sameButtons(message, sent))
          return reply(response, 400, 'Bad Request: message is not modified: …')
        Object.assign(message, { reply_markup: { inline_keyboard: [] } }, sent)
        message.edits++
        return reply(response, 200, { message_id: message.id, text: message.text })
      }
      case 'answerCallbackQuery':
        this.answers.set(String(params['callback_query_id']), sent.text)
        return reply(response, 200, true)
      default:
        return reply(response, 404, 'Not Found')
    }
  }

  #getUpdates(params: Record<string, unknown>, response: ServerResponse): void {
    const offset = Number(params['offset'] ?? 0)
    if (this.#poll !== undefined) {
      reply(
        this.#poll.response,
        409,
        'Conflict: terminated by other getUpdates request; make sure that only one bot instance is running',
      )
      this.#endPoll()
    }
    this.#updates = this.#updates.filter(({ update_id: id }) => id >= offset)
    const timer = setTimeout(() => this.#flushPoll(true), Number(params['timeout'] ?? 0) * 1000)
    this.#poll = { offset, response, timer }
    response.once('close', () => {
      if (this.#poll?.response === response) this.#endPoll()
    })
    this.#flushPoll()
  }

  #flushPoll(even: boolean = false): void {
    if (this.#poll === undefined || (this.#updates.length === 0 && !even)) return
    const { response } = this.#poll
    this.#endPoll()
    reply(response, 200, this.#updates.slice(0, 100))
  }

  #endPoll(): void {
    clearTimeout(this.#poll?.timer)
    this.#poll = undefined
  }
}

function sameButtons(a: SentText, b: SentText): boolean {
  return (
    JSON.stringify(a.reply_markup?.inline_keyboard ?? []) ===
    JSON.stringify(b.reply_markup?.inline_keyboard ?? [])
  )
}

function reply(response: ServerResponse, status: number, result: unknown): void {
  const body =
    status === 200
      ? { ok: true, result }
      : { ok: false, error_code: status, description: String(result) }
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}

function troubled(response: ServerResponse, trouble: Trouble): void {
  if ('silent' in trouble) return
  if ('body' in trouble) return void response.end(trouble.body)
  const { code, description = 'trouble', retryAfter } = trouble
  const parameters = retryAfter === undefined ? {} : { parameters: { retry_after: retryAfter } }
  response
    .writeHead(code, { 'content-type': 'application/json' })
    .end(JSON.stringify({ ok: false, error_code: code, description, ...parameters }))
}

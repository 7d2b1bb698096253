import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'

type Json = Record<string, unknown>

/**
 * Models on loopback, as OpenAI (chat, responses, embeddings) and Anthropic (messages) serve them, streams too. Each call
 * costs 11 tokens in and 7 out. A user message `use <tool>` is answered with a call of that tool.
 */
export class ModelStandIn {
  readonly requests: Json[] = []
  readonly #server: Server

  static async start(): Promise<ModelStandIn> {
    const model = new ModelStandIn()
    model.#server.listen(0, '127.0.0.1')
    await once(model.#server, 'listening')
    return model
  }

  private constructor() {
    this.#server = createServer((request, response) => void this.#answer(request, response))
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise((closed) => this.#server.close(closed))
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = JSON.parse(await text(request)) as Json
    this.requests.push(body)
    const path = request.url ?? ''
    const stream = body['stream'] === true
    if (body['model'] === 'broken')
      return sendJson(response, 400, { error: { message: 'No such model' } })
    if (path.endsWith('/chat/completions'))
      return stream
        ? sendEvents(response, chatChunks(body))
        : sendJson(response, 200, chatAnswer(body))
    if (path.endsWith('/responses')) {
      const answer = responsesAnswer()
      return stream ? sendEvents(response, responseEvents(answer)) : sendJson(response, 200, answer)
    }
    if (path.endsWith('/embeddings')) return sendJson(response, 200, EMBEDDING)
    return stream
      ? sendEvents(response, anthropicEvents())
      : sendJson(response, 200, anthropicAnswer())
  }
}

const CHAT_USAGE = { prompt_tokens: 11, completion_tokens: 7, total_tokens: 18 }
const USAGE = { input_tokens: 11, output_tokens: 7 }
const EMBEDDING = {
  object: 'list',
  model: 'tiny-embed',
  data: [{ object: 'embedding', index: 0, embedding: [0.5] }],
  usage: { prompt_tokens: 11, total_tokens: 11 },
}

function chatAnswer(body: Json): Json {
  const messages = body['messages'] as { role: string; content: unknown }[]
  const last = messages.at(-1)
  const name = last?.role === 'user' ? /^use (\w+)/.exec(String(last.content))?.[1] : undefined
  const call = {
    id: 'call_1',
    type: 'function',
    function: { name, arguments: '{"branch":"main"}' },
  }
  const message =
    name === undefined
      ? { role: 'assistant', content: 'Hello there' }
      : { role: 'assistant', content: null, tool_calls: [call] }
  const finish_reason = name === undefined ? 'stop' : 'tool_calls'
  const choices = [{ index: 0, message, finish_reason }]
  return {
    id: 'c1',
    object: 'chat.completion',
    created: 1,
    model: 'tiny',
    choices,
    usage: CHAT_USAGE,
  }
}

function chatChunks(body: Json): string[] {
  const options = body['stream_options'] as { include_usage?: boolean } | undefined
  const base = { id: 'c1', object: 'chat.completion.chunk', created: 1, model: 'tiny' }
  const chunks: Json[] = ['Hello', ' there'].map((content) => ({
    ...base,
    choices: [{ index: 0, delta: { role: 'assistant', content }, finish_reason: null }],
  }))
  chunks.push({ ...base, choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] })
  if (options?.include_usage === true) chunks.push({ ...base, choices: [], usage: CHAT_USAGE })
  return [...chunks.map((chunk) => `data: ${JSON.stringify(chunk)}\n\n`), 'data: [DONE]\n\n']
}

function responsesAnswer(): Json {
  const content = [{ type: 'output_text', text: 'Hello there', annotations: [] }]
  const output = [{ id: 'm1', type: 'message', role: 'assistant', status: 'completed', content }]
  return { id: 'r1', object: 'response', status: 'completed', model: 'tiny', output, usage: USAGE }
}

function responseEvents(answer: Json): string[] {
  return [
    { type: 'response.created', response: { ...answer, status: 'in_progress', usage: null } },
    { type: 'response.output_text.delta', item_id: 'm1', delta: 'Hello there' },
    { type: 'response.completed', response: answer },
  ].map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`)
}

function anthropicAnswer(): Json {
  const content = [{ type: 'text', text: 'Hello there' }]
  // Three of the eleven tokens came out of the cache.
  const usage = { input_tokens: 8, cache_read_input_tokens: 3, output_tokens: 7 }
  return {
    id: 'msg_1',
    type: 'message',
    role: 'assistant',
    model: 'tiny',
    content,
    usage,
    stop_reason: 'end_turn',
  }
}

function anthropicEvents(): string[] {
  const usage = { input_tokens: 8, cache_read_input_tokens: 3, output_tokens: 1 }
  const message = { ...anthropicAnswer(), content: [], stop_reason: null, usage }
  return [
    { type: 'message_start', message },
    { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
    { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'Hello there' } },
    { type: 'content_block_stop', index: 0 },
    { type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 7 } },
    { type: 'message_stop' },
  ].map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`)
}

function sendJson(response: ServerResponse, status: number, body: Json): void {
  response.writeHead(status, { 'content-type': 'application/json' })
  response.end(JSON.stringify(body))
}

function sendEvents(response: ServerResponse, events: readonly string[]): void {
  response.writeHead(200, { 'content-type': 'text/event-stream' })
  for (const event of events) response.write(event)
  response.end()
}

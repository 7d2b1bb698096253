import Anthropic from '@anthropic-ai/sdk'
import OpenAI from 'openai'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { DeckClient } from '../../../src/client/client.ts'
import { ApiStandIn } from '../../support/api-stand-in.ts'
import { ModelStandIn } from '../../support/model-stand-in.ts'
import { until } from '../../support/until.ts'

let api: ApiStandIn
let model: ModelStandIn
let deck: DeckClient
let openai: OpenAI
let anthropic: Anthropic
beforeEach(async () => {
  api = await ApiStandIn.start()
  model = await ModelStandIn.start()
  deck = new DeckClient({ baseUrl: api.url, agentId: 'tester' })
  const options = { apiKey: 'none', maxRetries: 0 }
  openai = deck.wrapClient(new OpenAI({ ...options, baseURL: `${model.url}/v1` }))
  anthropic = deck.wrapClient(new Anthropic({ ...options, baseURL: model.url }))
})
afterEach(async () => {
  await model[Symbol.asyncDispose]()
  await api[Symbol.asyncDispose]()
})

/** The reports of tokens, once there are as many as expected. */
async function reports(count = 1): Promise<unknown[]> {
  const sent = () => api.sent('POST', '/api/tokens')
  await until(`${count} reports of tokens`, () => sent().length >= count)
  return sent().map(({ body }) => body)
}

const TINY = { tokens_in: 11, tokens_out: 7, model: 'tiny', agent_id: 'tester' }
const messages = [{ role: 'user' as const, content: 'hi' }]
const asked = { model: 'tiny', messages, max_tokens: 9 }

async function all<T>(events: AsyncIterable<T>): Promise<T[]> {
  const seen: T[] = []
  for await (const event of events) seen.push(event)
  return seen
}

describe('a wrapped OpenAI client', () => {
  test('reports the tokens of a chat, and answers as before', async () => {
    const answer = await openai.chat.completions.create({ model: 'tiny', messages })
    expect(answer.choices[0]?.message.content).toBe('Hello there')
    expect(await reports()).toEqual([TINY])
  })

  test('still gives the raw response, with and without the answer', async () => {
    const { data, response } = await openai.chat.completions
      .create({ model: 'tiny', messages })
      .withResponse()
    expect([data.usage?.prompt_tokens, response.status]).toEqual([11, 200])
    const raw = await openai.chat.completions.create({ model: 'tiny', messages }).asResponse()
    expect(((await raw.json()) as { model: string }).model).toBe('tiny')
    expect(await reports()).toEqual([TINY])
  })

  test('reports the tokens of a stream without showing that it asked for them', async () => {
    const stream = await openai.chat.completions.create({ model: 'tiny', messages, stream: true })
    const chunks = await all(stream)
    expect(chunks.map(({ choices }) => choices[0]?.delta.content)).toEqual([
      'Hello',
      ' there',
      undefined,
    ])
    expect(model.requests[0]?.['stream_options']).toEqual({ include_usage: true })
    expect(await reports()).toEqual([TINY])
  })

  test('leaves the events alone that the program asked for itself', async () => {
    const stream = await openai.chat.completions.create({
      model: 'tiny',
      messages,
      stream: true,
      stream_options: { include_usage: true },
    })
    expect((await all(stream)).at(-1)?.usage?.total_tokens).toBe(18)
    expect(await reports()).toEqual([TINY])
  })

  test('asks for nothing more with streamUsage off', async () => {
    const plain = new OpenAI({ apiKey: 'none', baseURL: `${model.url}/v1` })
    const wrapped = deck.wrapClient(plain, { streamUsage: false })
    await all(await wrapped.chat.completions.create({ model: 'tiny', messages, stream: true }))
    expect(model.requests[0]?.['stream_options']).toBeUndefined()
    await wrapped.chat.completions.create({ model: 'tiny', messages })
    expect(await reports()).toEqual([TINY])
  })

  test('reports what helpers of the package use', async () => {
    const helper = openai.chat.completions.stream({ model: 'tiny', messages })
    expect((await helper.finalChatCompletion()).choices[0]?.message.content).toBe('Hello there')
    const [left] = (await openai.chat.completions.create({ ...asked, stream: true })).tee()
    await all(left)
    expect(await reports(2)).toEqual([TINY, TINY])
  })

  test('reports responses, their streams, and embeddings', async () => {
    const answer = await openai.responses.create({ model: 'tiny', input: 'hi' })
    expect(answer.output_text).toBe('Hello there')
    await all(await openai.responses.create({ model: 'tiny', input: 'hi', stream: true }))
    await openai.embeddings.create({ model: 'tiny-embed', input: 'hi', encoding_format: 'float' })
    expect(await reports(3)).toEqual([TINY, TINY, { ...TINY, tokens_out: 0, model: 'tiny-embed' }])
  })

  test('reports what was used when the program stops reading', async () => {
    for await (const chunk of await openai.responses.create({
      model: 'tiny',
      input: 'x',
      stream: true,
    }))
      if (chunk.type === 'response.completed') break
    expect(await reports()).toEqual([TINY])
  })

  test('throws the errors of the package, and reports nothing', async () => {
    const failing = openai.chat.completions.create({ model: 'broken', messages })
    await expect(failing).rejects.toBeInstanceOf(OpenAI.BadRequestError)
    expect(api.requests).toEqual([])
  })

  test('answers although the report fails, and reports once although wrapped twice', async () => {
    api.prescribe({ status: 500, body: { error: 'Broken' } })
    const twice = deck.wrapClient(openai)
    expect(twice).toBe(openai)
    await twice.chat.completions.create({ model: 'tiny', messages })
    await twice.chat.completions.create({ model: 'tiny', messages })
    expect(await reports(2)).toHaveLength(2)
  })
})

describe('a wrapped Anthropic client', () => {
  test('reports the tokens of a message, those of the cache too', async () => {
    const answer = await anthropic.messages.create(asked)
    expect(answer.content[0]).toMatchObject({ text: 'Hello there' })
    expect(await reports()).toEqual([TINY])
  })

  test('reports the last count of a stream', async () => {
    const events = await all(await anthropic.messages.create({ ...asked, stream: true }))
    expect(events.map(({ type }) => type)).toContain('message_stop')
    expect(await reports()).toEqual([TINY])
  })

  test('reports what the helper of the package streams', async () => {
    expect(await anthropic.messages.stream(asked).finalText()).toBe('Hello there')
    await anthropic.beta.messages.create(asked)
    expect(await reports(2)).toEqual([TINY, TINY])
  })
})

test('anything else is not wrapped, unless it says what it is', async () => {
  expect(() => deck.wrapClient({})).toThrow('neither an OpenAI nor an Anthropic client')
  const create = () => ({ model: 'own', usage: { prompt_tokens: 1, completion_tokens: 2 } })
  const own = deck.wrapClient({ chat: { completions: { create } } }, { provider: 'openai' })
  expect(own.chat.completions.create()).toMatchObject({ model: 'own' })
  expect(await reports()).toEqual([{ ...TINY, tokens_in: 1, tokens_out: 2, model: 'own' }])
})

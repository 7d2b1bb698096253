import { generateText, isStepCount, jsonSchema, streamText, tool, wrapLanguageModel } from 'ai'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { DeckClient } from '../../../src/client/client.ts'
import { deckMiddleware, governTools } from '../../../src/client/integrations/ai.ts'
import { ApiStandIn } from '../../support/api-stand-in.ts'
import { loopbackModel } from '../../support/loopback/ai.ts'
import { ModelStandIn } from '../../support/model-stand-in.ts'

let api: ApiStandIn
let standIn: ModelStandIn
let deck: DeckClient
beforeEach(async () => {
  api = await ApiStandIn.start()
  standIn = await ModelStandIn.start()
  deck = new DeckClient({ baseUrl: api.url, agentId: 'app' })
})
afterEach(async () => {
  await standIn[Symbol.asyncDispose]()
  await api[Symbol.asyncDispose]()
})

const watchedModel = (name = 'tiny') =>
  wrapLanguageModel({ model: loopbackModel(standIn.url, name), middleware: deckMiddleware(deck) })

function bodies(method: string, path: RegExp): Record<string, unknown>[] {
  return api.requests
    .filter((request) => request.method === method && path.test(request.path))
    .map(({ body }) => body ?? {})
}

const DONE = { status: 'completed', tokens_in: 11, tokens_out: 7, model: 'tiny' }

describe('the middleware of the AI SDK', () => {
  test('leaves a call and its tokens in the ledger', async () => {
    const { text } = await generateText({ model: watchedModel(), prompt: 'hello' })
    expect(text).toBe('Hello there')
    expect(bodies('POST', /\/actions$/)).toMatchObject([
      {
        action_type: 'planning',
        declared_goal: 'Ask the model tiny',
        systems_touched: ['llm', 'loopback', 'tiny'],
        agent_id: 'app',
      },
    ])
    expect(bodies('PATCH', /act_1/)).toMatchObject([{ ...DONE, output_summary: 'Hello there' }])
    expect(bodies('POST', /\/tokens$/)).toMatchObject([{ tokens_in: 11, tokens_out: 7 }])
  })

  test('does the same for a stream, and shows it unchanged', async () => {
    const { textStream } = streamText({ model: watchedModel(), prompt: 'hello' })
    const seen: string[] = []
    for await (const text of textStream) seen.push(text)
    expect(seen).toEqual(['Hello', ' there'])
    expect(bodies('PATCH', /act_1/)).toMatchObject([DONE])
    expect(bodies('POST', /\/tokens$/)).toHaveLength(1)
  })

  test('records what fails, and lets it fail', async () => {
    const failing = generateText({ model: watchedModel('broken'), prompt: 'hello', maxRetries: 0 })
    await expect(failing).rejects.toThrow('No such model')
    expect(bodies('PATCH', /act_1/)).toMatchObject([{ status: 'failed' }])
  })

  test('records a stream that nobody reads to its end', async () => {
    const { wrapStream } = deckMiddleware(deck)
    const parts = ReadableStream.from([{ type: 'text-start' }, { type: 'text-end' }])
    const { stream } = await wrapStream({
      doGenerate: async () => ({}),
      doStream: async () => ({ stream: parts }),
      params: { prompt: 'hello' },
      model: { modelId: 'tiny', provider: 'loopback' },
    })
    await stream.cancel('enough')
    expect(bodies('PATCH', /act_1/)).toMatchObject([
      { status: 'failed', error_message: 'No longer read: enough' },
    ])
  })
})

describe('governed tools of the AI SDK', () => {
  const pushes: string[] = []
  const push = tool({
    description: 'Pushes a branch',
    inputSchema: jsonSchema<{ branch: string }>({
      type: 'object',
      properties: { branch: { type: 'string' } },
    }),
    execute: async ({ branch }) => {
      pushes.push(branch)
      return `pushed ${branch}`
    },
  })
  const run = (actionType: string) =>
    generateText({
      model: watchedModel(),
      prompt: 'use push',
      tools: governTools(deck, { push }, { actionType }),
      stopWhen: isStepCount(2),
    })

  test('run when they may, and their action tells what they returned', async () => {
    const { text, steps } = await run('tool')
    expect(steps[0]?.toolResults[0]?.output).toBe('pushed main')
    expect(text).toBe('Hello there')
    expect(bodies('POST', /\/actions$/)[1]).toMatchObject({
      action_type: 'tool',
      declared_goal: 'Use tool: push {"branch":"main"}',
      input_summary: '{"branch":"main"}',
    })
    expect(bodies('PATCH', /act_2/)).toMatchObject([{ output_summary: 'pushed main' }])
  })

  test('that give several results give their last one', async () => {
    async function* execute(): AsyncGenerator<string> {
      yield 'half'
      yield 'whole'
    }
    const { work } = governTools(deck, { work: { execute } })
    expect(await (work.execute as () => unknown)()).toBe('whole')
    expect(bodies('PATCH', /act_1/)).toMatchObject([{ output_summary: 'whole' }])
  })

  test('do not run when they are blocked, and the model is told', async () => {
    pushes.length = 0
    const { steps } = await run('forbidden')
    expect(pushes).toEqual([])
    const told = steps[0]?.content.find(({ type }) => type === 'tool-error')
    expect(JSON.stringify(told)).toContain('push')
    expect((told as { error: Error }).error.message).toBe('forbidden is not free')
  })
})

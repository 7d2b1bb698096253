import type { Runnable } from '@langchain/core/runnables'
import { tool } from '@langchain/core/tools'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { DeckClient, GuardBlockedError } from '../../../src/client/client.ts'
import { DeckCallbackHandler } from '../../../src/client/integrations/langchain.ts'
import { ApiStandIn } from '../../support/api-stand-in.ts'
import { LoopbackChat, smallAgent } from '../../support/loopback/langchain.ts'
import { ModelStandIn } from '../../support/model-stand-in.ts'
import { until } from '../../support/until.ts'

let api: ApiStandIn
let model: ModelStandIn
let deck: DeckClient
let pushes: string[]
const warnings: string[] = []
const warn = (message: string): void => void warnings.push(message)
const push = tool(
  ({ branch }: { branch: string }) => {
    pushes.push(branch)
    return `pushed ${branch}`
  },
  {
    name: 'push',
    description: 'Pushes a branch',
    schema: { type: 'object', properties: { branch: { type: 'string' } }, required: ['branch'] },
  },
)

/** The types of a tool depend on its schema; here it only has to run. */
const runnable: Runnable = push as never

beforeEach(async () => {
  api = await ApiStandIn.start()
  model = await ModelStandIn.start()
  deck = new DeckClient({ baseUrl: api.url, agentId: 'chain' })
  pushes = []
  warnings.length = 0
})
afterEach(async () => {
  await model[Symbol.asyncDispose]()
  await api[Symbol.asyncDispose]()
})

const agent = (name = 'tiny') => smallAgent(new LoopbackChat(model.url, name), runnable)

function bodies(method: string, path: RegExp): Record<string, unknown>[] {
  return api.requests
    .filter((request) => request.method === method && path.test(request.path))
    .map(({ body }) => body ?? {})
}

describe('a LangChain agent', () => {
  test('leaves its model calls, tools and tokens in the ledger', async () => {
    const callbacks = [new DeckCallbackHandler(deck)]
    expect(await agent().invoke('use push', { callbacks })).toBe('pushed main')
    expect(bodies('POST', /\/actions$/)).toMatchObject([
      { declared_goal: 'Run RunnableLambda', input_summary: 'use push' },
      {
        action_type: 'planning',
        agent_id: 'chain',
        input_summary: 'use push',
        risk_score: 10,
        parent_action_id: 'act_1',
      },
      {
        action_type: 'tool',
        declared_goal: 'Use tool: push {"branch":"main"}',
        parent_action_id: 'act_1',
        systems_touched: ['push'],
        input_summary: '{"branch":"main"}',
      },
    ])
    expect(bodies('PATCH', /\/actions\/act_/)).toMatchObject([
      { status: 'completed', tokens_in: 11, tokens_out: 7, model: 'tiny' },
      { status: 'completed', output_summary: 'pushed main' },
      { status: 'completed', output_summary: 'pushed main' },
    ])
    expect(bodies('POST', /\/tokens$/)).toEqual([
      { agent_id: 'chain', tokens_in: 11, tokens_out: 7, model: 'tiny' },
    ])
  })

  test('runs a tool only after a yes, and not after a no', async () => {
    const governing = (type: string) =>
      new DeckCallbackHandler({
        createAction: (action) =>
          deck.createAction({
            ...action,
            action_type: action.action_type === 'tool' ? type : action.action_type,
          }),
        waitForApproval: (id) => deck.waitForApproval(id),
        updateOutcome: (id, outcome) => deck.updateOutcome(id, outcome),
        reportTokenUsage: (usage) => deck.reportTokenUsage(usage),
      })
    const waiting = agent().invoke('use push', { callbacks: [governing('held')] })
    await until('the stream is open', () => api.listeners === 1)
    expect(pushes).toEqual([])
    api.allow('act_3')
    await waiting
    expect(pushes).toEqual(['main'])
    const blocked = agent().invoke('use push', { callbacks: [governing('forbidden')] })
    await expect(blocked).rejects.toBeInstanceOf(GuardBlockedError)
    expect(pushes).toEqual(['main'])
  })

  test('fails as before when its model or tool fails, and that is recorded', async () => {
    const failing = agent('broken').invoke('hello', { callbacks: [new DeckCallbackHandler(deck)] })
    await expect(failing).rejects.toThrow('No such model')
    expect(bodies('PATCH', /\/actions\/act_/)).toMatchObject([
      { status: 'failed', error_message: expect.stringContaining('No such model') },
      { status: 'failed', error_message: expect.stringContaining('No such model') },
    ])
  })

  test('that only records goes on without the deck', async () => {
    await api[Symbol.asyncDispose]()
    const callbacks = [new DeckCallbackHandler(deck, { tools: 'record', warn })]
    expect(await agent().invoke('use push', { callbacks })).toBe('pushed main')
    expect(warnings.length).toBeGreaterThan(0)
    const governed = agent().invoke('use push', {
      callbacks: [new DeckCallbackHandler(deck, { warn })],
    })
    await expect(governed).rejects.toMatchObject({ code: 'NETWORK' })
    expect(pushes).toEqual(['main'])
  })

  test('names the action that a nested run belongs to', async () => {
    const handler = new DeckCallbackHandler(deck)
    await handler.handleToolStart({ name: 'outer' }, '', 'run-1', undefined)
    await handler.handleChainStart({}, {}, 'run-2', 'run-1')
    await handler.handleLLMStart({ id: ['langchain', 'Tiny'] }, ['hi'], 'run-3', 'run-2')
    expect(bodies('POST', /\/actions$/)[1]).toMatchObject({
      parent_action_id: 'act_1',
      systems_touched: ['llm', 'Tiny'],
    })
  })
})

import { Agent, handoff, Runner, tool } from '@openai/agents-core'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { DeckClient } from '../../../src/client/client.ts'
import { governAgentTool, watchRunner } from '../../../src/client/integrations/agents.ts'
import { ApiStandIn } from '../../support/api-stand-in.ts'
import { agentModel } from '../../support/loopback/agents.ts'
import { ModelStandIn } from '../../support/model-stand-in.ts'
import { until } from '../../support/until.ts'

let api: ApiStandIn
let standIn: ModelStandIn
let deck: DeckClient
let pushes: string[]
beforeEach(async () => {
  api = await ApiStandIn.start()
  standIn = await ModelStandIn.start()
  deck = new DeckClient({ baseUrl: api.url, agentId: 'app' })
  pushes = []
})
afterEach(async () => {
  await standIn[Symbol.asyncDispose]()
  await api[Symbol.asyncDispose]()
})

const push = tool({
  name: 'push',
  description: 'Pushes a branch',
  strict: false,
  parameters: {
    type: 'object',
    properties: { branch: { type: 'string' } },
    required: ['branch'],
    additionalProperties: true,
  },
  execute: async (input) => {
    pushes.push((input as { branch: string }).branch)
    return `pushed ${(input as { branch: string }).branch}`
  },
})

function runner(): Runner {
  return new Runner({
    modelProvider: { getModel: () => agentModel(standIn.url) },
    tracingDisabled: true,
  })
}

function coder(actionType: string) {
  const tools = [governAgentTool(deck, push, { actionType })]
  return new Agent({ name: 'Coder', instructions: 'Push', model: 'tiny', tools })
}

function bodies(method: string, path: RegExp): Record<string, unknown>[] {
  return api.requests
    .filter((request) => request.method === method && path.test(request.path))
    .map(({ body }) => body ?? {})
}

describe('a watched runner', () => {
  test('leaves the turn of an agent and its tokens in the ledger', async () => {
    const running = runner()
    const hooks = watchRunner(deck, running)
    const result = await running.run(coder('tool'), 'use push')
    await hooks.flush()
    expect(result.finalOutput).toBe('Hello there')
    expect(pushes).toEqual(['main'])
    expect(bodies('POST', /\/actions$/)).toMatchObject([
      {
        action_type: 'planning',
        declared_goal: 'Run the agent Coder',
        systems_touched: ['llm', 'tiny'],
      },
      {
        action_type: 'tool',
        declared_goal: 'Use tool: push {"branch":"main"}',
        input_summary: '{"branch":"main"}',
        parent_action_id: 'act_1',
      },
    ])
    expect(bodies('PATCH', /act_1/)).toMatchObject([
      { status: 'completed', output_summary: 'Hello there', tokens_in: 22, tokens_out: 14 },
    ])
    expect(bodies('PATCH', /act_2/)).toMatchObject([{ output_summary: 'pushed main' }])
    expect(bodies('POST', /\/tokens$/)).toMatchObject([
      { tokens_in: 22, tokens_out: 14, model: 'tiny' },
    ])
  })

  test('leaves no open action behind a run that threw', async () => {
    const running = runner()
    const hooks = watchRunner(deck, running)
    const strict = governAgentTool(deck, push, { actionType: 'forbidden', onDenied: 'throw' })
    const agent = new Agent({ name: 'Coder', model: 'tiny', tools: [strict] })
    await running.run(agent, 'use push').catch((error: unknown) => hooks.fail(error))
    await hooks.flush()
    expect(bodies('PATCH', /act_1/)).toMatchObject([
      { status: 'failed', error_message: expect.stringContaining('forbidden is not free') },
    ])
  })

  test('is not watched any more once it is let go', async () => {
    const running = runner()
    watchRunner(deck, running).detach()
    await running.run(new Agent({ name: 'Coder', model: 'tiny' }), 'hello')
    expect(api.requests).toEqual([])
  })

  test('runs on although nothing can be recorded', async () => {
    await api[Symbol.asyncDispose]()
    const running = runner()
    const warnings: string[] = []
    const hooks = watchRunner(deck, running, { warn: (message) => warnings.push(message) })
    const result = await running.run(new Agent({ name: 'Coder', model: 'tiny' }), 'hello')
    await hooks.flush()
    expect(result.finalOutput).toBe('Hello there')
    expect(warnings.length).toBeGreaterThan(0)
  })
})

describe('a governed tool', () => {
  test('waits for an operator', async () => {
    const running = runner().run(coder('held'), 'use push')
    await until('the stream is open', () => api.listeners === 1)
    expect(pushes).toEqual([])
    api.allow('act_1')
    await running
    expect(pushes).toEqual(['main'])
  })

  test('tells the model that it may not run', async () => {
    const result = await runner().run(coder('forbidden'), 'use push')
    expect(pushes).toEqual([])
    expect(JSON.stringify(result.history)).toContain(
      'Not allowed to run push: forbidden is not free',
    )
  })

  test('throws instead when asked to', async () => {
    const strict = governAgentTool(deck, push, { actionType: 'forbidden', onDenied: 'throw' })
    const agent = new Agent({ name: 'Coder', model: 'tiny', tools: [strict] })
    await expect(runner().run(agent, 'use push')).rejects.toThrow('forbidden is not free')
  })
})

test('a handover ends the turn of the first agent', async () => {
  const second = new Agent({ name: 'Second', model: 'tiny' })
  const listeners = new Map<string, (...args: never[]) => void>()
  const on = (event: string, listener: (...args: never[]) => void): void =>
    void listeners.set(event, listener)
  const hooks = watchRunner(deck, { on, off: on } as never)
  const context = { usage: { inputTokens: 1, outputTokens: 1 } }
  listeners.get('agent_start')?.(...([context, { name: 'First' }] as never[]))
  context.usage = { inputTokens: 4, outputTokens: 2 }
  listeners.get('agent_handoff')?.(
    ...([context, { name: 'First' }, handoff(second).agent] as never[]),
  )
  await hooks.flush()
  expect(bodies('PATCH', /act_1/)).toMatchObject([
    { output_summary: 'Handed over to Second', tokens_in: 3, tokens_out: 1 },
  ])
})

import { Agent, Runner, tool } from '@openai/agents-core'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { governAgentTool, watchRunner } from '../../../../src/client/integrations/agents.ts'
import { ClientDeck } from '../../../support/client-deck.ts'
import { agentModel } from '../../../support/loopback/agents.ts'

const cleanups: (() => unknown)[] = []
const pushes: string[] = []
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

let deck: ClientDeck
beforeEach(async () => {
  pushes.length = 0
  deck = await ClientDeck.start((act) => cleanups.push(act))
})
afterEach(async () => {
  for (const act of cleanups.splice(0).toReversed()) await act()
})

const TOOL = 'Use tool: push {"branch":"main"}'

/** Runs an agent with a tool of high risk, and waits until all of it is in the ledger. */
async function run(onDenied: 'tell' | 'throw' = 'tell') {
  const modelProvider = { getModel: () => agentModel(deck.model.url) }
  const runner = new Runner({ modelProvider, tracingDisabled: true })
  const hooks = watchRunner(deck.client, runner)
  const describe = () => ({ risk_score: 90, reversible: false })
  const tools = [governAgentTool(deck.client, push, { describe, onDenied })]
  const agent = new Agent({ name: 'Coder', instructions: 'Push', model: 'tiny', tools })
  try {
    return await runner.run(agent, 'use push')
  } catch (error) {
    hooks.fail(error)
    throw error
  } finally {
    await hooks.flush()
  }
}

describe('an agent of the OpenAI Agents SDK', () => {
  test('waits with a tool of high risk, and leaves a tree with tokens in the ledger', async () => {
    const running = run()
    expect((await deck.waiting()).action.target).toBe(TOOL)
    expect(pushes).toEqual([])
    await deck.allow()
    expect((await running).finalOutput).toBe('Hello there')
    expect(pushes).toEqual(['main'])
    const [turn, used] = await deck.ledger()
    expect([turn, used]).toMatchObject([
      { declared_goal: 'Run the agent Coder', status: 'completed', tokens_in: 22, tokens_out: 14 },
      { declared_goal: TOOL, status: 'completed', parent_action_id: turn?.action_id },
    ])
    expect(turn?.['cost_estimate']).toBeGreaterThan(0)
    const { trace } = await deck.trace(turn?.action_id ?? '')
    expect(trace.sub_actions).toMatchObject([{ action_id: used?.action_id }])
  })

  test('is told by its tool what an operator denies', async () => {
    const running = run()
    await deck.deny('not today')
    const { history, finalOutput } = await running
    expect(JSON.stringify(history)).toContain('Not allowed to run push: not today')
    expect(finalOutput).toBe('Hello there')
    expect(pushes).toEqual([])
  })

  test('ends with a denial when asked to', async () => {
    const running = run('throw')
    await deck.deny('not today')
    await expect(running).rejects.toThrow('not today')
    expect(await deck.ledger()).toMatchObject([
      { declared_goal: 'Run the agent Coder', status: 'failed' },
      { declared_goal: TOOL, status: 'failed', error_message: 'not today' },
    ])
  })
})

import { generateText, isStepCount, jsonSchema, streamText, tool, wrapLanguageModel } from 'ai'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { DeckClient } from '../../../../src/client/client.ts'
import { deckMiddleware, governTools } from '../../../../src/client/integrations/ai.ts'
import { ClientDeck } from '../../../support/client-deck.ts'
import { loopbackModel } from '../../../support/loopback/ai.ts'

const cleanups: (() => unknown)[] = []
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

let deck: ClientDeck
beforeEach(async () => {
  pushes.length = 0
  deck = await ClientDeck.start((act) => cleanups.push(act))
})
afterEach(async () => {
  for (const act of cleanups.splice(0).toReversed()) await act()
})

function modelOf(client: DeckClient) {
  const model = loopbackModel(deck.model.url)
  return wrapLanguageModel({ model, middleware: deckMiddleware(client) })
}

function useTool(client: DeckClient) {
  return generateText({
    model: modelOf(client),
    prompt: 'use push',
    tools: governTools(
      client,
      { push },
      { describe: (_name, input) => ({ risk_score: 90, reversible: input === undefined }) },
    ),
    stopWhen: isStepCount(2),
  })
}

const ASKED = {
  declared_goal: 'Ask the model tiny',
  status: 'completed',
  tokens_in: 11,
  tokens_out: 7,
  model: 'tiny',
}
const TOOL = 'Use tool: push {"branch":"main"}'

describe('the AI SDK', () => {
  test('leaves a call, and a stream, with tokens and cost in the ledger', async () => {
    await generateText({ model: modelOf(deck.client), prompt: 'hello' })
    const { textStream } = streamText({ model: modelOf(deck.client), prompt: 'hello' })
    let text = ''
    for await (const part of textStream) text += part
    expect(text).toBe('Hello there')
    const actions = await deck.ledger()
    expect(actions).toMatchObject([{ ...ASKED, output_summary: 'Hello there' }, ASKED])
    for (const { cost_estimate: cost } of actions) expect(cost).toBeGreaterThan(0)
    expect((await deck.api.call('GET /tokens')).body).toMatchObject({
      today: { tokensIn: 22, tokensOut: 14, snapshots: 2 },
    })
  })

  test('runs a tool of high risk when an operator allows it', async () => {
    const running = useTool(deck.client)
    expect((await deck.waiting()).action.target).toBe(TOOL)
    expect(pushes).toEqual([])
    await deck.allow()
    expect((await running).steps[0]?.toolResults[0]?.output).toBe('pushed main')
    expect(await deck.ledger()).toMatchObject([
      ASKED,
      { declared_goal: TOOL, status: 'completed', approved_by: 'maya', reversible: false },
      ASKED,
    ])
  })

  test('tells the model as an error of the tool what an operator denies', async () => {
    const running = useTool(deck.client)
    await deck.deny('not today')
    const { steps, text } = await running
    const told = steps[0]?.content.find(({ type }) => type === 'tool-error')
    expect(told).toMatchObject({ toolName: 'push', error: { message: 'not today' } })
    expect(text).toBe('Hello there')
    expect(pushes).toEqual([])
  })

  test('belongs to the work that is tracked, as a tree', async () => {
    const work = { action_type: 'release', declared_goal: 'Release 1.2' }
    await deck.client.track(work, async (tracked) => {
      const running = useTool(tracked.deck)
      await deck.allow()
      await running
    })
    const [release, ...rest] = await deck.ledger()
    expect(rest).toHaveLength(3)
    for (const { parent_action_id: parent } of rest) expect(parent).toBe(release?.action_id)
    const { trace } = await deck.trace(release?.action_id ?? '')
    expect(trace.sub_actions).toHaveLength(3)
  })
})

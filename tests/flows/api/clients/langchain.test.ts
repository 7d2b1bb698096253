import type { Runnable } from '@langchain/core/runnables'
import { tool } from '@langchain/core/tools'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { ApprovalDeniedError, GuardBlockedError } from '../../../../src/client/client.ts'
import { DeckCallbackHandler } from '../../../../src/client/integrations/langchain.ts'
import { OPERATOR } from '../../../support/deck.ts'
import { ClientDeck } from '../../../support/client-deck.ts'
import { LoopbackChat, smallAgent } from '../../../support/loopback/langchain.ts'

const cleanups: (() => unknown)[] = []
const pushes: string[] = []
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
) as unknown as Runnable

let deck: ClientDeck
beforeEach(async () => {
  pushes.length = 0
  deck = await ClientDeck.start((act) => cleanups.push(act))
})
afterEach(async () => {
  for (const act of cleanups.splice(0).toReversed()) await act()
})

const RISKY = { risk_score: 90, reversible: false }

function run(handler: DeckCallbackHandler): Promise<string> {
  const agent = smallAgent(new LoopbackChat(deck.model.url, 'tiny'), push)
  return agent.invoke('use push', { callbacks: [handler] }) as Promise<string>
}

const risky = () => new DeckCallbackHandler(deck.client, { describe: () => RISKY })
const TOOL = 'Use tool: push {"branch":"main"}'

describe('a LangChain agent', () => {
  test('leaves its run as a tree in the ledger, with outcomes, tokens and cost', async () => {
    expect(await run(new DeckCallbackHandler(deck.client))).toBe('pushed main')
    const [root, model, push] = await deck.ledger()
    expect([root, model, push]).toMatchObject([
      {
        declared_goal: 'Run RunnableLambda',
        status: 'completed',
        input_summary: 'use push',
        output_summary: 'pushed main',
        parent_action_id: null,
      },
      {
        declared_goal: 'Ask the model LoopbackChat',
        status: 'completed',
        tokens_in: 11,
        tokens_out: 7,
        model: 'tiny',
        cost_estimate: expect.any(Number) as number,
        parent_action_id: root?.action_id,
      },
      {
        action_type: 'tool',
        declared_goal: TOOL,
        status: 'completed',
        output_summary: 'pushed main',
        parent_action_id: root?.action_id,
      },
    ])
    expect(model?.['cost_estimate']).toBeGreaterThan(0)
    const { trace } = await deck.trace(root?.action_id ?? '')
    expect(trace.sub_actions.map(({ action_id: id }) => id).toSorted()).toEqual(
      [model?.action_id, push?.action_id].toSorted(),
    )
    expect((await deck.trace(push?.action_id ?? '')).trace.parent_chain).toMatchObject([
      { action_id: root?.action_id },
    ])
    const tokens = await deck.api.call('GET /tokens?agent_id=app')
    expect(tokens.body).toMatchObject({ today: { tokensIn: 11, tokensOut: 7 } })
  })

  test('runs a tool of high risk when an operator allows it', async () => {
    const running = run(risky())
    const waiting = await deck.waiting()
    expect(waiting).toMatchObject({ agent: 'app@default', action: { target: TOOL } })
    expect(waiting.risk.score).toBeGreaterThanOrEqual(90)
    expect(pushes).toEqual([])
    await deck.allow()
    expect(await running).toBe('pushed main')
    const action = (await deck.ledger()).find(({ declared_goal: goal }) => goal === TOOL)
    expect(action).toMatchObject({ status: 'completed', approved_by: 'maya' })
  })

  test('throws out of the tool what an operator denies', async () => {
    const running = run(risky())
    await deck.deny('not today')
    await expect(running).rejects.toBeInstanceOf(ApprovalDeniedError)
    await expect(running).rejects.toThrow('not today')
    expect(pushes).toEqual([])
    expect(await deck.ledger()).toMatchObject([
      { declared_goal: 'Run RunnableLambda', status: 'failed', error_message: 'not today' },
      { status: 'completed' },
      { declared_goal: TOOL, status: 'failed', error_message: 'not today' },
    ])
  })

  test('throws what a policy blocks', async () => {
    const { policy } = deck.api.deck.deck
    await policy.add({ effect: 'block', type: 'tool', target: '*push*' }, OPERATOR)
    await expect(run(new DeckCallbackHandler(deck.client))).rejects.toBeInstanceOf(
      GuardBlockedError,
    )
    expect((await deck.ledger())[2]).toMatchObject({ declared_goal: TOOL, status: 'blocked' })
  })

  test.each(['off', 'wait'] as const)(
    'does not run a tool that an operator changed, with hitlMode %s',
    async (hitlMode) => {
      const client = deck.client.with({ hitlMode })
      const running = run(new DeckCallbackHandler(client, { describe: () => RISKY }))
      await deck.allow('Use tool: push {"branch":"next"}')
      await expect(running).rejects.toMatchObject({
        code: 'APPROVAL_CHANGED',
        message: 'Not run: an operator changed it to “Use tool: push {"branch":"next"}”',
      })
      expect(pushes).toEqual([])
      expect((await deck.ledger())[2]).toMatchObject({ status: 'cancelled', approved_by: 'maya' })
    },
  )
})

import Anthropic from '@anthropic-ai/sdk'
import OpenAI from 'openai'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { ApprovalDeniedError } from '../../../../src/client/client.ts'
import { recordModelCalls } from '../../../../src/client/integrations/models.ts'
import { ClientDeck } from '../../../support/client-deck.ts'
import { until } from '../../../support/until.ts'

const cleanups: (() => unknown)[] = []
let deck: ClientDeck
beforeEach(async () => {
  deck = await ClientDeck.start((act) => cleanups.push(act))
})
afterEach(async () => {
  for (const act of cleanups.splice(0).toReversed()) await act()
})

const messages = [{ role: 'user' as const, content: 'hello' }]
const asked = { model: 'tiny', messages, max_tokens: 9 }
const ASKED = {
  action_type: 'planning',
  declared_goal: 'Ask the model tiny',
  input_summary: 'hello',
  status: 'completed',
  tokens_in: 11,
  tokens_out: 7,
  model: 'tiny',
}

const openaiOf = () =>
  new OpenAI({ apiKey: 'none', baseURL: `${deck.model.url}/v1`, maxRetries: 0 })
const anthropicOf = () => new Anthropic({ apiKey: 'none', baseURL: deck.model.url, maxRetries: 0 })

/** The ledger once so many actions have ended: clients never wait for it. */
async function ended(count: number) {
  return until(`${count} actions have ended`, async () => {
    const actions = await deck.ledger()
    const done = actions.filter(({ status }) => status !== 'running')
    return done.length === count && done
  })
}

async function readAll(events: AsyncIterable<unknown>): Promise<number> {
  let count = 0
  for await (const _event of events) count++
  return count
}

describe('clients of models', () => {
  test('leave their calls with tokens and cost in the ledger', async () => {
    const openai = recordModelCalls(deck.client, openaiOf())
    const answer = await openai.chat.completions.create({ model: 'tiny', messages })
    expect(answer.choices[0]?.message.content).toBe('Hello there')
    await recordModelCalls(deck.client, anthropicOf()).messages.create(asked)
    const actions = await ended(2)
    expect(actions).toMatchObject([ASKED, ASKED])
    for (const { cost_estimate: cost } of actions) expect(cost).toBeGreaterThan(0)
  })

  test('leave their streams too, unchanged', async () => {
    const openai = recordModelCalls(deck.client, openaiOf())
    const stream = await openai.chat.completions.create({ model: 'tiny', messages, stream: true })
    expect(await readAll(stream)).toBe(3)
    const anthropic = recordModelCalls(deck.client, anthropicOf())
    expect(await readAll(await anthropic.messages.create({ ...asked, stream: true }))).toBe(6)
    expect(await ended(2)).toMatchObject([ASKED, ASKED])
  })

  test('leave what fails, and let it fail', async () => {
    const openai = recordModelCalls(deck.client, openaiOf())
    const failing = openai.chat.completions.create({ model: 'broken', messages })
    await expect(failing).rejects.toBeInstanceOf(OpenAI.BadRequestError)
    expect(await ended(1)).toMatchObject([
      { status: 'failed', error_message: expect.stringContaining('No such model') as string },
    ])
  })

  test('that are wrapped only report their tokens', async () => {
    const openai = deck.client.wrapClient(openaiOf())
    await openai.chat.completions.create({ model: 'tiny', messages })
    await readAll(await openai.chat.completions.create({ model: 'tiny', messages, stream: true }))
    const today = await until('both calls are counted', async () => {
      const { body } = await deck.api.call<{ today: { snapshots: number } }>('GET /tokens')
      return body.today.snapshots === 2 && body.today
    })
    expect(today).toMatchObject({ tokensIn: 22, tokensOut: 14 })
    expect(await deck.ledger()).toEqual([])
  })

  test('are part of work that waits for an operator', async () => {
    const work = { action_type: 'deploy', declared_goal: 'Ship 1.2', reversible: false }
    const shipping = deck.client.track({ ...work, risk_score: 90 }, async (tracked) => {
      const openai = recordModelCalls(tracked.deck, openaiOf())
      await openai.chat.completions.create({ model: 'tiny', messages })
      return `allowed by ${String(tracked.action.approved_by)}`
    })
    await deck.waiting()
    expect(deck.model.requests).toEqual([])
    await deck.allow()
    expect(await shipping).toBe('allowed by maya')
    const [ship, call] = await ended(2)
    expect([ship, call]).toMatchObject([
      { status: 'completed', output_summary: 'allowed by maya' },
      { ...ASKED, parent_action_id: ship?.action_id },
    ])
    const denied = deck.client.track({ ...work, risk_score: 90 }, () => 'never')
    await deck.deny('not again')
    await expect(denied).rejects.toBeInstanceOf(ApprovalDeniedError)
  })
})

import { afterEach, beforeEach, expect, test } from 'vitest'
import { ApiDeck } from '../../support/api-deck.ts'
import { typed } from '../../support/typed.ts'

const cleanups: (() => unknown)[] = []
let api: ApiDeck
beforeEach(async () => {
  api = await new ApiDeck((act) => cleanups.push(act)).start()
})
afterEach(async () => {
  for (const act of cleanups.splice(0).toReversed()) await act()
})

const clawdeck = (...words: string[]) => typed(api.deck, ...words)

async function recorded(action: object): Promise<string> {
  const { body } = await api.call('POST /actions', {
    agent_id: 'scout',
    action_type: 'research',
    declared_goal: 'read the docs',
    ...action,
  })
  return String(body['action_id'])
}

test('an operator reads the ledger, and a trace as a tree', async () => {
  const parent = await recorded({ declared_goal: 'plan the release' })
  const child = await recorded({ parent_action_id: parent })
  await api.call(`PATCH /actions/${child}`, { status: 'failed', error_message: 'no network' })
  await api.call('POST /actions/loops', {
    action_id: child,
    loop_type: 'followup',
    description: 'try again tomorrow',
  })
  const { out } = await clawdeck('ledger')
  expect(out).toMatch(/✗ failed +scout@default +research +0 +read the docs/)
  expect(out).toMatch(/● running +scout@default/)
  expect((await clawdeck('ledger', '--status', 'failed')).out).not.toContain('running')
  expect((await clawdeck('ledger', 'other@default')).out).toContain('The ledger is empty')

  const trace = (await clawdeck('ledger', 'show', child)).out
  expect(trace).toMatch(/● research {2}plan the release.*\n└─ ✗ research {2}read the docs.*←/)
  expect(trace).toMatch(/error +no network/)
  expect(trace).toContain('○ medium: try again tomorrow')
  expect((await clawdeck('ledger', 'show', 'nothing')).code).toBe(3)
})

test('an operator sees what an agent works on', async () => {
  const id = await recorded({})
  await api.call('POST /assumptions', { action_id: id, assumption: 'the docs are right' })
  await api.call('POST /goals', { agent_id: 'scout', title: 'know everything' })
  const { out } = await clawdeck('work', 'scout@default')
  expect(out).toContain('? the docs are right')
  expect(out).toContain('know everything')
  expect((await clawdeck('work', 'idle@default')).out).toContain('has left nothing open')
  expect((await clawdeck('work', 'scout@nowhere')).code).toBe(3)
})

test('who may see some agents only, reads of these', async () => {
  await recorded({})
  await recorded({ agent_id: 'other' })
  const { desk } = await api.deck.deck.governance()
  expect(desk.page({ side: 'older', limit: 10 }).rows.map(({ agent }) => agent)).toEqual([
    'other@default',
    'scout@default',
  ])
})

test('an operator sees signals, and what policies cover of a framework', async () => {
  expect((await clawdeck('signals')).out).toContain('No signals')
  for (let i = 0; i < 12; i++) await recorded({})
  expect((await clawdeck('signals')).out).toMatch(/! amber {2}.*scout@default/)
  expect((await clawdeck('compliance')).out).toMatch(/soc2.*: 0 % covered/)
  const rules = JSON.stringify({ action_types: ['deploy'] })
  await api.call('POST /policies', { name: 'Ask', policy_type: 'require_approval', rules })
  expect((await clawdeck('compliance', 'imda-agentic')).out).toMatch(/[✓◐] IMDA-1.1/)
  expect((await clawdeck('compliance', 'nothing')).code).toBe(2)
})

import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openLink } from '../../../src/doors/operator/client.ts'
import { ApiDeck } from '../../support/api-deck.ts'
import { Screen } from '../../support/screen.ts'

const cleanups: (() => unknown)[] = []
let api: ApiDeck
beforeEach(async () => {
  api = await new ApiDeck((act) => cleanups.push(act)).start()
})
afterEach(async () => {
  for (const act of cleanups.splice(0).toReversed()) await act()
})

async function open(columns = 110, rows = 30): Promise<Screen> {
  const link = openLink(api.deck.home.socket, 'console')
  const screen = new Screen(columns, rows).open(link)
  cleanups.push(async () => {
    await screen.close()
    link.close()
  })
  return screen.expect('journal')
}

async function recorded(action: object = {}): Promise<string> {
  const { body } = await api.call('POST /actions', {
    agent_id: 'scout',
    action_type: 'research',
    declared_goal: 'read the docs',
    ...action,
  })
  return String(body['action_id'])
}

async function recordMany(many: number): Promise<void> {
  for (let i = 1; i <= many; i++)
    await recorded({
      declared_goal: `page ${i} of many`,
      agent_id: i % 2 === 0 ? 'scout' : 'crawler',
    })
}

describe('the ledger', () => {
  test('is empty, says why, and shows what is done from then on', async () => {
    const deck = await open()
    await deck.press('L').expect('No actions yet')
    await deck.expect('clawdeck api on opens it')
    await recorded({ declared_goal: 'the first of all' })
    await deck.expectRow('▸', 'scout@default', 'research', 'the first of all', 'running')
    await deck.press('esc').expectRow('Agents', '1')
  })

  test('shows new actions at the top; a cursor stays at its action', async () => {
    await recorded({ declared_goal: 'the older one' })
    await recorded({ declared_goal: 'the newer one' })
    const deck = await open()
    await deck.press('L').expectRow('▸', 'the newer one')
    await deck.press('j').expectRow('▸', 'the older one')
    await deck.expect('cursor stays')
    await recorded({ declared_goal: 'the newest of all' })
    await deck.expectRow('the newest of all')
    await deck.expectRow('▸', 'the older one')
    await deck.press('g').expectRow('▸', 'the newest of all')
    await recorded({ declared_goal: 'and one more' })
    await deck.expectRow('▸', 'and one more')
  })

  test('an action further down changes where it stands', async () => {
    const id = await recorded({ declared_goal: 'to be finished' })
    await recorded()
    const deck = await open()
    await deck.press('L').expectRow('▸', 'read the docs')
    await deck.press('j').expectRow('▸', 'to be finished', 'running')
    await api.call(`PATCH /actions/${id}`, { status: 'failed', error_message: 'no network' })
    await deck.expectRow('▸', 'to be finished · no network', '✗ failed')
  })

  test('loads more while one scrolls, to the first action of all', async () => {
    await recordMany(130)
    const deck = await open()
    await deck.press('L').expectRow('▸', 'page 130 of many')
    await deck.expectRow('Ledger', '60 loaded')
    await deck.press('G').expectRow('▸', 'page 71 of many')
    await deck.expectRow('Ledger', '120 loaded')
    await deck.press('G').expectRow('▸', 'page 11 of many')
    await deck.expectRow('Ledger', 'follows · 130')
    await deck.press('G').expectRow('▸', 'page 1 of many')
    await deck.press('g').expectRow('▸', 'page 130 of many')
  })

  test('is filtered by agent, type, status and words', async () => {
    await recordMany(4)
    await recorded({ action_type: 'deploy', declared_goal: 'ship 1.2' })
    const deck = await open()
    await deck.press('L').expectRow('▸', 'ship 1.2')
    await deck.press('/').expect('agent: type: status:')
    deck.type('agent:scout page').press('enter')
    await deck.expectGone('page 3 of many')
    await deck.expectRow('▸', 'page 4 of many')
    await deck.expectGone('ship 1.2')
    await deck.press('esc').expectRow('ship 1.2')
    deck.press('/').type('type:deploy').press('enter')
    await deck.expectGone('page 4')
    await deck.expectRow('▸', 'ship 1.2')
    deck.press('/').type(' status:failed').press('enter')
    await deck.expect('No match for “type:deploy status:failed”')
    await deck.press('esc')
    deck.press('/').type('status:nope').press('enter')
    await deck.expect('✕ status')
    await deck.press('esc').expectRow('ship 1.2')
  })

  test('an action opens with its trace, how it was decided, and what came of it', async () => {
    const parent = await recorded({ declared_goal: 'plan the release' })
    const id = await recorded({ parent_action_id: parent, declared_goal: 'build it' })
    await api.call('POST /assumptions', { action_id: id, assumption: 'the tests pass' })
    const deck = await open(110, 44)
    await deck.press('L').expectRow('▸', 'build it')
    await deck.press('enter').expectRow('└─', 'build it', '←')
    await deck.expectRow('● research', 'plan the release')
    await deck.expectRow('└─ ? the tests pass')
    await deck.expect('How it was decided')
    const loop = { action_id: id, loop_type: 'followup', description: 'publish the notes' }
    await api.call('POST /actions/loops', loop)
    await deck.expectRow('└─ ○ medium: publish the notes')
    const outcome = {
      output_summary: 'it runs',
      tokens_in: 900,
      tokens_out: 100,
      cost_estimate: 0.5,
    }
    await api.call(`PATCH /actions/${id}`, { status: 'completed', ...outcome })
    await deck.expectRow('outcome', 'it runs')
    await deck.expectRow('tokens', '900 in, 100 out')
    await deck.expectRow('cost', '$0.50')
    await deck.press('w').expect('Today:')
    await deck.press('esc', 'esc').expectRow('▸', 'build it', '✓ completed')
  })

  test('of a held action the approval opens, is decided there, and the ledger says by whom', async () => {
    await recorded({ declared_goal: 'harmless' })
    await recorded({
      action_type: 'deploy',
      declared_goal: 'ship to production',
      risk_score: 95,
      reversible: false,
    })
    const deck = await open(110, 40)
    await deck.press('L').expectRow('▸', 'ship to production', '◐ asking')
    await deck.press('j', 'o').expect('nobody was asked about it')
    await deck.press('k', 'o').expectRow('scout@default asks')
    await deck.press('n').expectRow('denied')
    await deck.press('esc').expectRow('▸', 'ship to production', '✗ failed')
    await deck.press('enter').expectRow('status', 'failed')
  })

  test('without a supervisor it says so and keeps what it shows', async () => {
    await recorded({ declared_goal: 'before the end' })
    const deck = await open()
    await deck.press('L').expectRow('before the end')
    await api.deck.stop()
    await deck.expectRow('Ledger', 'not live')
    await deck.expectRow('before the end')
  })
})

describe('an agent of the API', () => {
  const beat = (task: string, status = 'online') =>
    api.call('POST /agents/heartbeat', { agent_id: 'scout', status, current_task_id: task })

  test('is a row among the agents, with its presence and what it waits for', async () => {
    const deck = await open()
    await beat('week 12')
    await deck.expectRow('scout@default', 'API', 'online · week 12')
    await beat('', 'busy')
    await deck.expectRow('scout@default', 'busy')
    await recorded({ action_type: 'deploy', risk_score: 95, reversible: false })
    await deck.expectRow('◐', 'scout@default', 'asking')
  })

  test('says why keys for pods do not work', async () => {
    await beat('')
    const deck = await open(160)
    await deck.expectRow('▸', 'scout@default')
    for (const key of ['s', 'S', 'a', 'l', 'D']) {
      await deck.press(key).expect('it has no pod here')
      await deck.press('?').expect('it has no pod here')
      await deck.press('esc')
    }
  })

  test('opens as a page of what it does and works on, live', async () => {
    const id = await recorded()
    await api.call('POST /goals', { agent_id: 'scout', title: 'know everything' })
    const deck = await open(110, 50)
    await deck.expectRow('▸', 'scout@default')
    await deck.press('enter').expectRow("Agent's work", 'scout@default')
    await deck.expectRow('limits', 'it asks through the API')
    await deck.expectRow('acted', '1 action: 1 running')
    await deck.expect('know everything')
    await api.call('POST /assumptions', { action_id: id, assumption: 'nobody moved it' })
    await deck.expectRow('? nobody moved it')
    await api.call('POST /messages', {
      from_agent_id: 'billing',
      to_agent_id: 'scout',
      body: 'cards expire',
    })
    await deck.expectRow('billing', 'cards expire')
    await deck.press('H').expectRow('Ledger', '/agent:scout@default')
    await deck.press('esc', 'esc').expectRow('acted', '1 action')
  })

  test('hostile words are marked and cut, wherever they are shown', async () => {
    const bad = '\u001b]0;owned\u0007\u001b[2J\u202egnp.exe\u2066 \u0000'
    const id = await recorded({
      agent_id: `scout${bad}`,
      action_type: `type${bad}`,
      declared_goal: `${bad}${'x'.repeat(1500)}`,
      action_id: `act${bad}`,
      reasoning: bad.repeat(100),
    })
    const { status } = await api.call('POST /actions', undefined, {
      raw: JSON.stringify({
        agent_id: 'scout',
        action_type: 'x',
        declared_goal: 'y'.repeat(4 << 20),
      }),
    })
    expect(status).toBe(413)
    expect(id).toContain('act')
    const deck = await open(110, 40)
    await deck.press('L').expectRow('BEGAN', 'AGENT', 'STATUS')
    await deck.expectRow('▸', 'scout␛]0;owned')
    await deck.press('enter').expectRow('status', 'asking')
    await deck.press('u').expect('has left nothing open')
    const controls = /\u001b\]0;owned|\u001b\[2J\u202e|[\u202e\u2066\u0000]/
    expect(deck.bytes).not.toMatch(controls)
  })
})

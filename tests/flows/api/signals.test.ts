import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { ApiDeck } from '../../support/api-deck.ts'
import { ManualClock } from '../../support/clock.ts'
import { OPERATOR } from '../../support/deck.ts'
import { until } from '../../support/until.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

const cleanups: (() => unknown)[] = []
let clock: ManualClock
let api: ApiDeck
beforeEach(async () => {
  clock = new ManualClock()
  api = await new ApiDeck((act) => cleanups.push(act), clock).start()
})
afterEach(async () => {
  for (const act of cleanups.splice(0).toReversed()) await act()
})

interface Signal {
  type: string
  severity: string
  agent_id: string
  help: string
}

/** `autonomy_spike amber`, as they stand. */
async function signals(query = ''): Promise<string[]> {
  const { body } = await api.call<{ signals: Signal[] }>(`GET /signals${query}`)
  return body.signals.map(({ type, severity }) => `${type} ${severity}`)
}

async function act(fields: object = {}): Promise<string> {
  const { body } = await api.call('POST /actions', {
    agent_id: 'scout',
    action_type: 'research',
    declared_goal: 'read the docs',
    ...fields,
  })
  return String(body['action_id'])
}

async function times(n: number, deed: () => Promise<unknown>): Promise<void> {
  for (let i = 0; i < n; i++) await deed()
}

describe('a signal', () => {
  test('there is none at first', async () => {
    expect(await api.call('GET /actions/signals')).toMatchObject({
      status: 200,
      body: { signals: [], counts: { red: 0, amber: 0, total: 0 } },
    })
  })

  test('an agent that acts very often, and one that fails repeatedly', async () => {
    await times(10, () => act({ status: 'completed' }))
    expect(await signals()).toEqual([])
    await times(1, () => act({ status: 'completed' }))
    expect(await signals()).toEqual(['autonomy_spike amber'])
    await times(10, () => act({ status: 'failed' }))
    expect(await signals()).toEqual(['autonomy_spike red', 'repeated_failures red'])
    clock.advance(HOUR + 1)
    expect(await signals()).toEqual(['repeated_failures red'])
    expect(await signals('?agent_id=somebody')).toEqual([])
    expect(await signals('?agent_id=scout')).toEqual(['repeated_failures red'])
  })

  test('actions that nobody watches, that run long, that hang and that wait', async () => {
    await act({ action_type: 'cleanup', reversible: false, risk_score: 69 })
    expect(await signals()).toEqual([])
    const [held] = [await act({ reversible: false, risk_score: 95 })]
    await api.call(`POST /actions/${held}/approve`, { decision: 'allow' })
    expect(await signals()).toEqual(['high_impact_low_oversight red'])
    await api.call(`PATCH /actions/${held}`, { status: 'completed' })
    await act({ action_type: 'workflow_execute' })
    await act({ action_type: 'deploy' })
    clock.advance(31 * MINUTE)
    expect(await signals()).toEqual(['workflow_stuck amber'])
    clock.advance(4 * HOUR)
    expect(await signals()).toEqual([
      'workflow_stuck red',
      'stale_running_action amber',
      'stale_running_action amber',
    ])
  })

  test('approvals that nobody decides', async () => {
    api = new ApiDeck((deed) => cleanups.push(deed), clock)
    api.deck.withSettings('approvals: { expiryMinutes: 600 }')
    await api.start()
    await act({ action_type: 'deploy' })
    clock.advance(HOUR)
    expect(await signals()).toEqual([])
    clock.advance(1)
    expect(await signals()).toEqual(['approval_backlog amber'])
    clock.advance(3 * HOUR)
    expect(await signals()).toEqual(['approval_backlog red'])
  })

  test('loops and assumptions that nobody looks after', async () => {
    const action = await act({ status: 'completed' })
    await api.call('POST /actions/loops', {
      action_id: action,
      loop_type: 'question',
      description: 'why?',
    })
    const assumed = async () => {
      const given = { action_id: action, assumption: 'so' }
      return String((await api.call('POST /assumptions', given)).body['assumption_id'])
    }
    const [first, second] = [await assumed(), await assumed()]
    await assumed()
    clock.advance(49 * HOUR)
    expect(await signals()).toEqual(['stale_loop amber'])
    const wrong = { validated: false, invalidated_reason: 'no' }
    for (const id of [first, second]) await api.call(`PATCH /assumptions/${id}`, wrong)
    expect(await signals()).toEqual(['stale_loop amber', 'assumption_drift amber'])
    clock.advance(13 * DAY)
    expect(await signals()).toEqual(['stale_loop red', 'stale_assumption amber'])
  })

  test('an agent that is silent, more so with a task; not one that said goodbye', async () => {
    const beat = (agent_id: string, fields: object) =>
      api.call('POST /agents/heartbeat', { agent_id, ...fields })
    await beat('busy', { current_task_id: 'task-1', metadata: null })
    await beat('idle', {})
    await beat('gone', { status: 'offline' })
    clock.advance(11 * MINUTE)
    expect(await signals()).toEqual(['agent_silent red', 'agent_silent amber'])
    await beat('busy', { current_task_id: 'task-1' })
    expect(await signals()).toEqual(['agent_silent amber'])
  })

  test('what tools report with a question: stale branches, servers, tests', async () => {
    const ask = (intel: object) =>
      api.call('POST /guard', { agent_id: 'scout', action_type: 'build', intel })
    await ask({
      branch: { freshness: 'stale', commits_behind: 7 },
      mcp: { status: 'auth_required' },
    })
    expect(await signals()).toEqual(['branch_stale red', 'mcp_degraded red'])
    await ask({ branch: { freshness: 'fresh' } })
    expect(await signals()).toEqual(['mcp_degraded red'])
    clock.advance(31 * MINUTE)
    expect(await signals()).toEqual([])
    await api.call('POST /policies', {
      name: 'green',
      policy_type: 'green_contract',
      rules: JSON.stringify({ action_types: ['build'], required_level: 'package', action: 'warn' }),
    })
    await ask({ green: { observed_level: 'targeted' } })
    expect(await signals()).toEqual(['green_insufficient red'])
  })

  test('credentials that fail for another agent, and sessions that stand still', async () => {
    const report = (agent_id: string, status: string) =>
      api.call('POST /agents/connections', {
        agent_id,
        connections: [{ provider: 'openai', status }],
      })
    await report('scout', 'active')
    clock.advance(1000)
    await report('scribe', 'error')
    expect(await signals()).toEqual(['integration_mismatch red'])
    await report('scribe', 'active')
    const { body } = await api.call<{ session: { id: string } }>('POST /sessions', {
      agent_id: 'scout',
    })
    const { id } = body.session
    await api.call(`PATCH /sessions/${id}`, { status: 'running' })
    clock.advance(2 * HOUR + 1)
    expect(await signals()).toEqual(['session_stalled amber'])
    await act({ session_id: id })
    expect(await signals()).toEqual([])
  })

  test('warns whoever asks the guard, if wanted', async () => {
    await times(11, () => act({ status: 'completed' }))
    const asked = { agent_id: 'scout', action_type: 'research' }
    expect(await api.call('POST /guard', asked)).toMatchObject({ body: { warnings: [] } })
    expect(await api.call('POST /guard?include_signals=true', asked)).toMatchObject({
      body: {
        decision: 'allow',
        warnings: ['Signal (amber): scout acts unusually often'],
        signals: ['Signal (amber): scout acts unusually often'],
      },
    })
  })

  test('of one organisation is not seen by another', async () => {
    await times(11, () => act({ status: 'completed' }))
    const { id: org } = await api.deck.deck.orgs.create({ slug: 'acme', name: 'Acme' }, OPERATOR)
    const other = { as: await api.key(org, 'readonly') }
    expect(await api.call('GET /signals', undefined, other)).toMatchObject({
      body: { counts: { total: 0 } },
    })
  })
})

describe('the watch', () => {
  const isSignal = (event: { type: string; body: object }) =>
    'kind' in event.body && event.body.kind === 'signal'
  const kept = () => api.deck.events().filter(isSignal)
  /** The next thing that is written down of signals after time went on. */
  async function after(ms: number) {
    const seen = kept().length
    clock.advance(ms)
    await until('a signal is written down', () => kept().length > seen)
    return kept()[seen]
  }

  test('tells once of a signal, until it is gone', async () => {
    await times(11, () => act({ status: 'completed' }))
    expect(await after(MINUTE)).toMatchObject({
      type: 'record.made',
      actor: 'supervisor',
      subject: 'scout@default',
      body: { data: { type: 'autonomy_spike', status: 'active', severity: 'amber' } },
    })
    await times(10, () => act({ status: 'completed' }))
    expect(await after(MINUTE)).toMatchObject({
      type: 'record.changed',
      body: { change: { severity: 'red' } },
    })
    expect(await after(HOUR)).toMatchObject({
      type: 'record.changed',
      body: { change: { status: 'cleared' } },
    })
    expect(kept()).toHaveLength(3)
  })

  test('tells again of one that comes back later', async () => {
    await times(11, () => act({ status: 'completed' }))
    const first = await after(MINUTE)
    await after(HOUR)
    clock.advance(HOUR)
    await times(11, () => act({ status: 'completed' }))
    expect(await after(MINUTE)).toMatchObject({
      type: 'record.made',
      body: { data: { first_seen: new Date(first?.at ?? 0).toISOString() } },
    })
  })
})

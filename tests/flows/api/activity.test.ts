import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { ApiDeck } from '../../support/api-deck.ts'
import { ManualClock } from '../../support/clock.ts'
import { OPERATOR } from '../../support/deck.ts'

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

interface Activity extends Record<string, unknown> {
  events: { action: string; actor_id: string; resource_id: string }[]
  stats: { total: number; today: number; unique_actors: number }
}
const activity = async (query = '', as = 'admin') =>
  (await api.call<Activity>(`GET /activity${query}`, undefined, { as })).body

/** Held, and decided by an operator. */
async function decided(agent: string, answer: 'allow' | 'deny'): Promise<string> {
  const asked = { agent_id: agent, action_type: 'deploy', declared_goal: `ship ${agent}` }
  const held = await api.call('POST /actions', asked)
  const [waiting] = await api.deck.deck.approvals.list('pending', 1)
  await api.deck.deck.approvals[answer](waiting?.id ?? '', { note: 'so' }, 'operator:maya/cli')
  return String(held.body['action_id'])
}

describe('the activity of an organisation', () => {
  test('is who decided, set up and changed what', async () => {
    const before = (await activity()).stats.total
    const key = await api.call<{ key: { id: string } }>('POST /orgs/org_default/keys', {
      label: 'nightly',
    })
    const allowed = await decided('scout', 'allow')
    const denied = await decided('me@example.com', 'deny')
    const policy = { name: 'Ask', policy_type: 'risk_threshold', rules: '{"threshold":90}' }
    await api.call('POST /policies', policy)
    const { events, stats } = await activity()
    expect(events.slice(0, 4)).toMatchObject([
      { action: 'policy.created', resource_type: 'policy', actor_type: 'api_key' },
      { action: 'action.denied', resource_id: denied, agent_id: 'me@example.com' },
      {
        action: 'action.allowed',
        resource_type: 'action',
        resource_id: allowed,
        agent_id: 'scout',
        actor_id: 'maya',
        actor_type: 'operator',
        actor_name: 'maya',
        details: { reason: 'so' },
      },
      {
        action: 'key.created',
        resource_id: key.body.key.id,
        actor_name: 'admin',
        details: { label: 'nightly', role: 'member' },
      },
    ])
    expect(stats.total).toBe(before + 4)
    expect(stats.today).toBe(before + 4)
    // What agents do is in the ledger.
    expect(events.every(({ action }) => action !== 'action.created')).toBe(true)
  })

  test('is found by action, resource, actor, agent and time, in pages', async () => {
    await decided('scout', 'allow')
    clock.advance(24 * 60 * 60_000)
    const middle = new Date(clock.now()).toISOString()
    clock.advance(1)
    await decided('other', 'deny')
    expect((await activity('?action=action.allowed')).events.length).toBe(1)
    expect((await activity('?resource_type=action')).stats).toEqual({
      total: 2,
      today: 1,
      unique_actors: 1,
    })
    expect((await activity('?type=action.denied')).events.length).toBe(1)
    expect((await activity('?type=api_key')).events.length).toBe(3)
    expect((await activity('?actor_id=maya')).events.length).toBe(2)
    expect((await activity('?actor_id=may')).events.length).toBe(0)
    expect((await activity('?agent_id=scout')).events).toMatchObject([{ action: 'action.allowed' }])
    expect((await activity(`?resource_type=action&after=${middle}`)).events.length).toBe(1)
    expect((await activity(`?resource_type=action&before=${middle}`)).events.length).toBe(1)
    expect((await activity('?action=unheard.of')).events).toEqual([])
    const whole = (await activity()).events
    const pages = [
      ...(await activity('?limit=2')).events,
      ...(await activity('?limit=200&offset=2')).events,
    ]
    expect(pages).toEqual(whole)
    expect((await api.call('GET /activity?before=yesterday')).status).toBe(400)
  })

  test('is not seen by another, nor what agents in pods are allowed', async () => {
    const { id: org } = await api.deck.deck.orgs.create({ slug: 'acme', name: 'Acme' }, OPERATOR)
    const theirs = await api.key(org, 'admin')
    await decided('scout', 'allow')
    const pod = await api.deck.agent('default')
    const { id } = await pod.exec('git push origin main')
    await api.deck.deck.approvals.deny(id, { note: '' }, OPERATOR)
    expect((await activity('', theirs)).events).toMatchObject([
      { action: 'key.created' },
      { action: 'organization.created' },
    ])
    expect((await activity('?resource_type=action')).stats.total).toBe(1)
  })

  test('is read by an index', async () => {
    const { store } = api.deck.running.composed.record
    const { ACTIVITY_OF, IS_ACTIVITY } =
      await import('../../../src/domain/governance/activity/rules.ts')
    const plan = store
      .prepare<[], { detail: string }>(
        `EXPLAIN QUERY PLAN SELECT * FROM event WHERE ${IS_ACTIVITY} AND at < 5 AND ${ACTIVITY_OF} = 'x' ORDER BY seq DESC LIMIT 5`,
      )
      .all()
    expect(plan.map(({ detail }) => detail).join('\n')).toMatch(/event_by_activity/)
    expect(plan.map(({ detail }) => detail).join('\n')).not.toMatch(/TEMP B-TREE|SCAN/)
  })
})

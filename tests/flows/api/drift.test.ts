import { afterEach, beforeEach, expect, test } from 'vitest'
import { finishedAction } from '../../support/api-actions.ts'
import { ApiDeck } from '../../support/api-deck.ts'
import { ManualClock } from '../../support/clock.ts'
import { OPERATOR } from '../../support/deck.ts'

const DAY = 24 * 60 * 60_000
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

/** Actions of a risk as usual, then what is normal, then riskier ones days later. */
async function drifting(): Promise<void> {
  for (const risk_score of [10, 12, 10, 12, 11]) await finishedAction(api, { risk_score })
  await api.call('POST /drift/alerts', { action: 'compute_baselines', lookback_days: 30 })
  clock.advance(10 * DAY)
  for (const risk_score of [50, 52, 51]) await finishedAction(api, { risk_score })
}

test('what an agent does is compared with what it did before', async () => {
  await drifting()
  const detected = await api.call<{ alerts: { id: string; metric: string }[] }>(
    'POST /drift/alerts',
    { action: 'detect', agent_id: 'scout' },
  )
  expect(detected).toMatchObject({
    status: 201,
    body: {
      alerts_generated: expect.any(Number),
      alerts: expect.arrayContaining([
        expect.objectContaining({
          agent_id: 'scout',
          metric: 'risk_score',
          severity: 'critical',
          direction: 'increasing',
        }),
      ]),
    },
  })
  // What is open already is not told of twice.
  const again = await api.call<{ alerts: { id: string }[] }>('POST /drift/alerts')
  expect(again.body.alerts.map(({ id }) => id)).toEqual(detected.body.alerts.map(({ id }) => id))
  const risk = detected.body.alerts.find(({ metric }) => metric === 'risk_score')?.id ?? ''
  const guard = { action_type: 'research', agent_id: 'scout' }
  expect((await api.call('POST /guard', guard)).body).toMatchObject({
    learning: { drift_status: 'critical' },
  })
  expect(await api.call('GET /learning/lessons?agent_id=scout')).toMatchObject({
    body: {
      drift_warnings: expect.arrayContaining([
        expect.objectContaining({ metric: 'risk_score', severity: 'critical' }),
      ]),
    },
  })
  expect(await api.call('GET /drift/alerts?acknowledged=false&metric=risk_score')).toMatchObject({
    body: { total: 1, alerts: [{ id: risk }] },
  })
  expect(await api.call(`PATCH /drift/alerts/${risk}`)).toMatchObject({
    status: 200,
    body: { acknowledged: true, acknowledged_at: expect.any(String) },
  })
  const { total } = (await api.call<{ total: number }>('GET /drift/alerts')).body
  expect(await api.call('GET /drift/stats')).toMatchObject({
    body: {
      overall: { total, unacknowledged: total - 1 },
      by_agent: [{ agent_id: 'scout', total }],
      by_metric: expect.arrayContaining([
        { metric: 'risk_score', total: 1, unacknowledged: 0, critical: 0, warning: 0, info: 0 },
      ]),
      baselines: expect.any(Number),
    },
  })
  for (const { id } of detected.body.alerts)
    expect((await api.call(`DELETE /drift/alerts/${id}`)).body).toEqual({ deleted: true })
  expect(await api.call('GET /drift/stats?agent_id=scout')).toMatchObject({
    body: { overall: { total: 0 } },
  })
  expect((await api.call('POST /guard', guard)).body).toMatchObject({
    learning: { drift_status: null },
  })
})

test('what is normal takes the place of what was normal before', async () => {
  await drifting()
  const call = { action: 'compute_baselines', agent_id: 'scout' }
  const computed = await api.call('POST /drift/alerts', call)
  expect(computed).toMatchObject({
    status: 201,
    body: {
      results: expect.arrayContaining([
        expect.objectContaining({ metric: 'risk_score', sample_count: 8, min: 10, max: 52 }),
      ]),
    },
  })
  await api.call('POST /drift/alerts', call)
  expect((await api.call('GET /drift/stats')).body['baselines']).toBe(
    computed.body['baselines_computed'],
  )
})

test('the values of a day are kept', async () => {
  await drifting()
  const taken = await api.call('POST /drift/alerts', { action: 'record_snapshots' })
  expect(taken).toMatchObject({
    status: 201,
    body: {
      results: expect.arrayContaining([
        expect.objectContaining({ metric: 'risk_score', mean: 51, sample_count: 3 }),
      ]),
    },
  })
  expect(await api.call('GET /drift/snapshots?agent_id=scout&metric=risk_score')).toMatchObject({
    body: { snapshots: [{ mean: 51, stddev: 1 }] },
  })
  expect((await api.call('GET /drift/snapshots?agent_id=nobody')).body).toEqual({ snapshots: [] })
  expect(await api.call('GET /drift/metrics')).toMatchObject({
    body: { metrics: expect.arrayContaining([{ id: 'risk_score', label: 'Risk score' }]) },
  })
})

test('drift is of one organisation, and bad requests say so', async () => {
  await drifting()
  const detected = await api.call<{ alerts: { id: string }[] }>('POST /drift/alerts')
  const address = `/drift/alerts/${detected.body.alerts[0]?.id}`
  const { id: org } = await api.deck.deck.orgs.create({ slug: 'acme', name: 'Acme' }, OPERATOR)
  const theirs = { as: await api.key(org, 'admin') }
  expect((await api.call(`PATCH ${address}`, undefined, theirs)).status).toBe(404)
  expect((await api.call(`DELETE ${address}`, undefined, theirs)).status).toBe(404)
  expect(await api.call('POST /drift/alerts', {}, theirs)).toMatchObject({
    body: { alerts_generated: 0 },
  })
  expect((await api.call('POST /drift/alerts', { action: 'guess' })).status).toBe(400)
  expect((await api.call('PATCH /drift/alerts/none')).status).toBe(404)
  expect((await api.call('POST /drift/alerts', {}, { as: 'readonly' })).status).toBe(403)
  expect(await api.deck.deck.audit.rebuild()).toMatchObject({ same: true })
})

import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { ApiDeck } from '../../support/api-deck.ts'
import { ManualClock } from '../../support/clock.ts'
import { OPERATOR } from '../../support/deck.ts'
import { until } from '../../support/until.ts'

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

const get = async <T = Record<string, unknown>>(path: string, as?: string) => {
  const { status, body } = await api.call<T>(`GET ${path}`, undefined, as ? { as } : {})
  expect([status, body]).toEqual([200, expect.anything()])
  return body
}
const policy = (rules: object, policy_type = 'block_action_type') =>
  api.call('POST /policies', {
    name: JSON.stringify(rules),
    policy_type,
    rules: JSON.stringify(rules),
  })
const otherOrg = async () => {
  const { id } = await api.deck.deck.orgs.create({ name: 'Other', slug: 'other' }, OPERATOR)
  return api.key(id, 'admin')
}

interface Mapped {
  summary: { coverage_percentage: number; covered: number }
  controls: { control_id: string; status: string; id: string; covered: boolean }[]
}

describe('coverage', () => {
  test('follows the policies of the organisation', async () => {
    const { frameworks } = await get<{ frameworks: { id: string }[] }>('/compliance/frameworks')
    expect(frameworks.map(({ id }) => id)).toEqual([
      'soc2',
      'iso27001',
      'gdpr',
      'nist-ai-rmf',
      'imda-agentic',
    ])
    const path = '/compliance/map?framework=soc2'
    expect((await get<Mapped>(path)).summary).toMatchObject({ covered: 0 })
    await policy({ action_types: ['exec.*'] })
    const map = await get<Mapped & { coverage_pct: number; project: string }>(path, 'readonly')
    expect(map).toMatchObject({ project: 'Default', coverage_pct: map.summary.coverage_percentage })
    expect(map.controls.find(({ id }) => id === 'CC6.1')).toMatchObject({
      control_id: 'CC6.1',
      status: 'covered',
      covered: true,
      name: expect.any(String),
    })
    const gaps = await get<{ remediation_plan: { control_id: string }[] }>(
      '/compliance/gaps?framework=soc2',
    )
    expect(gaps.remediation_plan.map((each) => each.control_id)).not.toContain('CC6.1')
    const as = await otherOrg()
    expect((await get<Mapped>(path, as)).summary).toMatchObject({ covered: 0 })
  })

  test('of a framework that nobody knows is refused', async () => {
    for (const path of ['map', 'gaps', 'report'])
      for (const asked of ['', '?framework=pci', '?framework=soc2&framework='])
        expect((await api.call(`GET /compliance/${path}${asked}`)).status).toBe(
          asked.includes('soc2') ? 200 : 400,
        )
    expect((await api.call('GET /compliance/report?framework=soc2&format=pdf')).status).toBe(400)
  })
})

describe('a report', () => {
  test('is text in either format, and what it found is kept', async () => {
    const { report, format } = await get<{ report: string; format: string }>(
      '/compliance/report?framework=soc2',
    )
    expect([format, report.slice(0, 26)]).toEqual(['md', '# SOC 2 compliance report\n'])
    const json = await get<{ report: string }>('/compliance/report?framework=soc2&format=json')
    expect(JSON.parse(json.report)).toMatchObject({
      map: { framework: 'soc2' },
      evidence: { window_days: 30 },
    })
    const trends = async (more = '') =>
      (
        await get<{ trends: { coverage_percentage: number; change: number; framework: string }[] }>(
          `/compliance/trends${more}`,
        )
      ).trends
    // The second found the same: it is no change.
    expect(await trends('?framework=soc2')).toHaveLength(1)
    await policy({ action_types: ['exec.*'] })
    await get('/compliance/report?framework=soc2')
    clock.advance(2 * 60 * 60_000)
    await get('/compliance/report?framework=soc2')
    await get('/compliance/report?framework=gdpr')
    const found = await trends('?framework=soc2')
    expect(found.map(({ change }) => change > 0)).toEqual([false, true, false])
    expect(await trends('?framework=soc2&limit=2')).toEqual(found.slice(1))
    expect((await trends()).map(({ framework }) => framework)).toEqual([
      'soc2',
      'soc2',
      'soc2',
      'gdpr',
    ])
    expect(await get('/compliance/trends', await otherOrg())).toEqual({ trends: [] })
  })
})

test('evidence counts decisions and actions of whole days', async () => {
  await policy({ action_types: ['fs.*'] })
  const act = (action_type: string) =>
    api.call('POST /actions', {
      agent_id: 'scout',
      action_type,
      declared_goal: 'g',
    })
  await act('review')
  clock.advance(5 * DAY)
  await act('fs.rm')
  await act('deploy')
  await api.call('POST /guard', { action_type: 'review' })
  clock.advance(3 * DAY)
  await act('review')
  const evidence = async (window: string) =>
    (await get<{ evidence: object; window_days: number }>(`/compliance/evidence${window}`)).evidence
  expect(await evidence('?window=7d')).toEqual({
    guard_decisions_total: 4,
    guard_decisions_blocked: 1,
    approval_requests: 1,
    action_records_total: 3,
    breakdown: { allow: 2, warn: 0, require_approval: 1, block: 1 },
    action_breakdown: { running: 1, blocked: 1, failed: 1 },
  })
  expect(await evidence('')).toMatchObject({ guard_decisions_total: 5, action_records_total: 4 })
  expect(await evidence('?window=1d')).toMatchObject({ action_records_total: 1 })
  expect(
    await api.call('GET /compliance/evidence', undefined, { as: await otherOrg() }),
  ).toMatchObject({
    body: { window: '30d', window_days: 30, evidence: { guard_decisions_total: 0 } },
  })
})

describe('an export', () => {
  const TERMS = { frameworks: ['soc2', 'gdpr', 'soc2'], name: 'Q1' }

  test('is kept with its document, and can be downloaded', async () => {
    const made = await api.call('POST /compliance/exports', TERMS, { as: 'member' })
    expect(made).toMatchObject({
      status: 201,
      body: {
        name: 'Q1',
        frameworks: ['soc2', 'gdpr'],
        format: 'markdown',
        window_days: 30,
        include_evidence: true,
        status: 'completed',
        schedule_id: null,
      },
    })
    expect(made.body).not.toHaveProperty('content')
    const id = String(made.body['id'])
    const { content } = await get<{ content: string }>(`/compliance/exports/${id}`)
    expect(content).toMatch(/^# SOC 2 compliance report[\s\S]*\n---\n\n# GDPR/)
    const file = await api.call<string>(`GET /compliance/exports/${id}/download`)
    expect([file.status, file.body, file.headers.get('content-disposition')]).toEqual([
      200,
      content,
      `attachment; filename="${id}.md"`,
    ])
    // What changes later changes nothing of it.
    await policy({ action_types: ['exec.*'] })
    expect(await get(`/compliance/exports/${id}`)).toMatchObject({ content })
    const as = await otherOrg()
    expect((await api.call(`GET /compliance/exports/${id}`, undefined, { as })).status).toBe(404)
    expect((await api.call(`DELETE /compliance/exports/${id}`, undefined, { as })).status).toBe(404)
    expect(await get('/compliance/exports')).toMatchObject({ exports: [{ id }] })
    const del = `DELETE /compliance/exports/${id}`
    expect((await api.call(del, undefined, { as: 'readonly' })).status).toBe(403)
    expect(await api.call(del)).toMatchObject({ status: 200, body: { deleted: true } })
    for (const gone of [`GET /compliance/exports/${id}/download`, del])
      expect((await api.call(gone)).status).toBe(404)
    expect(await get('/compliance/exports')).toEqual({ exports: [] })
  })

  test('as JSON holds what was asked for', async () => {
    const { body } = await api.call('POST /compliance/exports', {
      ...TERMS,
      format: 'json',
      include_evidence: false,
      include_trends: false,
    })
    const file = await api.call<{ reports: object[] }>(
      `GET /compliance/exports/${String(body['id'])}/download`,
    )
    expect(file.body.reports).toHaveLength(2)
    expect(file.body.reports[0]).not.toHaveProperty('evidence')
  })

  test.each([
    {},
    { frameworks: [] },
    { frameworks: 'soc2' },
    { frameworks: ['pci'] },
    { frameworks: ['soc2'], format: 'pdf' },
    { frameworks: ['soc2'], name: '' },
  ])('%j is refused', async (terms) => {
    expect((await api.call('POST /compliance/exports', terms)).status).toBe(400)
    expect(
      (await api.call('POST /compliance/schedules', { ...terms, cron_expression: '0 3 * * *' }))
        .status,
    ).toBe(400)
  })
})

describe('a schedule', () => {
  const DAILY = { frameworks: ['soc2'], cron_expression: '0 3 * * *', format: 'json' }
  const exports = async () =>
    (await get<{ exports: { schedule_id: string; name: string }[] }>('/compliance/exports')).exports
  const schedules = async () =>
    (await get<{ schedules: { id: string; next_run_at: string }[] }>('/compliance/schedules'))
      .schedules
  /** The present of the deck begins on 1 January 2026 at midnight. */
  const nextRun = async () => (await schedules())[0]?.next_run_at

  test('makes exports at its times, and says when the next one comes', async () => {
    const made = await api.call('POST /compliance/schedules', DAILY)
    expect(made).toMatchObject({
      status: 201,
      body: { enabled: true, last_run_at: null, next_run_at: '2026-01-01T03:00:00.000Z' },
    })
    const id = String(made.body['id'])
    for (const at of [2, 3])
      await until('its export was made', async () => {
        clock.advance(60 * 60_000)
        return (await exports()).length > 0 || at === 2
      })
    await until('the next is known', async () => (await nextRun()) === '2026-01-02T03:00:00.000Z')
    expect(await exports()).toMatchObject([{ schedule_id: id, name: 'Scheduled export' }])
    await api.call(`PATCH /compliance/schedules/${id}`, { enabled: false })
    clock.advance(3 * DAY)
    expect(await nextRun()).toBeNull()
    expect(await exports()).toHaveLength(1)
    const on = { enabled: true, cron_expression: '30 4 * * 1', name: 'Mondays' }
    expect(await api.call(`PATCH /compliance/schedules/${id}`, on)).toMatchObject({
      body: { name: 'Mondays', next_run_at: expect.stringMatching(/T04:30:00.000Z$/) },
    })
    expect(await api.call(`DELETE /compliance/schedules/${id}`)).toMatchObject({ status: 200 })
    expect(await schedules()).toEqual([])
    expect(await exports()).toHaveLength(1)
  })

  test('that came due while the API was off is made up for, once', async () => {
    await api.call('POST /compliance/schedules', DAILY)
    await api.deck.stop()
    clock.advance(5 * DAY)
    await api.deck.start()
    await api.open()
    await until('the export is made', async () => {
      clock.advance(1000)
      return (await exports()).length > 0
    })
    expect(await exports()).toHaveLength(1)
    expect(await nextRun()).toBe('2026-01-06T03:00:00.000Z')
  })

  test('belongs to its organisation, and is written by members', async () => {
    const { body } = await api.call('POST /compliance/schedules', DAILY, { as: 'member' })
    const at = `/compliance/schedules/${String(body['id'])}`
    const as = await otherOrg()
    expect((await api.call(`PATCH ${at}`, { enabled: false }, { as })).status).toBe(404)
    expect((await api.call(`DELETE ${at}`, undefined, { as })).status).toBe(404)
    expect((await api.call(`PATCH ${at}`, {}, { as: 'readonly' })).status).toBe(403)
    expect((await api.call(`PATCH ${at}`, { frameworks: ['pci'] })).status).toBe(400)
    expect(await get('/compliance/schedules', as)).toEqual({ schedules: [] })
  })

  test.each([
    '',
    'never',
    '* * * * *',
    '0,1 3 * * *',
    '*/5 * * * *',
    '0 0 31 2 *',
    '0 0 3 * * *',
    '@every',
  ])('at %j is refused', async (cron_expression) => {
    const told = { ...DAILY, cron_expression }
    expect((await api.call('POST /compliance/schedules', told)).status).toBe(400)
  })
})

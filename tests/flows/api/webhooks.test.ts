import { createHmac } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { ApiDeck } from '../../support/api-deck.ts'
import { ManualClock } from '../../support/clock.ts'
import { OPERATOR } from '../../support/deck.ts'
import { Receiver } from '../../support/receiver.ts'
import { until } from '../../support/until.ts'

const cleanups: (() => unknown)[] = []
let clock: ManualClock
let api: ApiDeck
let receiver: Receiver
beforeEach(async () => {
  clock = new ManualClock()
  receiver = await Receiver.open((act) => cleanups.push(act))
  const settings = { allowPrivate: ['127.0.0.1'] }
  api = await new ApiDeck((act) => cleanups.push(act), clock, settings).start()
})
afterEach(async () => {
  for (const act of cleanups.splice(0).toReversed()) await act()
})

interface MadeWebhook extends Record<string, unknown> {
  webhook: { id: string; secret: string; active: boolean }
}
const DEPLOY = { agent_id: 'scout', action_type: 'deploy', declared_goal: 'ship it' }
const HOUR = 60 * 60_000

async function hook(terms: object = {}) {
  const made = await api.call<MadeWebhook>('POST /webhooks', { url: receiver.url, ...terms })
  expect(made.status).toBe(201)
  return made.body.webhook
}

/** What came, as JSON, once there is so much. */
async function got(count: number) {
  await until(`${count} messages`, () => receiver.received.length >= count)
  return receiver.received.map(({ headers, text }) => ({
    headers,
    text,
    json: JSON.parse(text) as Record<string, unknown> & { event: string },
  }))
}

async function state(id: string) {
  const { body } = await api.call<{ webhooks: (Record<string, unknown> & { id: string })[] }>(
    'GET /webhooks',
  )
  return body.webhooks.find((one) => one.id === id)
}

/** A signal, as what computes them writes it down. */
async function signal(type: string): Promise<void> {
  await api.deck.running.composed.record.journal.append(() => [
    {
      type: 'record.made',
      actor: 'supervisor',
      subject: '',
      body: {
        org: 'org_default',
        kind: 'signal',
        key: type,
        data: { type, severity: 'red', label: type, detail: 'many', agent_id: 'scout' },
      },
    },
  ])
}

describe('a webhook', () => {
  test('hears that an action waits and what was decided, signed by its secret', async () => {
    const { id, secret } = await hook()
    expect(id).toMatch(/^wh_/)
    expect(secret).toMatch(/^[0-9a-f]{64}$/)
    const held = await api.call('POST /actions', DEPLOY)
    const action = String(held.body['action_id'])
    await api.call(`POST /actions/${action}/approve`, { decision: 'allow', reasoning: 'fine' })
    const [pending, granted] = await got(2)
    expect(pending?.json).toMatchObject({
      event: 'approval_pending',
      org_id: 'org_default',
      action: { action_id: action, agent_id: 'scout', status: 'pending_approval', risk_score: 85 },
      approval_url: `${api.url}/replay/${action}`,
    })
    expect(granted?.json).toMatchObject({
      event: 'approval_granted',
      action: { action_id: action, status: 'running', reason: 'fine' },
    })
    expect(granted?.headers).toMatchObject({
      'user-agent': 'DashClaw-Webhooks/1.0',
      'x-dashclaw-event': 'approval_granted',
      'x-dashclaw-delivery': expect.stringMatching(/^wd_/) as string,
      'x-dashclaw-signature': createHmac('sha256', secret)
        .update(granted?.text ?? '')
        .digest('hex'),
    })
    const log = await until('both are in the log', async () => {
      const { body } = await api.call<{ deliveries: object[] }>(`GET /webhooks/${id}/deliveries`)
      return body.deliveries.length === 2 && body.deliveries
    })
    expect(log[0]).toMatchObject({
      event_type: 'approval_granted',
      status: 'success',
      response_status: 200,
      response_body: 'thanks',
      payload: { event: 'approval_granted' },
    })
  })

  test('hears of denials, expiries and signals, of those that it asked for', async () => {
    await hook({ events: ['approval_denied', 'repeated_failures'] })
    const held = await api.call('POST /actions', DEPLOY)
    const address = `POST /actions/${String(held.body['action_id'])}/approve`
    await api.call(address, { decision: 'deny', reasoning: 'not today' })
    await signal('autonomy_spike')
    await signal('repeated_failures')
    await api.call('POST /actions', { ...DEPLOY, declared_goal: 'ship another' })
    clock.advance(HOUR)
    const heard = await got(3)
    expect(heard.map(({ json }) => json)).toMatchObject([
      { event: 'approval_denied', action: { reason: 'not today', status: 'failed' } },
      { event: 'signals.detected', signals: [{ type: 'repeated_failures' }] },
      { event: 'approval_denied', action: { declared_goal: 'ship another' } },
    ])
  })

  test('shows its secret once, to admins alone, and hears nothing of other organisations', async () => {
    const { id, secret } = await hook()
    const listed = await api.call('GET /webhooks')
    expect(JSON.stringify(listed.body)).not.toContain(secret)
    expect(listed.body).toMatchObject({
      webhooks: [{ id, url: receiver.url, events: ['all'], active: true, failure_count: 0 }],
    })
    for (const call of ['GET /webhooks', 'POST /webhooks', `POST /webhooks/${id}/test`])
      expect(
        (await api.call(call, call.startsWith('GET') ? undefined : {}, { as: 'member' })).status,
      ).toBe(403)
    const { id: org } = await api.deck.deck.orgs.create({ slug: 'acme', name: 'Acme' }, OPERATOR)
    const theirs = { as: await api.key(org, 'admin') }
    expect((await api.call(`GET /webhooks/${id}/deliveries`, undefined, theirs)).status).toBe(404)
    expect((await api.call(`DELETE /webhooks?id=${id}`, undefined, theirs)).status).toBe(404)
    await api.call('POST /actions', { ...DEPLOY, declared_goal: 'theirs' }, theirs)
    await api.call('POST /actions', { ...DEPLOY, declared_goal: 'ours' })
    const [first] = await got(1)
    expect(first?.json).toMatchObject({ action: { declared_goal: 'ours' } })
    // Nor does the journal have the secret, or what may be one in the address.
    const events = JSON.stringify(api.deck.events())
    expect(events).not.toContain(secret)
    expect(events).not.toContain('/hook')
  })

  test('is refused at addresses that are not public, or not https', async () => {
    const bad = [
      'http://example.com/x',
      'https://10.0.0.1/x',
      'https://[::1]/x',
      'https://169.254.169.254/latest',
      'https://hooks.invalid/x',
      'ftp://example.com',
      'nothing',
    ]
    for (const url of bad) {
      const refused = await api.call('POST /webhooks', { url })
      expect(refused, url).toMatchObject({ status: 400, body: { error: /^url: / } })
    }
    const unknown = { url: receiver.url, events: ['unheard_of'] }
    expect((await api.call('POST /webhooks', unknown)).status).toBe(400)
    expect(await hook({ events: null })).toMatchObject({ events: ['all'] })
  })

  test('is tried again, and deactivated after ten failures, until a test arrives', async () => {
    const { id } = await hook({ events: ['approval_pending'] })
    receiver.behaviour = (_request, response) =>
      void response.writeHead(302, { location: '/' }).end()
    await api.call('POST /actions', DEPLOY)
    await until('ten attempts', () => {
      clock.advance(HOUR)
      return receiver.received.length >= 10
    })
    const dead = await until('it is deactivated', async () => {
      const now = await state(id)
      return now?.['active'] === false && now
    })
    expect(dead).toMatchObject({ failure_count: 10, last_error: 'it answered 302' })
    const ids = new Set(receiver.received.map(({ headers }) => headers['x-dashclaw-delivery']))
    expect(ids.size).toBe(1)
    // It hears of nothing now.
    await api.call('POST /actions', { ...DEPLOY, declared_goal: 'unheard' })
    clock.advance(HOUR)
    expect(await api.call(`POST /webhooks/${id}/test`)).toMatchObject({
      status: 200,
      body: { success: false, response_status: 302 },
    })
    receiver.behaviour = (_request, response) => void response.end()
    expect(await api.call(`POST /webhooks/${id}/test`)).toMatchObject({
      body: { success: true, response_status: 200 },
    })
    expect(await state(id)).toMatchObject({ active: true, failure_count: 0, last_error: null })
    await api.call('POST /actions', { ...DEPLOY, declared_goal: 'heard' })
    const heard = await got(13)
    expect(heard.at(-1)?.json).toMatchObject({ action: { declared_goal: 'heard' } })
  })

  test('that is deleted hears nothing more, and leaves nothing', async () => {
    const { id } = await hook()
    expect((await api.call('DELETE /webhooks?id=wh_none')).status).toBe(404)
    expect(await api.call(`DELETE /webhooks?id=${id}`)).toMatchObject({
      status: 200,
      body: { success: true, deleted: id },
    })
    expect(await api.call('GET /webhooks')).toMatchObject({ body: { webhooks: [] } })
    const other = await hook()
    await api.call('POST /actions', DEPLOY)
    const [first] = await got(1)
    expect(first?.headers['x-dashclaw-event']).toBe('approval_pending')
    expect(await state(other.id)).toMatchObject({ active: true })
    expect(receiver.received.length).toBe(1)
  })

  test('misses nothing that happens while the supervisor is down or the API is off', async () => {
    const { id } = await hook()
    receiver.behaviour = (_request, response) => void response.writeHead(503).end()
    await api.call('POST /actions', DEPLOY)
    await got(1)
    await api.deck.crash()
    receiver.behaviour = (_request, response) => void response.end()
    await api.deck.start()
    await api.open()
    await until('it arrives', () => {
      clock.advance(HOUR)
      return receiver.received.length >= 2
    })
    await until('it has recovered', async () => (await state(id))?.['failure_count'] === 0)
  })
})

import { createHmac } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { ApiDeck } from '../../../support/api-deck.ts'
import { Receiver } from '../../../support/receiver.ts'
import { until } from '../../../support/until.ts'

const cleanups: (() => unknown)[] = []
let api: ApiDeck
let hook: Receiver
beforeEach(async () => {
  const settings = { allowPrivate: ['127.0.0.1'] }
  api = await new ApiDeck((act) => cleanups.push(act), undefined, settings).start()
  hook = await Receiver.secure((act) => cleanups.push(act))
})
afterEach(async () => {
  for (const act of cleanups.splice(0).toReversed()) await act()
})

const REVIEW = { agent_id: 'scout', action_type: 'review', declared_goal: 'look around' }

async function webhook(rules: object = {}, url = hook.url) {
  const policy_type = 'webhook_check'
  const given = { name: url, policy_type, rules: JSON.stringify({ url, ...rules }) }
  const { status, body } = await api.call('POST /policies', given)
  expect([status, body]).toEqual([201, expect.anything()])
  return { id: String(body['policy_id']), secret: String(body['webhook_secret']) }
}

function says(answer: unknown, status = 200): void {
  hook.behaviour = (_request, response) =>
    void response
      .writeHead(status)
      .end(typeof answer === 'string' ? answer : JSON.stringify(answer))
}

const ask = async (more: object = {}) =>
  (await api.call('POST /guard', { ...REVIEW, ...more })).body

describe('a webhook', () => {
  test('is told what is asked, signed, and without secrets', async () => {
    const { secret } = await webhook()
    const { id } = (
      await api.call<{ policy: { id: string } }>('POST /policies', {
        name: 'Warn',
        policy_type: 'risk_threshold',
        rules: '{"threshold":10,"action":"warn"}',
      })
    ).body.policy
    says({})
    const goal = 'use ghp_abcdefghijklmnopqrstuvwxyz0123456789AB'
    await ask({ declared_goal: goal, systems_touched: ['db'], reversible: false })
    const [received] = hook.received
    expect(JSON.parse(received?.text ?? '')).toEqual({
      event: 'guard.evaluation',
      org_id: 'org_default',
      timestamp: expect.stringMatching(/^\d{4}-.*Z$/),
      context: {
        action_type: 'review',
        risk_score: expect.any(Number),
        agent_id: 'scout',
        systems_touched: ['db'],
        reversible: false,
        declared_goal: expect.stringMatching(/^use \[REDACTED:/),
      },
      preliminary_decision: 'warn',
      matched_policies: [id],
      reasons: [],
      warnings: [expect.stringMatching(/^Warn: Risk \d+ reaches the threshold 10$/)],
    })
    const headers = received?.headers ?? {}
    const at = String(headers['x-dashclaw-timestamp'])
    const digest = createHmac('sha256', secret).update(`${at}.${received?.text}`).digest('hex')
    expect(headers).toMatchObject({
      'x-dashclaw-event': 'guard.evaluation',
      'x-dashclaw-delivery': expect.stringMatching(/^wd_[0-9a-f-]{36}$/),
      'x-dashclaw-signature': `v1=${digest}`,
    })
    expect(secret).toMatch(/^[0-9a-f]{64}$/)
  })

  test.each<[string, unknown, number, string, object?]>([
    ['that says nothing', {}, 200, 'allow'],
    ['that allows', { decision: 'allow' }, 200, 'allow'],
    ['that warns', { decision: 'warn', reasons: ['w'] }, 200, 'warn'],
    ['with warnings alone', { warnings: ['hm'] }, 200, 'warn'],
    ['that holds', { decision: 'require_approval', reasons: ['r'] }, 200, 'require_approval'],
    ['that blocks', { decision: 'block', reasons: ['b'] }, 200, 'block'],
    ['that says what nobody knows', { decision: 'deny' }, 200, 'require_approval'],
    ['that fails', { decision: 'block' }, 500, 'allow'],
    ['that fails, and has to answer', {}, 500, 'block', { on_timeout: 'block' }],
    ['that redirects, and has to answer', {}, 302, 'block', { on_timeout: 'block' }],
    ['that does not answer JSON', '<html>', 200, 'block', { on_timeout: 'block' }],
    ['that answers no object', '[1]', 200, 'block', { on_timeout: 'block' }],
    ['that answers without an end', 'x'.repeat(70_000), 200, 'block', { on_timeout: 'block' }],
  ])('%s', async (...[, answer, status, decision, rules = {}]) => {
    await webhook(rules)
    says(answer, status)
    expect(await ask()).toMatchObject({ decision })
    const created = await api.call('POST /actions', REVIEW)
    expect(created.body['decision']).toMatchObject({ decision })
  })

  test('that is stricter is named, and a person is told why', async () => {
    const { id } = await webhook()
    says({ decision: 'require_approval', reasons: ['ask the owner\u001b[2J'] })
    const { body } = await api.call('POST /actions', REVIEW)
    expect(body).toMatchObject({ decision: { matched_policies: [id] } })
    const [waiting] = await api.deck.deck.approvals.list('pending', 1)
    const [why = ''] = waiting?.reasons.map(({ text }) => text) ?? []
    expect(why).toMatch(/^ask the owner/)
    expect(why).not.toContain('\u001b')
  })

  test('that is silent is given up in time', async () => {
    await webhook({ timeout_ms: 1000, on_timeout: 'block' })
    hook.behaviour = () => undefined
    expect(await ask()).toMatchObject({
      decision: 'block',
      reasons: ['The webhook check failed: no answer within 1 s'],
    })
  })

  test('where nobody answers changes nothing unless it has to, and that is told', async () => {
    await webhook()
    await hook.close()
    const told = await ask()
    expect(told).toMatchObject({ decision: 'allow', matched_policies: [] })
    expect(told['warnings']).toEqual([
      expect.stringMatching(/webhook check failed: .*ECONNREFUSED/),
    ])
  })
})

test('webhooks are asked at the same time, and hold nobody up but who waits for them', async () => {
  const answers: (() => void)[] = []
  hook.behaviour = (_request, response) =>
    void answers.push(() => response.end(JSON.stringify({ decision: 'block' })))
  await webhook()
  await webhook({}, `${hook.url}/2`)
  const { id } = (
    await api.call<{ policy: { id: string } }>('POST /policies', {
      name: 'third',
      policy_type: 'webhook_check',
      rules: JSON.stringify({ url: `${hook.url}/3` }),
      agent_ids: '["nobody"]',
    })
  ).body.policy
  let over = false
  const slow = ask().finally(() => {
    over = true
  })
  const recorded = api.call('POST /actions', REVIEW)
  await until('each webhook was asked for each question', () => answers.length === 4)
  // Meanwhile another key, another agent and the journal go on.
  expect((await api.call('GET /actions', undefined, { as: 'member' })).status).toBe(200)
  const off = { id, agent_ids: '["scout"]', active: 0 }
  expect((await api.call('PATCH /policies', off)).status).toBe(200)
  expect(over).toBe(false)
  for (const answer of answers) answer()
  expect(await slow).toMatchObject({ decision: 'block' })
  expect((await recorded).status).toBe(403)
  expect(hook.received).toHaveLength(4)
})

test('an address that becomes private is refused when it is asked', async () => {
  await webhook({ on_timeout: 'block' })
  await api.deck.stop()
  const text = api.deck.home.config
  writeFileSync(text, readFileSync(text, 'utf8').replace('"127.0.0.1"', ''))
  await api.deck.start()
  await api.open()
  expect(await ask()).toMatchObject({
    decision: 'block',
    reasons: [expect.stringMatching(/not a public address/)],
  })
  expect(hook.received).toEqual([])
})

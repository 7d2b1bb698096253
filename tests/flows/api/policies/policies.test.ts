import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { StoredPolicy } from '../../../../src/domain/governance/policies/types.ts'
import { ApiDeck } from '../../../support/api-deck.ts'
import { OPERATOR } from '../../../support/deck.ts'

const cleanups: (() => unknown)[] = []
let api: ApiDeck
beforeEach(async () => {
  api = await new ApiDeck((act) => cleanups.push(act)).start()
})
afterEach(async () => {
  for (const act of cleanups.splice(0).toReversed()) await act()
})

const BLOCK = {
  name: 'No deletion',
  policy_type: 'block_action_type',
  rules: JSON.stringify({ action_types: ['fs.*'] }),
}
const list = async (as?: string) =>
  (await api.call<{ policies: StoredPolicy[] }>('GET /policies', undefined, as ? { as } : {})).body
    .policies
const add = async (policy: object) => {
  const { status, body } = await api.call<{ policy: StoredPolicy }>('POST /policies', policy)
  expect([status, body]).toEqual([201, expect.anything()])
  return body.policy
}
const guard = async (more: object = {}) =>
  (
    await api.call<{ decision: string; matched_policies: string[] }>('POST /guard', {
      agent_id: 'scout',
      action_type: 'fs.delete',
      ...more,
    })
  ).body

describe('a policy', () => {
  test('counts at once, until it is switched off or deleted', async () => {
    expect(await guard()).toMatchObject({ decision: 'allow' })
    const { id } = await add(BLOCK)
    expect(id).toMatch(/^gp_[0-9a-f]{24}$/)
    expect(await guard()).toMatchObject({ decision: 'block', matched_policies: [id] })
    const off = await api.call('PATCH /policies', { id, active: 0 })
    expect(off).toMatchObject({ status: 200, body: { policy: { active: 0, name: BLOCK.name } } })
    expect(await guard()).toMatchObject({ decision: 'allow', matched_policies: [] })
    const rules = JSON.stringify({ action_types: ['fs.*'], action: 'require_approval' })
    await api.call('PATCH /policies', { id, active: true, rules })
    expect(await guard()).toMatchObject({ decision: 'require_approval' })
    expect(await list()).toMatchObject([{ id, active: 1, rules }])
    expect(await api.call(`DELETE /policies?id=${id}`)).toMatchObject({
      status: 200,
      body: { deleted: true, id },
    })
    expect(await guard()).toMatchObject({ decision: 'allow' })
    expect(await list()).toEqual([])
  })

  test('holds in the same commit in which it is written', async () => {
    await guard()
    const asked = Array.from({ length: 20 }, (_, i) =>
      i === 10 ? api.call('POST /policies', BLOCK) : guard(),
    )
    const answers = (await Promise.all(asked)) as { decision?: string }[]
    const decisions = answers.flatMap(({ decision }) => decision ?? [])
    const events = api.deck.events().filter(({ type }) => type === 'record.made')
    const kinds = events.map(({ body }) => body as { kind: string; data: { decision?: string } })
    const from = kinds.findIndex(({ kind }) => kind === 'policy')
    expect(decisions).toHaveLength(19)
    for (const { kind, data } of kinds.slice(from + 1))
      if (kind === 'guard_decision') expect(data.decision).toBe('block')
  })

  test('concerns the agents that it names, and is read again after a crash', async () => {
    await add({ ...BLOCK, agent_ids: '["scout"]' })
    expect(await guard()).toMatchObject({ decision: 'block' })
    expect(await guard({ agent_id: 'other' })).toMatchObject({ decision: 'allow' })
    await api.deck.crash()
    await api.deck.start()
    await api.open()
    expect(await guard()).toMatchObject({ decision: 'block' })
  })

  test('is written by admins alone, and seen by its organisation alone', async () => {
    const { id } = await add(BLOCK)
    for (const as of ['member', 'readonly']) {
      expect((await api.call('POST /policies', BLOCK, { as })).status).toBe(403)
      expect((await api.call('PATCH /policies', { id, active: 0 }, { as })).status).toBe(403)
      expect((await api.call(`DELETE /policies?id=${id}`, undefined, { as })).status).toBe(403)
      expect((await api.call('POST /policies/import', { pack: 'smb-safe' }, { as })).status).toBe(
        403,
      )
      expect(await list(as)).toHaveLength(1)
    }
    const other = await api.deck.deck.orgs.create({ name: 'Other', slug: 'other' }, OPERATOR)
    const as = await api.key(other.id, 'admin')
    expect(await list(as)).toEqual([])
    expect((await api.call('PATCH /policies', { id, active: 0 }, { as })).status).toBe(404)
    expect((await api.call(`DELETE /policies?id=${id}`, undefined, { as })).status).toBe(404)
    // Names are taken within an organisation.
    expect((await api.call('POST /policies', BLOCK, { as })).status).toBe(201)
  })

  test.each<[string, object, RegExp]>([
    ['without a type', { name: 'x', rules: '{}' }, /policy_type/],
    ['of an unknown type', { ...BLOCK, policy_type: 'magic' }, /policy_type/],
    ['without rules', { ...BLOCK, rules: undefined }, /rules/],
    ['with rules that are no text', { ...BLOCK, rules: { action_types: ['x'] } }, /rules/],
    ['with broken rules', { ...BLOCK, rules: '{' }, /JSON object/],
    ['with too few types', { ...BLOCK, rules: '{"action_types":[]}' }, /action_types/],
    [
      'with an unknown decision',
      { ...BLOCK, rules: '{"action_types":["a"],"action":"no"}' },
      /action/,
    ],
    ['with too long rules', { ...BLOCK, rules: ' '.repeat(4001) }, /rules/],
    ['with agents that are no list', { ...BLOCK, agent_ids: '"scout"' }, /agent_ids/],
    ['with agents without names', { ...BLOCK, agent_ids: '[1]' }, /agent_ids/],
    [
      'with a webhook by http',
      { name: 'h', policy_type: 'webhook_check', rules: '{"url":"http://hooks.example"}' },
      /https/,
    ],
    [
      'with a webhook at a private address',
      { name: 'h', policy_type: 'webhook_check', rules: '{"url":"https://169.254.169.254/x"}' },
      /not a public address/,
    ],
  ])('%s is refused', async (_, policy, why) => {
    const { status, body } = await api.call('POST /policies', policy)
    expect(status).toBe(400)
    expect(JSON.stringify(body)).toMatch(why)
    expect(await list()).toEqual([])
  })

  test('is changed as carefully as it is made', async () => {
    const { id } = await add(BLOCK)
    await add({ ...BLOCK, name: 'Another' })
    expect((await api.call('POST /policies', BLOCK)).status).toBe(409)
    expect((await api.call('PATCH /policies', { id, name: 'Another' })).status).toBe(409)
    expect((await api.call('PATCH /policies', { id, name: BLOCK.name })).status).toBe(200)
    expect((await api.call('PATCH /policies', { id, rules: '{}' })).status).toBe(400)
    expect((await api.call('PATCH /policies', { id: 'gp_none', active: 0 })).status).toBe(404)
    expect((await api.call('PATCH /policies', { active: 0 })).status).toBe(400)
    expect((await api.call('DELETE /policies?id=gp_none')).status).toBe(404)
    expect((await api.call('DELETE /policies')).status).toBe(400)
    const both = (await list()).map((policy) => policy.id)
    expect(await api.call(`DELETE /policies?ids=${both.join(',')},gp_none`)).toMatchObject({
      body: { deleted: 2, ids: both },
    })
  })
})

describe('packs', () => {
  test('are imported once, and their tests pass', async () => {
    const first = await api.call('POST /policies/import', { pack: 'smb-safe' })
    expect(first).toMatchObject({ status: 201, body: { imported: 4, skipped: 0, errors: [] } })
    const again = await api.call('POST /policies/import', { pack: 'smb-safe' })
    expect(again).toMatchObject({ status: 201, body: { imported: 0, skipped: 4, policies: [] } })
    expect(await guard({ action_type: 'exec.rm' })).toMatchObject({ decision: 'block' })
    expect(await guard({ action_type: 'exec.ls' })).toMatchObject({ decision: 'allow' })
    const tested = await api.call<{ results: { total_tests: number } }>('POST /policies/test', {
      agent_id: 'scout',
    })
    expect(tested).toMatchObject({
      status: 200,
      body: { results: { total_policies: 4, failed: 0, success: true } },
    })
    expect(tested.body).toMatchObject({
      total: tested.body.results.total_tests,
      passed: tested.body.results.total_tests,
    })
    const proof = await api.call('GET /policies/proof?format=md', undefined, { as: 'readonly' })
    expect(proof).toMatchObject({
      status: 200,
      body: { format: 'md', report: expect.stringMatching(/^# Policy proof report\n/) },
    })
    const { body } = await api.call<{ report: string }>('GET /policies/proof')
    expect(JSON.parse(body.report)).toMatchObject({ total_policies: 4 })
    expect((await api.call('GET /policies/proof?format=pdf')).status).toBe(400)
  })

  test('of YAML are read within limits, and what cannot be stored is told', async () => {
    const yaml = `policies:
  - id: a
    description: Ask before mail
    applies_to: { tools: [email.send] }
    rule: { require: approval }
  - { name: Rate, policy_type: rate_limit, rules: { max_actions: 0 } }
  - { name: Hook, policy_type: webhook_check, rules: { url: 'https://10.0.0.1/' } }
  - { name: Slow, policy_type: rate_limit, rules: { max_actions: 5 } }`
    expect(await api.call('POST /policies/import', { yaml })).toMatchObject({
      status: 201,
      body: {
        imported: 2,
        errors: [expect.stringContaining('max_actions'), expect.stringMatching(/^Hook: .*public/)],
        policies: [
          { name: 'Ask before mail', policy_type: 'require_approval', active: 1 },
          { name: 'Slow' },
        ],
      },
    })
    const bombs = Array.from({ length: 12 }, (_, i) => `b${i}: &b${i} [*b${i - 1},*b${i - 1}]`)
    for (const bad of ['policies: [', 'policies: []', 'a: 1', `b-1: &b-1 [1]\n${bombs.join('\n')}`])
      expect((await api.call('POST /policies/import', { yaml: bad })).status).toBe(400)
    for (const bad of [{}, { pack: 'unknown' }, { pack: 'smb-safe', yaml }])
      expect((await api.call('POST /policies/import', bad)).status).toBe(400)
  })
})

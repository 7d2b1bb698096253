import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Decision } from '../../../../src/domain/policy/types.ts'
import { ApiDeck } from '../../../support/api-deck.ts'

const cleanups: (() => unknown)[] = []
let api: ApiDeck
beforeEach(async () => {
  api = await new ApiDeck((act) => cleanups.push(act)).start()
})
afterEach(async () => {
  for (const act of cleanups.splice(0).toReversed()) await act()
})

interface Told {
  decision: string
  matched_policies: string[]
  reasons: string[]
  warnings: string[]
}

const STATUS: Record<Decision, [status: number, stands: string]> = {
  allow: [201, 'running'],
  warn: [201, 'running'],
  require_approval: [202, 'pending_approval'],
  block: [403, 'blocked'],
}

/** A policy as the only one, and the id that it gets. */
async function onlyPolicy(type: string, rules: object): Promise<string> {
  const given = { name: type, policy_type: type, rules: JSON.stringify(rules) }
  const { status, body } = await api.call('POST /policies', given)
  expect(status).toBe(201)
  return String(body['policy_id'])
}

/** What the guard answers, and what becomes of the same action when it is recorded. */
async function asked(question: object): Promise<Told> {
  const action = { agent_id: 'scout', declared_goal: 'look around', ...question }
  const { status, body } = await api.call<Told & Record<string, unknown>>('POST /guard', action)
  expect(status).toBe(200)
  const created = await api.call<{ decision: Told; action: { status: string } }>(
    'POST /actions',
    action,
  )
  const { decision, matched_policies } = body
  expect([created.status, created.body.action.status]).toEqual(STATUS[decision as Decision])
  expect(created.body.decision).toMatchObject({ decision, matched_policies })
  return body
}

const REVIEW = { action_type: 'review' }
const TOOL = (required_permission: string) => ({
  ...REVIEW,
  intel: { tool: { required_permission } },
})
const GREEN = (observed_level?: string) => ({ ...REVIEW, intel: { green: { observed_level } } })
const BRANCH = (freshness: string, commits_behind: number) => ({
  ...REVIEW,
  intel: { branch: { freshness, commits_behind } },
})

describe('through the guard and the ledger', () => {
  test.each<[string, object, applies: object, decision: Decision, not: object]>([
    [
      'risk_threshold',
      { threshold: 30 },
      { action_type: 'build', reversible: false },
      'block',
      REVIEW,
    ],
    [
      'risk_threshold',
      { threshold: 50, action: 'require_approval' },
      { ...REVIEW, risk_score: 50 },
      'require_approval',
      { ...REVIEW, risk_score: 49 },
    ],
    [
      'require_approval',
      { action_types: ['mail.*'] },
      { action_type: 'Mail.Send' },
      'require_approval',
      REVIEW,
    ],
    [
      'block_action_type',
      { action_types: ['exec.*'], allowlist: ['exec.ls'] },
      { action_type: 'exec.rm' },
      'block',
      { action_type: 'exec.ls' },
    ],
    [
      'block_action_type',
      { action_types: ['review'], action: 'warn' },
      REVIEW,
      'warn',
      { action_type: 'post' },
    ],
    // It is judged with a model, and none is configured.
    ['semantic_check', { instruction: 'be kind' }, REVIEW, 'require_approval', {}],
    ['permission_escalation', {}, TOOL('prompt'), 'block', TOOL('danger')],
    ['permission_escalation', { action: 'warn' }, TOOL('anything'), 'warn', TOOL('readonly')],
    [
      'green_contract',
      { required_level: 'package' },
      GREEN('targeted'),
      'block',
      GREEN('workspace'),
    ],
    [
      'green_contract',
      { action_types: ['review'], required_level: 'package', action: 'require_approval' },
      GREEN(),
      'require_approval',
      { action_type: 'post' },
    ],
    [
      'branch_freshness',
      { max_commits_behind: 2 },
      BRANCH('stale', 3),
      'block',
      BRANCH('stale', 2),
    ],
    ['branch_freshness', { action: 'warn' }, BRANCH('diverged', 1), 'warn', BRANCH('fresh', 9)],
  ])('%s %j: %j is %s, %j is allowed', async (...[type, rules, applies, decision, not]) => {
    const id = await onlyPolicy(type, rules)
    const told = await asked(applies)
    expect(told).toMatchObject({ decision, matched_policies: [id] })
    expect([...told.reasons, ...told.warnings]).toHaveLength(1)
    if (Object.keys(not).length > 0)
      expect(await asked(not)).toMatchObject({ decision: 'allow', matched_policies: [] })
  })

  test('behavioral_anomaly says nothing without a provider of embeddings', async () => {
    await onlyPolicy('behavioral_anomaly', {})
    expect(await asked(REVIEW)).toMatchObject({ decision: 'allow', matched_policies: [] })
  })

  test('rate_limit goes by when actions were recorded, whenever they say that they began', async () => {
    const id = await onlyPolicy('rate_limit', { max_actions: 2, action: 'block' })
    const old = { agent_id: 'scout', declared_goal: 'g', timestamp_start: '2020-01-01T00:00:00Z' }
    for (const expected of [201, 201, 403, 403])
      expect((await api.call('POST /actions', { ...old, ...REVIEW })).status).toBe(expected)
    expect(await asked(REVIEW)).toMatchObject({ decision: 'block', matched_policies: [id] })
    expect((await api.call('POST /guard', { ...REVIEW, agent_id: 'other' })).body).toMatchObject({
      decision: 'allow',
    })
    expect((await api.call('POST /guard', REVIEW)).body).toMatchObject({ decision: 'allow' })
  })
})

describe('the strictest answer wins', () => {
  test('whatever the order, and all that say something are named', async () => {
    const one = await onlyPolicy('require_approval', { action_types: ['review'] })
    const two = await onlyPolicy('block_action_type', { action_types: ['rev*'] })
    const three = await onlyPolicy('risk_threshold', { threshold: 0, action: 'warn' })
    const told = await asked(REVIEW)
    expect(told).toMatchObject({ decision: 'block', matched_policies: [one, two, three] })
    expect([told.reasons.length, told.warnings.length]).toEqual([2, 1])
  })
})

import { describe, expect, test } from 'vitest'
import {
  appliesToAgent,
  judgePolicy,
  readyPolicy,
} from '../../../../src/domain/governance/policies/judge.ts'
import type {
  PolicyFacts,
  PolicyQuestion,
} from '../../../../src/domain/governance/policies/types.ts'
import { apiPolicy, policyFacts, policyQuestion } from './policies.ts'

type Row = [
  type: string,
  rules: object,
  question: Partial<PolicyQuestion>,
  facts: Partial<PolicyFacts>,
  decision: string | undefined,
]

const tool = (required_permission: unknown) => ({ intel: { tool: { required_permission } } })
const green = (observed_level: unknown) => ({ intel: { green: { observed_level } } })
const branch = (freshness: unknown, commits_behind?: unknown) => ({
  intel: { branch: { freshness, commits_behind } },
})
const semantic = (kind: 'not-configured' | 'failed' | 'passes' | 'violates') => ({
  semantic: new Map([['gp_1', { kind, reason: 'it deletes' }]]) as PolicyFacts['semantic'],
})

const ROWS: Row[] = [
  ['risk_threshold', {}, { risk: 79 }, {}, undefined],
  ['risk_threshold', {}, { risk: 80 }, {}, 'block'],
  ['risk_threshold', { threshold: 50, action: 'warn' }, {}, {}, 'warn'],
  ['risk_threshold', { threshold: 0 }, { risk: 0 }, {}, 'block'],
  ['require_approval', { action_types: ['deploy'] }, {}, {}, 'require_approval'],
  ['require_approval', { action_types: ['deploys'] }, {}, {}, undefined],
  ['block_action_type', { action_types: ['exec.*'] }, { actionType: 'exec.rm' }, {}, 'block'],
  ['block_action_type', { action_types: ['exec.*'] }, { actionType: 'exec' }, {}, undefined],
  [
    'block_action_type',
    { action_types: ['exec.*'], allowlist: ['exec.ls'] },
    { actionType: 'exec.ls' },
    {},
    undefined,
  ],
  ['rate_limit', {}, {}, { actionsWithin: () => 49 }, undefined],
  ['rate_limit', {}, {}, { actionsWithin: (minutes) => (minutes === 60 ? 50 : 0) }, 'warn'],
  ['rate_limit', { action: 'block' }, { agentId: null }, { actionsWithin: () => 99 }, undefined],
  ['webhook_check', { url: 'https://x.example' }, {}, {}, undefined],
  ['behavioral_anomaly', {}, {}, {}, undefined],
  ['behavioral_anomaly', {}, {}, { similarity: { kind: 'no-history' } }, 'warn'],
  ['behavioral_anomaly', {}, {}, { similarity: { kind: 'measured', best: 0.75 } }, undefined],
  [
    'behavioral_anomaly',
    {},
    {},
    { similarity: { kind: 'measured', best: 0.74 } },
    'require_approval',
  ],
  [
    'behavioral_anomaly',
    { action: 'block' },
    {},
    { similarity: { kind: 'measured', best: Number.NaN } },
    'block',
  ],
  ['semantic_check', { instruction: 'no' }, {}, semantic('passes'), undefined],
  ['semantic_check', { instruction: 'no' }, {}, semantic('violates'), 'block'],
  ['semantic_check', { instruction: 'no', action: 'warn' }, {}, semantic('violates'), 'warn'],
  ['semantic_check', { instruction: 'no' }, {}, semantic('failed'), undefined],
  ['semantic_check', { instruction: 'no', fallback: 'block' }, {}, {}, 'block'],
  ['semantic_check', { instruction: 'no' }, {}, semantic('not-configured'), 'require_approval'],
  ['permission_escalation', {}, {}, {}, undefined],
  ['permission_escalation', {}, tool('danger'), {}, undefined],
  ['permission_escalation', {}, tool('prompt'), {}, 'block'],
  ['permission_escalation', {}, tool('danger'), { permissionLevel: 'readonly' }, 'block'],
  ['permission_escalation', {}, tool('root'), { permissionLevel: 'allow' }, 'block'],
  ['permission_escalation', {}, tool('readonly'), { permissionLevel: 'strange' }, 'block'],
  ['permission_escalation', { enforce: false }, tool('allow'), {}, undefined],
  ['green_contract', { required_level: 'package' }, green('targeted'), {}, 'block'],
  ['green_contract', { required_level: 'package' }, green('workspace'), {}, undefined],
  ['green_contract', { required_level: 'targeted' }, {}, {}, 'block'],
  ['green_contract', { required_level: 'targeted' }, green({ a: 1 }), {}, 'block'],
  ['green_contract', { action_types: ['post'] }, {}, {}, undefined],
  ['branch_freshness', {}, {}, {}, undefined],
  ['branch_freshness', {}, branch('fresh', 9), {}, undefined],
  ['branch_freshness', {}, branch('stale', 0), {}, undefined],
  ['branch_freshness', {}, branch('stale', 1), {}, 'block'],
  ['branch_freshness', { max_commits_behind: 3 }, branch('diverged', 3), {}, undefined],
  ['branch_freshness', {}, branch('stale'), {}, 'block'],
  ['branch_freshness', { action_types: ['post'] }, branch('stale', 9), {}, undefined],
  ['no_such_type', {}, {}, {}, 'require_approval'],
  ['risk_threshold', { threshold: 'high' }, {}, {}, 'require_approval'],
  ['require_approval', { action_types: [] }, {}, {}, 'require_approval'],
]

describe('a policy decides', () => {
  test.each(ROWS)('%s %j on %j', (...[type, rules, question, facts, decision]) => {
    const hit = judgePolicy(
      readyPolicy(apiPolicy(type, rules)),
      policyQuestion(question),
      policyFacts(facts),
    )
    expect(hit?.decision).toBe(decision)
  })
})

test('rules that cannot be read ask a person, and say what is wrong', () => {
  const broken = { ...apiPolicy('risk_threshold', {}), rules: '{' }
  const hit = judgePolicy(readyPolicy(broken), policyQuestion(), policyFacts())
  expect(hit?.decision).toBe('require_approval')
  expect(hit?.reasons[0]).toMatch(/JSON object/)
})

describe('a policy is in force for', () => {
  test.each<[string | null, string | null, boolean]>([
    [null, 'scout', true],
    ['[]', 'scout', true],
    ['["scout"]', 'scout', true],
    ['["scout"]', 'SCOUT', true],
    ['["Scout"]', 'scout', true],
    ['["ops"]', 'scout', false],
    ['["ops"]', null, false],
    ['ops', 'scout', true],
    ['{"ops":1}', 'scout', true],
  ])('agents %s: %s', (agents, agent, applies) => {
    expect(
      appliesToAgent(readyPolicy(apiPolicy('rate_limit', {}, { agent_ids: agents })), agent),
    ).toBe(applies)
  })

  test('nobody once it is inactive', () => {
    expect(
      appliesToAgent(readyPolicy(apiPolicy('rate_limit', {}, { active: false })), 'scout'),
    ).toBe(false)
  })
})

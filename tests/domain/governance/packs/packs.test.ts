import { describe, expect, test } from 'vitest'
import { API_PACKS, apiPackEntries, importedEntries } from '../../../../src/config/api-packs.ts'
import {
  policyProof,
  runPolicyTests,
} from '../../../../src/domain/governance/packs/policy-tests.ts'
import { policyImportPlan } from '../../../../src/domain/governance/packs/rules.ts'
import { judgePolicy, readyPolicy } from '../../../../src/domain/governance/policies/judge.ts'
import { foldHits } from '../../../../src/domain/governance/policies/rules.ts'
import type { ApiPolicy } from '../../../../src/domain/governance/policies/types.ts'
import { apiPolicy, policyFacts, policyQuestion } from '../policies/policies.ts'

async function policiesOf(pack: (typeof API_PACKS)[number]): Promise<ApiPolicy[]> {
  const plan = policyImportPlan(await apiPackEntries(pack), new Set())
  expect(plan.errors).toEqual([])
  return plan.policies.map((policy, i) => ({
    ...policy,
    id: `gp_${i}`,
    active: true,
    agent_ids: null,
  }))
}

function decided(policies: ApiPolicy[], actionType: string): string {
  const hits = policies.flatMap(
    (each) => judgePolicy(readyPolicy(each), policyQuestion({ actionType }), policyFacts()) ?? [],
  )
  return foldHits(hits).decision
}

describe('the packs', () => {
  test.each(API_PACKS)('%s: what its policies say about themselves is true', async (pack) => {
    const report = runPolicyTests(await policiesOf(pack))
    expect(report.success).toBe(true)
    expect(report.total_tests).toBeGreaterThanOrEqual(report.total_policies)
  })

  test.each([
    ['enterprise-strict', 'exec.anything', 'block'],
    ['enterprise-strict', 'email.send', 'block'],
    ['enterprise-strict', 'sms.send', 'require_approval'],
    ['enterprise-strict', 'data.export', 'require_approval'],
    ['smb-safe', 'exec.ls', 'allow'],
    ['smb-safe', 'exec.rm', 'block'],
    ['smb-safe', 'email.send', 'require_approval'],
    ['startup-growth', 'fs.delete', 'require_approval'],
    ['startup-growth', 'exec.anything', 'allow'],
    ['development', 'db.drop', 'require_approval'],
    ['development', 'web.fetch', 'block'],
    ['development', 'fs.write', 'allow'],
  ] as const)('%s on %s: %s', async (pack, type, decision) => {
    expect(decided(await policiesOf(pack), type)).toBe(decision)
  })
})

describe('an import', () => {
  const text = `
policies:
  - id: a
    description: Approve mail
    applies_to: { tools: [email.send] }
    rule: { require: approval }
    tests:
      - { name: no, input: { tool: email.send }, expect: { allowed: false } }
  - { id: b, applies_to: { tools: [x] }, rule: { block: true } }
  - { name: Risky, policy_type: risk_threshold, rules: { threshold: 70 } }
  - { name: Bad, policy_type: risk_threshold, rules: { threshold: high } }
  - { id: a2, description: Approve mail, applies_to: { tools: [y] }, rule: { block: true } }
`

  test('stores policies under their description, and skips names that are taken', () => {
    const plan = policyImportPlan(importedEntries(text), new Set(['b']))
    expect(plan.policies.map(({ name, policy_type }) => [name, policy_type])).toEqual([
      ['Approve mail', 'require_approval'],
      ['Risky', 'risk_threshold'],
    ])
    expect(plan.skipped).toBe(2)
    expect(plan.errors).toEqual([expect.stringMatching(/^Bad: rules\.threshold/)])
    expect(JSON.parse(plan.policies[0]?.rules ?? '')).toMatchObject({
      action_types: ['email.send'],
      require: 'approval',
      tests: [{ name: 'no' }],
    })
  })

  test.each(['policies: []', 'a: 1', '- x', 'policies: [{ id: a }]', '{'])(
    '%s is refused',
    (bad) => {
      expect(() => importedEntries(bad)).toThrow(
        expect.objectContaining({ code: 'policies.invalid' }),
      )
    },
  )
})

describe('policy tests', () => {
  const withTests = (rules: object, tests: unknown) =>
    runPolicyTests([apiPolicy('block_action_type', { ...rules, tests })])

  test.each<[object, object, boolean]>([
    [{ action_types: ['exec.*'] }, { tool: 'exec.rm' }, false],
    [{ action_types: ['exec.*'] }, { tool: 'fs.read' }, true],
    [{ action_types: ['exec.*'], allowlist: ['exec.ls'] }, { tool: 'exec.ls' }, true],
    [{ action_types: ['exec.*'], action: 'warn' }, { tool: 'exec.ls' }, true],
    [{ action_types: ['mail'], action: 'require_approval' }, { tool: 'mail' }, false],
    [
      { action_types: ['mail'], action: 'require_approval' },
      { tool: 'mail', approval: true },
      true,
    ],
    [{ action_types: ['mail'] }, { tool: 'mail', approval: true }, false],
  ])('%j with %j is allowed: %s', (rules, input, allowed) => {
    const report = withTests(rules, [{ name: 'x', input, expect: { allowed } }])
    expect(report.details[0]?.tests[0]).toMatchObject({ passed: true, actual: allowed })
  })

  test('a wrong expectation fails, and what is no test is left out', () => {
    const wrong = { name: 'x', input: { tool: 'a' }, expect: { allowed: true } }
    expect(withTests({ action_types: ['a'] }, [wrong, 7, { name: 'y' }])).toMatchObject({
      total_tests: 1,
      failed: 1,
      success: false,
    })
  })

  test('policies without tests get the obvious ones; one that cannot be read fails', () => {
    const report = runPolicyTests([
      apiPolicy('require_approval', { action_types: ['deploy.*'] }),
      apiPolicy('risk_threshold', {}),
      apiPolicy('rate_limit', {}),
      { ...apiPolicy('risk_threshold', {}), rules: '[' },
      { ...apiPolicy('risk_threshold', {}), active: false },
    ])
    expect(report).toMatchObject({ total_policies: 4, total_tests: 5, passed: 4 })
    expect(report.details[0]?.tests.map(({ name }) => name)).toEqual([
      'deploy.example without approval is denied',
      'deploy.example with approval is allowed',
    ])
  })

  test('are proven as text', () => {
    const report = runPolicyTests([{ ...apiPolicy('risk_threshold', {}), name: 'a\n# b' }])
    expect(policyProof(report, 'md', 't')).toContain('## a \\# b\n\n- passed: example is denied')
    expect(JSON.parse(policyProof(report, 'json', 't'))).toMatchObject({ generated_at: 't' })
  })
})

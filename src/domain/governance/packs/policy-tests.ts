import { exceptsActionType, matchesActionType } from '../policies/judge.ts'
import { readPolicySettings } from '../policies/settings.ts'
import type { ApiPolicy, PolicySettings } from '../policies/types.ts'

interface PolicyCase {
  name: string
  tool: string
  approval: boolean
  allowed: boolean
}

export interface PolicyTestResult {
  name: string
  passed: boolean
  /** Whether it is to be allowed. */
  expected: boolean
  actual: boolean
  reason: string
}

export interface PolicyTestReport {
  total_policies: number
  total_tests: number
  passed: number
  failed: number
  success: boolean
  details: readonly {
    policy_id: string
    policy_name: string
    tests: readonly PolicyTestResult[]
  }[]
}

/** Runs the cases of every active policy; one that has none gets the obvious ones. */
export function runPolicyTests(policies: readonly ApiPolicy[]): PolicyTestReport {
  const active = policies.filter((policy) => policy.active)
  const details = active.map((policy) => ({
    policy_id: policy.id,
    policy_name: policy.name,
    tests: testsOf(policy),
  }))
  const tests = details.flatMap((each) => each.tests)
  const passed = tests.filter((each) => each.passed).length
  return {
    total_policies: active.length,
    total_tests: tests.length,
    passed,
    failed: tests.length - passed,
    success: passed === tests.length,
    details,
  }
}

function testsOf(policy: ApiPolicy): PolicyTestResult[] {
  const read = readPolicySettings(policy.policy_type, policy.rules)
  if ('problems' in read)
    return [
      {
        name: 'rules can be read',
        passed: false,
        expected: true,
        actual: false,
        reason: read.problems.join('; '),
      },
    ]
  const { settings } = read
  const own = casesOf(JSON.parse(policy.rules) as Record<string, unknown>)
  return (own.length > 0 ? own : obviousCases(settings)).map((each) => resultOf(settings, each))
}

function resultOf(settings: PolicySettings, each: PolicyCase): PolicyTestResult {
  const [actual, reason] = outcome(settings, each)
  return {
    name: each.name,
    passed: actual === each.allowed,
    expected: each.allowed,
    actual,
    reason,
  }
}

/** Whether a policy lets a tool pass, its further conditions taken as met. */
function outcome(settings: PolicySettings, { tool, approval }: PolicyCase): [boolean, string] {
  if (!matchesActionType(toolsOf(settings), tool)) return [true, `${tool} is not concerned`]
  if (settings.type === 'block_action_type' && exceptsActionType(settings.allowlist, tool))
    return [true, `${tool} is on the allowlist`]
  switch (effectOf(settings)) {
    case 'block':
      return [false, `${tool} is blocked`]
    case 'require_approval':
      return approval ? [true, `${tool} is approved`] : [false, `${tool} needs approval`]
    default:
      return [true, `${tool} is only watched`]
  }
}

function effectOf(settings: PolicySettings): string {
  return settings.type === 'webhook_check' ? 'require_approval' : settings.action
}

function toolsOf(settings: PolicySettings): readonly string[] {
  const tools = 'actionTypes' in settings ? settings.actionTypes : []
  return tools.length > 0 ? tools : ['*']
}

/** The cases that a policy's rules bring along; those that are not well-formed are left out. */
function casesOf({ tests }: Record<string, unknown>): PolicyCase[] {
  if (!Array.isArray(tests)) return []
  return tests.flatMap((each: unknown) => {
    const { name, input, expect } = recordOf(each)
    const { tool, approval } = recordOf(input)
    const { allowed } = recordOf(expect)
    if (typeof tool !== 'string' || typeof allowed !== 'boolean') return []
    return [
      { name: typeof name === 'string' ? name : tool, tool, approval: approval === true, allowed },
    ]
  })
}

function recordOf(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? { ...value } : {}
}

/** Cases of a policy that has none: with and without approval, or that it stops what it names. */
function obviousCases(settings: PolicySettings): PolicyCase[] {
  const tool = (toolsOf(settings)[0] ?? '*').replaceAll('*', 'example').replaceAll('?', 'x')
  const at = { tool, approval: false }
  switch (effectOf(settings)) {
    case 'require_approval':
      return [
        { ...at, name: `${tool} without approval is denied`, allowed: false },
        { ...at, name: `${tool} with approval is allowed`, approval: true, allowed: true },
      ]
    case 'block':
      return [{ ...at, name: `${tool} is denied`, allowed: false }]
    default:
      return [{ ...at, name: `${tool} is allowed`, allowed: true }]
  }
}

/** A report that tests were run, as text. */
export function policyProof(report: PolicyTestReport, format: 'json' | 'md', at: string): string {
  if (format === 'json') return JSON.stringify({ ...report, generated_at: at }, null, 2)
  const { total_policies, total_tests, passed, failed } = report
  const title = (text: string) => text.replace(/\s+/g, ' ').replace(/[\\`*_[\]<>|#]/g, '\\$&')
  return [
    '# Policy proof report',
    '',
    `${at} · ${total_policies} policies · ${total_tests} tests · ${passed} passed · ${failed} failed`,
    '',
    ...report.details.flatMap(({ policy_name, tests }) => [
      `## ${title(policy_name)}`,
      '',
      ...tests.map((each) => `- ${each.passed ? 'passed' : 'FAILED'}: ${title(each.name)}`),
      '',
    ]),
  ].join('\n')
}

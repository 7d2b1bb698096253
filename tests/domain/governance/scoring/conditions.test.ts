import { describe, expect, test } from 'vitest'
import {
  conditionHolds,
  readCondition,
} from '../../../../src/domain/governance/scoring/conditions.ts'
import {
  riskTemplateFor,
  riskTemplateProblems,
  templateRisk,
} from '../../../../src/domain/governance/scoring/risk-templates.ts'

describe('a condition', () => {
  const action = { risk: 70, env: 'prod', tags: ['a', 'b'], meta: { n: '5', ok: true, none: null } }
  test.each([
    ['risk >= 70', true],
    ['risk > 70', false],
    ['risk<70.5', true],
    ['meta.n <= 5', true],
    ['env > 1', false],
    ['missing < 1', false],
    ["env == 'prod'", true],
    ['risk == "70"', true],
    ['meta.ok == true', true],
    ['meta.ok != false', true],
    ['missing == null', true],
    ['meta.none == null', true],
    ['env contains "ro"', true],
    ['tags contains "a"', true],
    ['tags contains "ab"', false],
    ['missing contains ""', false],
    ['env == "it\'s"', false],
  ])('%s: %s', (text, holds) => {
    const condition = readCondition(text)
    if ('problem' in condition) throw new Error(condition.problem)
    expect(conditionHolds(condition, action)).toBe(holds)
  })

  test.each([
    '',
    'risk',
    'risk >= high',
    'risk => 3',
    '1risk == 1',
    'a..b == 1',
    'a == 1; b == 2',
    'process.exit()',
    `a == "${'x'.repeat(600)}"`,
  ])('%s is refused', (text) => {
    expect(readCondition(text)).toHaveProperty('problem')
  })
})

describe('a risk template', () => {
  const template = (over: object) => ({
    id: 'rt_1',
    name: 't',
    action_type: null,
    base_risk: 20,
    rules: [
      { condition: 'env == "prod"', add: 30 },
      { condition: 'rows > 100', add: 90 },
      { condition: 'nonsense', add: 99 },
    ],
    status: 'active',
    ...over,
  })

  test('adds what holds, up to 100', () => {
    expect(templateRisk(template({}), { env: 'prod' })).toEqual({
      risk: 50,
      applied: ['env == "prod"'],
    })
    expect(templateRisk(template({}), { env: 'prod', rows: 101 }).risk).toBe(100)
    expect(templateRisk(template({ base_risk: -5, rules: [] }), {}).risk).toBe(0)
  })

  test('of the type comes before one for all; inactive ones do not count', () => {
    const all = [
      template({ id: 'off', action_type: 'deploy', status: 'archived' }),
      template({ id: 'any' }),
      template({ id: 'deploy', action_type: 'deploy' }),
    ]
    expect(riskTemplateFor(all, 'deploy')?.id).toBe('deploy')
    expect(riskTemplateFor(all, 'build')?.id).toBe('any')
    expect(riskTemplateFor([], 'build')).toBeUndefined()
  })

  test('names each rule that cannot be read', () => {
    const problems = riskTemplateProblems(template({}).rules)
    expect(problems).toHaveLength(1)
    expect(problems[0]).toMatch(/^rules\[2\]/)
  })
})

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  collectionWithItem,
  duplicateWorkflow,
  matchesCapability,
  slugOf,
  workflowLaunch,
  workflowVersion,
} from '../../../../src/domain/governance/studio/rules.ts'
import {
  mergedStrategyConfig,
  strategyProblems,
} from '../../../../src/domain/governance/studio/strategies.ts'

const template = {
  template_id: 'wft_1',
  name: 'Ship it',
  slug: 'ship-it',
  version: 3,
  status: 'active',
  steps: [{ a: 1 }],
}

describe('a slug', () => {
  test.each([
    ['Ship It!', 'ship-it'],
    ['  Über  Größe ', 'uber-gro-e'],
    ['---', 'untitled'],
    ['日本', 'untitled'],
    [`${'a'.repeat(63)} b`, 'a'.repeat(63)],
  ])('of %j is %s', (name, slug) => {
    expect(slugOf(name)).toBe(slug)
  })

  test('is always one, and its own slug', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (name) => {
        const slug = slugOf(name)
        expect(slug).toMatch(/^[a-z0-9]+(?:-[a-z0-9]+)*$/)
        expect(slug.length).toBeLessThanOrEqual(64)
        expect(slugOf(slug)).toBe(slug)
      }),
    )
  })
})

describe('a workflow template', () => {
  test('has a next version only if its steps change', () => {
    expect(workflowVersion(template, undefined)).toBe(3)
    expect(workflowVersion(template, [{ a: 1 }])).toBe(3)
    expect(workflowVersion(template, [{ a: 2 }])).toBe(4)
  })

  test('is copied as a draft of version 1', () => {
    expect(duplicateWorkflow(template, { template_id: 'wft_2' })).toEqual({
      ...template,
      template_id: 'wft_2',
      name: 'Ship it (copy)',
      slug: 'ship-it-copy',
      status: 'draft',
      version: 1,
    })
    const named = duplicateWorkflow(template, { template_id: 'wft_2', name: 'X', slug: 'y' })
    expect([named.name, named.slug]).toEqual(['X', 'y'])
  })

  test('is launched as an action that holds the strategy of now', () => {
    const config = { primary: { provider: 'p', model: 'm' } }
    const strategy = { strategy_id: 'mst_1', name: 'S', config }
    const { launch, action } = workflowLaunch(template, strategy, {
      actionId: 'act_1',
      at: 't',
      goal: null,
    })
    config.primary.model = 'other'
    expect(launch.resolved_strategy?.config).toEqual({ primary: { provider: 'p', model: 'm' } })
    expect(action).toMatchObject({
      action_type: 'workflow_launch',
      trigger: 'workflow:wft_1',
      declared_goal: 'Launch workflow Ship it',
    })
    expect(JSON.parse(action.reasoning.replace('WORKFLOW_LAUNCH_META=', ''))).toEqual(launch)
  })
})

describe('a strategy', () => {
  const primary = { provider: 'anthropic', model: 'x' }

  test('is merged key by key', () => {
    const config = { primary, maxRetries: 2, other: 1 }
    expect(mergedStrategyConfig(config, { maxRetries: null, maxBudgetUsd: 5 })).toEqual({
      primary,
      other: 1,
      maxBudgetUsd: 5,
    })
  })

  test.each<[object, number]>([
    [{ primary }, 0],
    [{ primary, fallback: [primary], costSensitivity: 'balanced', maxRetries: 0 }, 0],
    [{ primary, unknown: 1 }, 0],
    [{}, 1],
    [{ primary: { provider: 'a' } }, 1],
    [{ primary, fallback: [{}, primary] }, 1],
    [{ primary, fallback: 'x' }, 1],
    [{ primary, costSensitivity: 'cheap', latencySensitivity: 'slow' }, 2],
    [{ primary, maxBudgetUsd: -1, maxRetries: 1.5 }, 2],
    [{ primary, allowedProviders: 'a', disallowedProviders: [1] }, 2],
  ])('%j has %i problems', (config, n) => {
    expect(strategyProblems(config as Record<string, unknown>)).toHaveLength(n)
  })
})

test('a collection counts its items, and its first one waits to be read', () => {
  expect(collectionWithItem({ ingestion_status: 'empty', doc_count: 0 })).toEqual({
    ingestion_status: 'pending',
    doc_count: 1,
  })
  expect(collectionWithItem({ ingestion_status: 'ready', doc_count: 4 })).toEqual({
    ingestion_status: 'ready',
    doc_count: 5,
  })
})

test.each([
  [{}, true],
  [{ category: 'mail' }, true],
  [{ category: 'web' }, false],
  [{ riskLevel: 'high', search: 'SEND' }, true],
  [{ riskLevel: 'low', search: 'send' }, false],
  [{ search: 'smtp' }, true],
  [{ search: 'nothing' }, false],
])('a capability matches %j: %s', (over, matches) => {
  const filter = { category: null, riskLevel: null, search: null, ...over }
  const capability = {
    name: 'Sender',
    description: null,
    category: 'mail',
    risk_level: 'high',
    tags: ['SMTP'],
  }
  expect(matchesCapability(capability, filter)).toBe(matches)
})

import { RE2JS } from 're2js'
import { describe, expect, test } from 'vitest'
import {
  readScorer,
  scoreAction,
  scoreBucket,
  scoreDistribution,
  type ScorerSettings,
} from '../../../src/domain/governance/evaluations/rules.ts'
import { feedbackTags, sentimentOf } from '../../../src/domain/governance/feedback/rules.ts'
import {
  activatedVersion,
  nextPromptVersion,
  promptParameters,
  renderPrompt,
} from '../../../src/domain/governance/prompts/rules.ts'

const read = (type: string, config: Record<string, unknown> | null) =>
  readScorer(type, config, RE2JS)

describe('a scorer', () => {
  const action = { declared_goal: 'Fix the build', output_summary: 'All Green', risk_score: 40 }
  test.each<[string, Record<string, unknown>, number | null]>([
    ['regex', { pattern: 'all\\s+green' }, 1],
    ['regex', { pattern: 'all green', flags: '' }, 0],
    ['regex', { pattern: '^All', flags: 'm' }, 1],
    ['regex', { pattern: '^All', flags: '' }, 0],
    ['contains', { keywords: ['red', 'green'] }, 1],
    ['contains', { keywords: ['red', 'green'], mode: 'all' }, 0],
    ['numeric_range', { min: 40, max: 50 }, 1],
    ['numeric_range', { max: 39 }, 0],
    ['numeric_range', { field: 'confidence' }, null],
  ])('%s %j: %s', (type, config, score) => {
    const scorer = read(type, config)
    if (!('settings' in scorer) || scorer.settings.type === 'llm_judge') throw new Error('unread')
    const settings: Exclude<ScorerSettings, { type: 'llm_judge' }> = scorer.settings
    expect(scoreAction(settings, action)?.score ?? null).toBe(score)
  })

  test.each<[string, Record<string, unknown> | null, RegExp]>([
    ['custom_function', { expression: '1' }, /never run/],
    ['regex', { pattern: '(' }, /pattern/],
    ['regex', { pattern: '(a)\\1' }, /pattern/],
    ['regex', { pattern: '.{500}' }, /at most 256/],
    ['regex', null, /pattern/],
    ['regex', { pattern: 'a', flags: 'y' }, /flags/],
    ['contains', { keywords: [] }, /keywords/],
    ['numeric_range', { min: 3, max: 2 }, /min/],
    ['magic', {}, /unknown/],
  ])('%s %j is refused', (type, config, why) => {
    const scorer = read(type, config)
    expect('problem' in scorer ? scorer.problem : 'read').toMatch(why)
  })

  test('scores fall into buckets', () => {
    expect([0.8, 0.79, 0.5, 0.49].map(scoreBucket)).toEqual([
      'excellent',
      'acceptable',
      'acceptable',
      'poor',
    ])
    expect(scoreDistribution([1, 0.8, 0])).toEqual([
      { bucket: 'excellent', count: 2, avg_score: 0.9 },
      { bucket: 'poor', count: 1, avg_score: 0 },
    ])
  })
})

describe('feedback', () => {
  test.each<[number | null, string | null, string]>([
    [5, 'broken', 'positive'],
    [4, null, 'positive'],
    [2, 'great', 'negative'],
    [3, 'great and fast', 'positive'],
    [null, 'slow and wrong, but nice', 'negative'],
    [null, 'good but slow', 'neutral'],
    [null, null, 'neutral'],
  ])('of %s, %s is %s', (rating, comment, sentiment) => {
    expect(sentimentOf(rating, comment)).toBe(sentiment)
  })

  test('keeps its tags and gets those of its words, each once', () => {
    expect(feedbackTags(['mine', 'cost'], 'Slow, expensive; it leaked a secret')).toEqual([
      'mine',
      'cost',
      'performance',
      'security',
    ])
    expect(feedbackTags([], null)).toEqual([])
  })
})

describe('a prompt', () => {
  test('puts values in place, once', () => {
    const values = { name: '{{ other }}', other: 'x', n: 3, o: { a: 1 }, none: null }
    expect(renderPrompt('{{name}} {{ n }} {{o}} {{ none }} {{ toString }}', values)).toEqual({
      rendered: '{{ other }} 3 {"a":1} {{ none }} {{ toString }}',
      missing: ['none', 'toString'],
    })
    expect(renderPrompt('{{ m }}', { m: '$& $1' }).rendered).toBe('$& $1')
  })

  test('names its parameters', () => {
    expect(promptParameters('{{a}} {{ b.c }} {{a}} {{1}} { {d} }')).toEqual(['a', 'b.c'])
  })

  test('has numbered versions, one of them active', () => {
    const versions = [
      { id: 'a', version: 1, is_active: true },
      { id: 'b', version: 4, is_active: false },
    ]
    expect(nextPromptVersion([])).toBe(1)
    expect(nextPromptVersion(versions)).toBe(5)
    expect(activatedVersion(versions, 'b').map((each) => each.is_active)).toEqual([false, true])
  })
})

import { describe, expect, it } from 'vitest'
import { CORRECTED, ORIGINAL } from '../../src/clawpolicy/corrections.ts'
import { newRule } from '../../src/clawpolicy/files/records.ts'
import { writeRules } from '../../src/clawpolicy/files/write.ts'
import { textOf } from '../../src/clawpolicy/task.ts'
import { fixed2 } from '../../src/clawpolicy/text.ts'
import type { PolicyEvent, Rule } from '../../src/clawpolicy/types.ts'
import { BASE, MK, OK, PT, World, says } from './engine.ts'
import { readRules } from './parts.ts'

const json = (value: unknown): unknown =>
  JSON.parse(
    JSON.stringify(value, (_, item) => (item instanceof Map ? Object.fromEntries(item) : item)),
  )

describe('numbers as the original writes them', () => {
  it.each<[unknown, string]>([
    [1e22, '1e+22'],
    [-1e22, '-1e+22'],
    [10n ** 22n, '10000000000000000000000'],
    [-5, '-5'],
  ])('a task with %s has the text %s', (value, text) =>
    expect(textOf({ command: value }, 'command')).toBe(text),
  )

  it.each([
    [1e22, '10000000000000000000000.00'],
    [-1e22, '-10000000000000000000000.00'],
    [1e21, '1000000000000000000000.00'],
  ])('%d with two decimals is %s', (value, text) => expect(fixed2(value)).toBe(text))

  it('the highest confidence may be negative', () => {
    const rule = newRule({ id: 'r', trigger: ['keyword:'], confidence: -0.5 })
    const { record } = new World([rule]).look(MK)
    expect(record.get('explanation_text')).toMatch(/Confidence: max=-0\.50, matched=1$/)
  })

  it('counts that are floats in a file are logged as floats', () => {
    const text = `{"r": {"id": "r", "trigger": ["keyword:"], "policy_decision": "auto_execute",
      "evidence_count": 3.0, "success_streak": 2.0, "confidence": 1}}`
    const world = new World([...readRules(text, ORIGINAL).records.values()])
    const { events } = world.live(MK, says('prefer_auto_execute'))
    const [evaluated] = world.lines as [PolicyEvent]
    expect(json(evaluated.payload.get('matched_rules'))).toMatchObject([
      { evidence_count: { value: 3 }, success_streak: { value: 2 }, confidence: 1 },
    ])
    expect(json(events[0]?.payload)).toMatchObject({ evidence_count: { value: 4 } })
    const written = writeRules(new Map([['r', world.rule('r')]]))
    expect(written).toContain('"evidence_count": 4.0')
    expect(written).toContain('"success_streak": 3.0')
  })
})

describe('one id under two keys', () => {
  const other: Rule = { ...BASE, policy_decision: 'require_confirmation' }

  it.each([
    ['original', ORIGINAL],
    ['corrected', CORRECTED],
  ])('%s: a rule is no rival of its own', (_, corrections) => {
    const world = new World([BASE], corrections)
    world.book.put('another key', { ...other, last_seen_at: '2025-12-30T00:00:00+00:00' })
    world.live(PT, OK)
    expect([world.rule('base').status, world.rule('another key').status]).toEqual([
      'confirmed',
      'confirmed',
    ])
  })

  it('a rule of another id still is', () => {
    const world = new World([BASE], ORIGINAL)
    world.book.put('another key', { ...other, id: 'other', last_seen_at: '' })
    world.live(PT, OK)
    expect(world.rule('base')).toMatchObject({ status: 'archived', suspension_reason: 'conflict' })
  })

  it('nor is it archived for the sake of itself', () => {
    const suspended: Rule = { ...BASE, status: 'suspended', failure_streak: 0 }
    const world = new World([suspended], ORIGINAL)
    world.book.put('another key', BASE)
    world.live(MK, says('prefer_auto_execute'))
    expect(world.rule('base').status).toBe('suspended')
  })
})

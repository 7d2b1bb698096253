import { describe, expect, test } from 'vitest'
import {
  becauseText,
  evidenceBar,
  missingText,
  ruleAbout,
  ruleSentence,
  ruleText,
  ruleWhere,
  suspendedWhy,
} from '../../../src/doors/text/rules.ts'
import { aRule } from '../../support/fake-rules.ts'

const about = (...trigger: string[]): string => ruleAbout({ trigger, summary: 'its summary' })

describe('a rule in words', () => {
  test.each([
    ['a command', ['task_type:exec', 'command:git push origin main'], 'git push origin main'],
    ['a kind of command', ['task_type:exec', 'runs:git push'], 'every git push'],
    [
      'a request',
      [
        'task_type:net',
        "command:net https://api.stripe.com POST 'POST https://api.stripe.com/v1/refunds'",
      ],
      'POST https://api.stripe.com/v1/refunds',
    ],
    [
      'a kind of request',
      ['task_type:net', 'runs:net https://api.stripe.com POST'],
      'every POST to https://api.stripe.com',
    ],
    [
      'a host',
      ['task_type:net', 'runs:net https://api.stripe.com'],
      'anything at https://api.stripe.com',
    ],
    [
      'a tool, and what it is given',
      ['task_type:tool', `command:tool send '{"to":"all"}'`],
      'send with {"to":"all"}',
    ],
    [
      'a tool whose name looks like the end of another',
      ['task_type:tool', `command:tool 'x'\\'' '\\''harmless'`],
      "x' 'harmless",
    ],
    [
      'a file',
      ['task_type:file', "command:file write docs/ 'write docs/plan.md'"],
      'write docs/plan.md',
    ],
    ['a folder', ['task_type:file', 'runs:file write docs/'], 'every write in docs/'],
    ['what is no command', ['task_type:T1', 'keyword:test'], 'its summary'],
  ])('%s', (_what, trigger, words) => {
    expect(about(...trigger)).toBe(words)
  })

  test('control characters are shown as marks', () => {
    expect(about('task_type:exec', 'command:echo \u001b[31m\u202e')).toBe('echo ␛[31m�')
  })

  test('its decision and scope as a sentence', () => {
    expect(ruleSentence(aRule('policy_1'))).toBe(
      'Allow git push origin main without asking, for backend.',
    )
    expect(
      ruleSentence(aRule('policy_1', { decision: 'ask', scope: 'global', scopeKey: '' })),
    ).toBe('Always ask before git push origin main, for every agent.')
    expect(ruleText(aRule('policy_1', { decision: '' }))).toBe('advice: git push origin main')
    expect(ruleWhere({ scope: 'domain', scopeKey: 'ops' })).toBe('for ops work')
  })

  test('reasons in words; unknown ones are at least readable', () => {
    expect(suspendedWhy('repeated_failure')).toBe('failed twice')
    expect(suspendedWhy('solar_flare')).toBe('solar flare')
    expect(missingText('unresolved conflict')).toContain('suspend or archive')
  })

  test('evidence fills the bar without overflowing it', () => {
    expect([0, 1, 2, 3, 9].map((n) => evidenceBar(n, 3, 6))).toEqual([
      '······',
      '▇▇····',
      '▇▇▇▇··',
      '▇▇▇▇▇▇',
      '▇▇▇▇▇▇',
    ])
  })
})

test.each(['__proto__', 'constructor', 'toString'])('a file may call anything %s', (name) => {
  expect(ruleAbout({ trigger: [`${name}:x`, 'command:ls'], summary: 's' })).toContain('ls')
  for (const say of [suspendedWhy, missingText, becauseText]) expect(say(name)).toContain('o')
})

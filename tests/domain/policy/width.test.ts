import { beforeAll, describe, expect, it } from 'vitest'
import { grantText } from '../../../src/command-analysis/patterns/grant-text.ts'
import { programs } from '../../../src/config/programs.ts'
import { readPolicyText } from '../../../src/domain/policy/file/schema.ts'
import { readyForPatterns } from '../../../src/domain/policy/matching/pattern.ts'
import type { OperatorPolicy } from '../../../src/domain/policy/types.ts'
import { refuseEverything, widthOf } from '../../../src/domain/policy/width.ts'

beforeAll(() => readyForPatterns())

type Policy = Omit<OperatorPolicy, 'id'>

describe('a policy that allows everything', () => {
  it.each<[Policy]>([
    [{ effect: 'allow' }],
    [{ effect: 'warn' }],
    [{ effect: 'allow', target: '*' }],
    [{ effect: 'allow', target: '**' }],
    [{ effect: 'allow', type: '*' }],
    [{ effect: 'allow', type: '*', target: '*', agent: '*', template: '*' }],
    [{ effect: 'allow', pattern: '.*' }],
    [{ effect: 'allow', pattern: '^.+$' }],
    [{ effect: 'allow', riskAtLeast: 10 }],
    [{ effect: 'allow', riskAtMost: 100 }],
  ])('is refused: %j', (policy) =>
    expect(() => refuseEverything(policy)).toThrow(
      expect.objectContaining({
        code: 'policies.invalid',
        hint: expect.stringContaining('--target') as string,
      }) as Error,
    ),
  )

  it.each<[Policy]>([
    [{ effect: 'block' }],
    [{ effect: 'ask' }],
    [{ effect: 'allow', type: 'exec' }],
    [{ effect: 'allow', target: 'git *' }],
    [{ effect: 'allow', agent: 'scout' }],
    [{ effect: 'allow', riskAtMost: 30 }],
    [{ effect: 'allow', template: 'reviewer' }],
    [{ effect: 'allow', pattern: 'git .*' }],
  ])('is not %j', (policy) => expect(() => refuseEverything(policy)).not.toThrow())
})

describe('a wide policy has reasons', () => {
  it.each<[Policy, RegExp]>([
    [{ effect: 'allow', type: 'exec' }, /every action of type exec/],
    [{ effect: 'allow', type: 'net', target: '*' }, /every action of type net/],
    [{ effect: 'allow', riskAtMost: 30 }, /every action that meets its other conditions/],
    [{ effect: 'allow', type: 'exec', target: '*.sh' }, /any program/],
    [{ effect: 'allow', type: 'exec', target: 'git *' }, /every verb of git/],
    [{ effect: 'allow', type: 'exec', target: 'npm*' }, /every verb of npm/],
    [{ effect: 'allow', type: 'exec', target: 'bash *' }, /runs whatever it is given/],
    [{ effect: 'allow', type: 'exec', target: 'sudo *' }, /runs whatever it is given/],
    [{ effect: 'allow', type: 'exec', target: 'npm exec *' }, /runs whatever it is given/],
    [{ effect: 'allow', type: 'exec', target: 'mytool *' }, /nothing is known of mytool/],
    [
      { effect: 'allow', type: 'exec', target: 'git log *', options: 'any' },
      /every option.*--output/,
    ],
    [{ effect: 'allow', target: 'ls *' }, /actions of every type/],
    [{ effect: 'allow', type: 'exec', pattern: 'git .*' }, /any text/],
  ])('%j', (policy, why) => expect(widthOf(policy).join('; ')).toMatch(why))

  it.each<[Policy]>([
    [{ effect: 'block' }],
    [{ effect: 'allow', type: 'exec', target: 'git status' }],
    [{ effect: 'allow', type: 'exec', target: 'git log *' }],
    [{ effect: 'allow', type: 'exec', target: 'npm test*' }],
    [{ effect: 'allow', type: 'exec', target: 'ls *' }],
    [{ effect: 'allow', type: 'net', target: 'https://api.example.com/*' }],
    [{ effect: 'allow', type: 'exec', pattern: 'npm (?:test|run [a-z]+)' }],
  ])('%j is narrow', (policy) => expect(widthOf(policy)).toEqual([]))
})

describe('what a star leaves out', () => {
  it('is listed by what it would do', () => {
    const { except } = grantText('git log *', false, programs())
    expect(except).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^starts programs or code: .*--ext-diff/),
        'writes files: --output',
        'reads from elsewhere: --no-index',
      ]),
    )
    expect(grantText('git log --output=* *', false, programs()).except).not.toContain(
      'writes files: --output',
    )
    const places = (pattern: string, anyOption = false) =>
      grantText(pattern, anyOption, programs()).except.includes(
        'paths that are not in the workspace',
      )
    expect([places('cat *'), places('cd *'), places('cp *')]).toEqual([true, true, true])
    expect([places('echo *'), places('cat *', true)]).toEqual([false, false])
    expect(grantText('git status', false, programs())).toEqual({ except: [], wide: [] })
  })
})

describe('options: any', () => {
  const read = (rest: string) =>
    readPolicyText(`policies:\n  - { id: p, ${rest} }\n`, 'policies.yaml').policies
  it('is read where the target of a command is allowed', () => {
    expect(read("effect: allow, type: exec, target: 'git *', options: any")).toMatchObject([
      { options: 'any' },
    ])
  })
  it.each([
    "effect: block, type: exec, target: 'git *', options: any",
    "effect: allow, type: net, target: 'https://a.test/*', options: any",
    "effect: allow, type: exec, pattern: 'git .*', options: any",
    'effect: allow, type: exec, options: any',
  ])('is a mistake in %s', (rest) => expect(() => read(rest)).toThrow(/policies\.0\.options/))
  it('has no other value', () =>
    expect(() => read("effect: allow, type: exec, target: 'x *', options: all")).toThrow(
      /policies\.0\.options: .*there: all/,
    ))
})

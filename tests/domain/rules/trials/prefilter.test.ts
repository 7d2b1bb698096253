import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { canonical } from '../../../../src/base/canonical.ts'
import { matches } from '../../../../src/clawpolicy/matching/matching.ts'
import { CORRECTED } from '../../../../src/clawpolicy/corrections.ts'
import { newRule } from '../../../../src/clawpolicy/files/records.ts'
import { AUTO, ASK } from '../../../../src/clawpolicy/types.ts'
import { mayMatch, prefilterOf } from '../../../../src/domain/rules/trials/prefilter.ts'
import { taskOf } from '../../../../src/domain/rules/task.ts'
import type { Action } from '../../../../src/domain/policy/types.ts'
import { contextOf } from '../../../clawpolicy/engine.ts'

const action = (type: string, target: string, extra: Record<string, unknown> = {}): Action => ({
  type,
  target,
  argv: [],
  cwd: '',
  reversible: null,
  systems: [],
  goal: '',
  scope: '',
  claimedRisk: null,
  extra,
})
const text = (asked: Action) => canonical(asked)
const meets = (trigger: string[], asked: Action) =>
  mayMatch(prefilterOf(newRule({ id: 'r', trigger })), text(asked))

/** Commands as they are typed, also so that a program's name is not to be read off them. */
const word = fc.constantFrom(
  'git',
  'push',
  'GIT',
  'origin',
  '/usr/bin/git',
  "g'i't",
  '"git"',
  'g\\it',
  'sudo',
  'sh',
  '-c',
  "'git push'",
  ';',
  '&&',
  '|',
  '$(git push)',
  '`git push`',
  'env',
  'A=1',
  '>x',
  '#',
  'K\u212a',
  'İ',
  'two  words',
  '\t',
)
const command = fc.array(word, { minLength: 1, maxLength: 6 }).map((words) => words.join(' '))
const trigger = fc.oneof(
  command.map((value) => `command:${value}`),
  fc
    .constantFrom('git', 'git push', '/usr/bin/git push', 'push', 'sudo git', 'net', 'file')
    .map((value) => `runs:${value}`),
  fc.constantFrom('git push', 'PUSH', 'k').map((value) => `keyword:${value}`),
  fc.constantFrom('exec', 'net', 'tool').map((value) => `task_type:${value}`),
  fc.constantFrom('git', 'push it'),
)
const asked = fc
  .tuple(
    fc.constantFrom('exec', 'exec', 'exec', 'net', 'file', 'tool', 'sudo', 'custom'),
    command,
    fc.constantFrom({}, { target: 'x', type: 'net' }, { a: { '","type":"': ',"target":"' } }),
  )
  .map(([type, target, extra]) => action(type, target, extra))

describe('the prefilter of a rule', () => {
  it('never excludes what the rule matches', () => {
    let met = 0
    fc.assert(
      fc.property(
        fc.array(trigger, { minLength: 1, maxLength: 3 }),
        asked,
        fc.constantFrom(AUTO, ASK),
        (triggers, what, policy_decision) => {
          const rule = newRule({ id: 'r', trigger: triggers, status: 'confirmed', policy_decision })
          if (
            !matches(
              rule,
              contextOf(taskOf(what, { name: 'a1', template: 'coder' }), 'a1', CORRECTED),
            )
          )
            return
          met++
          expect(mayMatch(prefilterOf(rule), text(what))).toBe(true)
        },
      ),
      { numRuns: 4000 },
    )
    expect(met).toBeGreaterThan(100)
  })

  it.each([
    ['another command', ['command:git push origin main'], action('exec', 'npm test'), false],
    [
      'the same one',
      ['command:git push origin main'],
      action('exec', 'git push origin main'),
      true,
    ],
    [
      'a program by its way from where one stood',
      ['command:/home/workspace/run.sh now'],
      { ...action('exec', './run.sh now'), argv: ['./run.sh', 'now'], cwd: '/home/workspace' },
      true,
    ],
    [
      'another program in that folder',
      ['command:/home/workspace/run.sh now'],
      { ...action('exec', './walk.sh now'), argv: ['./walk.sh', 'now'], cwd: '/home/workspace' },
      false,
    ],
    ['another case', ['command:git push'], action('exec', 'GIT PUSH'), true],
    ['another program', ['runs:git push'], action('exec', 'npm run build'), false],
    ['a program in quotes', ['runs:git push'], action('exec', '"g"it push'), true],
    ['another type', ['task_type:net', 'command:x'], action('exec', 'x'), false],
    ['an address', ['runs:net api.x:443'], action('net', 'GET https://api.x/v1'), true],
    [
      'a file, for a rule about addresses',
      ['runs:net api.x:443'],
      action('file', 'write a'),
      false,
    ],
    ['words anywhere', ['push'], action('exec', 'anything'), true],
  ])('%s', (_, triggers, what, expected) => {
    expect(meets(triggers, what)).toBe(expected)
  })
})

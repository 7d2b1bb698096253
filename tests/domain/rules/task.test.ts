import { describe, expect, it } from 'vitest'
import { taskOf } from '../../../src/domain/rules/task.ts'
import { normalise } from '../../../src/domain/policy/normalise.ts'
import { question } from '../policy/question.ts'

const commandOf = (type: string, target: string, cwd = '') =>
  taskOf(normalise(question({ type, target, cwd })), { name: 'a1', template: 'coder' })['command']

describe('an action as the learner compares it', () => {
  it.each([
    ['exec', 'git push origin main', '/a', 'git push origin main'],
    ['exec', './deploy.sh now', '/a', '/a/deploy.sh now'],
    ['exec', '../x/run', '/a/b', '/a/x/run'],
    ['exec', './deploy.sh now', '', './deploy.sh now'],
    ['exec', '/bin/ls', '/a', '/bin/ls'],
    [
      'net',
      'POST https://api.test/v1',
      '/a',
      "net https://api.test POST 'POST https://api.test/v1'",
    ],
    ['file', 'write docs/a.md', '/project', "file write /project/docs/ 'write docs/a.md'"],
    ['tool', 'browser', '/a', 'tool browser'],
  ])('%s %s in %s is %s', (type, target, cwd, command) => {
    expect(commandOf(type, target, cwd)).toBe(command)
  })
})

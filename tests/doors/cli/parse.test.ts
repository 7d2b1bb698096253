import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Fault } from '../../../src/base/fault.ts'
import { faces } from '../../../src/commands/registry.ts'
import { withGuess } from '../../../src/doors/cli/guess.ts'
import { parse } from '../../../src/doors/cli/parse.ts'
import { cliCommands, kebab } from '../../../src/doors/cli/cli-command.ts'

const known = cliCommands(faces)
const run = (line: string): { id: string; input: Record<string, unknown>; json: boolean } => {
  const parsed = parse(line.split(' '), known)
  if (parsed.kind !== 'run') throw new Error(`this is ${parsed.kind}`)
  return { id: parsed.command.face.id, input: parsed.input, json: parsed.json }
}
const fault = (line: string): Fault => {
  try {
    parse(line === '' ? [] : line.split(' '), known)
  } catch (thrown) {
    if (thrown instanceof Fault) return thrown
    throw thrown
  }
  throw new Error(`${line} was parsed`)
}

describe('a command line becomes a face and its input', () => {
  test.each([
    ['create coder a1', 'agent.create', { template: 'coder', agent: 'a1' }],
    [
      'create coder a1 --backend local',
      'agent.create',
      { template: 'coder', agent: 'a1', backend: 'local' },
    ],
    [
      'create --backend=local coder a1',
      'agent.create',
      { template: 'coder', agent: 'a1', backend: 'local' },
    ],
    [
      'policy edit r1 --trigger runs:git --trigger task_type:exec --days 3',
      'rule.edit',
      { id: 'r1', trigger: ['runs:git', 'task_type:exec'], days: '3' },
    ],
    ['policy merge a b c', 'rule.merge', { ids: ['a', 'b', 'c'] }],
    ['policy rule status', 'rule.get', { id: 'status' }],
    [
      'policy playbook save name a b --id p1',
      'playbook.save',
      { summary: 'name', rules: ['a', 'b'], id: 'p1' },
    ],
    ['logs a1 -f --tail 5', 'agent.logs', { agent: 'a1', follow: true, tail: '5' }],
    ['status', 'agent.get', {}],
    ['status a1', 'agent.get', { agent: 'a1' }],
    ['policy add allow --risk-at-most 30', 'policy.add', { effect: 'allow', riskAtMost: '30' }],
    ['audit search git push --agent a1', 'audit.search', { text: ['git', 'push'], agent: 'a1' }],
    ['exec a1 -- ls -la --json', 'agent.exec', { agent: 'a1', argv: ['ls', '-la', '--json'] }],
    ['openclaw a1', 'agent.openclaw', { agent: 'a1' }],
    ['openclaw a1 -- --version', 'agent.openclaw', { agent: 'a1', argv: ['--version'] }],
    ['policy test a1 exec -- --odd', 'policy.test', { agent: 'a1', type: 'exec', target: '--odd' }],
    ['image build --no-cache', 'image.build', { noCache: true }],
  ])('%s', (line, id, input) => {
    expect(run(line)).toMatchObject({ id, input })
    expect(run(line).input).toEqual(input)
  })

  test('--json counts anywhere before `--`, and not after it', () => {
    expect(run('--json list').json).toBe(true)
    expect(run('list --json').json).toBe(true)
    expect(run('exec a1 -- x --json').json).toBe(false)
  })

  test('help and version', () => {
    expect(parse(['--help'], known)).toMatchObject({ kind: 'help', words: [] })
    expect(parse(['policy', '--help'], known)).toMatchObject({
      kind: 'help',
      words: ['policy'],
      command: undefined,
    })
    expect(parse(['help', 'audit', 'tail'], known)).toMatchObject({
      kind: 'help',
      command: { words: ['audit', 'tail'] },
    })
    expect(parse(['create', 'coder', '-h'], known)).toMatchObject({
      kind: 'help',
      command: { words: ['create'] },
    })
    expect(parse(['-V', '--json'], known)).toEqual({ kind: 'version' })
    expect(parse(['exec', 'a1', '--', 'ls', '--help'], known).kind).toBe('run')
  })
})

describe('a usage fault says why and what to do', () => {
  test.each([
    ['create coder', /<agent> is missing/, /clawdeck create <template> <agent>/],
    ['create coder a1 a2', /unexpected argument `a2`/, /Usage/],
    ['list --wat', /--wat/, /Usage: clawdeck list/],
    ['logs a1 --tail', /tail/, /Usage/],
    ['start a1 --force=yes', /force/, /Usage/],
    ['exec a1 ls', /put `--` before `ls`/, /exec <agent> -- <argv\.\.\.>/],
    ['exec a1', /<argv> is missing/, /Usage/],
    ['policy', /`policy` needs another word/, /show, explain/],
    ['policy', /needs another word/, /, pack, budget, .*, playbook, simulate, why, lab\.$/],
    ['policy shwo a1', /no command `policy shwo`/, /show/],
    ['--json', /no command was given/, /--help/],
  ])('%s', (line, message, hint) => {
    expect(fault(line)).toMatchObject({
      code: 'usage',
      message: expect.stringMatching(message),
      hint: expect.stringMatching(hint),
    })
  })

  test.each([
    ['craete coder a1', 'create'],
    ['lst', 'list'],
    ['statsu', 'stat'],
    ['polcy list', 'policy list'],
    ['aprovals', 'approvals'],
    ['superviser stop', 'supervisor stop'],
    ['dcotor', 'doctor'],
  ])('%s is guessed', (line, meant) => {
    expect(withGuess(fault(line), line.split(' ')).hint).toContain(`clawdeck ${meant}`)
  })

  test('nonsense is not guessed', () => {
    expect(withGuess(fault('qqqqqqqq'), ['qqqqqqqq']).hint).toContain('--help')
  })

  test('any input is either understood or a usage fault', () => {
    const words = known.flatMap((command) => command.words)
    const flags = faces
      .flatMap((face) => Object.keys(face.flags ?? {}))
      .map((key) => `--${kebab(key)}`)
    fc.assert(
      fc.property(
        fc.array(
          fc.oneof(
            fc.constantFrom(
              ...words,
              ...flags,
              '--',
              '-',
              '--json',
              '-f',
              'a1',
              '__proto__',
              '--__proto__',
              '--constructor=x',
            ),
            fc.string(),
          ),
          { maxLength: 8 },
        ),
        (argv) => {
          try {
            parse(argv, known)
          } catch (thrown) {
            expect(thrown).toMatchObject({ code: 'usage' })
          }
        },
      ),
    )
  })
})

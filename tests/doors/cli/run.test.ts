import { existsSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Agent } from '../../../src/domain/agents/types.ts'
import { CliHarness } from './harness.ts'

let cli: CliHarness
beforeEach(() => {
  cli = new CliHarness()
})
afterEach(() => cli.close())

const a1: Agent = {
  name: 'a1',
  template: 'coder',
  backend: 'local',
  isolation: 'none',
  wish: 'up',
  phase: 'up',
  since: Date.now() - 120_000,
  podId: 'p',
  exitCode: null,
  note: 'odd \u001b[2Jnote',
  drift: [],
  lock: '',
  unenforced: [],
  door: '',
  createdAt: 0,
  startedBy: 'maya',
  asking: 2,
}

describe('answers', () => {
  test('for people: a table with what they must know, harmless', async () => {
    await cli.awake({ 'agent.list': { answer: [a1] } })
    const { code, out } = await cli.run('list')
    expect(code).toBe(0)
    expect(out).toMatch(/^AGENT +TEMPLATE/)
    expect(out).toMatch(/a1 +coder +● up +2 min ago +local, not isolated +2 waiting +odd ␛\[2Jnote/)
  })

  test('with --json: what the supervisor answered, as one line', async () => {
    await cli.awake({ 'agent.list': { answer: [a1] } })
    const { out } = await cli.run('list --json')
    expect(JSON.parse(out)).toEqual([a1])
    expect(out.trimEnd()).not.toContain('\n')
  })

  test('paths are said in full, as seen from here', async () => {
    await cli.awake({ 'audit.export': { answer: { path: 'x', events: 1, head: 'h' } } })
    await cli.run('audit export out/deck.jsonl')
    expect(cli.asked).toEqual([
      { id: 'audit.export', input: { path: '/some/where/out/deck.jsonl' } },
    ])
  })

  test.each([
    ['policy validate a1', 'policy.validate', { agent: 'a1', ok: true, drift: [] }, 0],
    [
      'policy validate a1',
      'policy.validate',
      { agent: 'a1', ok: false, drift: [{ what: 'image', from: 'a', to: 'b' }] },
      4,
    ],
    [
      'audit verify',
      'audit.verify',
      {
        ok: true,
        events: 3,
        head: 'h',
        checkpoints: 1,
        mirrors: 1,
        signed: 3,
        losses: [],
        firstBad: null,
        problems: [],
        took: 1,
      },
      0,
    ],
    [
      'audit verify',
      'audit.verify',
      {
        ok: false,
        events: 3,
        head: 'h',
        checkpoints: 1,
        mirrors: 1,
        signed: 3,
        losses: [],
        firstBad: 2,
        problems: [{ where: 'database', seq: 2, what: 'changed' }],
        took: 1,
      },
      1,
    ],
    ['audit rebuild', 'audit.rebuild', { events: 3, same: false, differences: ['agent a1'] }, 1],
  ])('%s: %s %j exits with %i', async (line, id, answer, code) => {
    await cli.awake({ [id]: { answer } })
    expect((await cli.run(line)).code).toBe(code)
    expect((await cli.run(`${line} --json`)).code).toBe(code)
  })
})

describe('streams', () => {
  const chunk = (stream: string, text: string): unknown => ({
    stream,
    base64: Buffer.from(text).toString('base64'),
  })

  test('exec passes bytes through and ends as the command did', async () => {
    await cli.awake({
      'agent.exec': {
        items: [chunk('stdout', 'o\u001b[1m\n'), chunk('stderr', 'e\n'), { exitCode: 3 }],
      },
    })
    expect(await cli.run(['exec', 'a1', '--', 'sh', '-c', 'x y'])).toMatchObject({
      code: 3,
      out: 'o\u001b[1m\n',
      err: 'e\n',
    })
    expect(cli.asked[0]).toEqual({
      id: 'agent.exec',
      input: { agent: 'a1', argv: ['sh', '-c', 'x y'] },
    })
  })

  test('to a terminal, control characters of a pod do nothing', async () => {
    await cli.awake({
      'agent.exec': { items: [chunk('stdout', 'a\tb\r\n\u001b]52;c;eA==\u0007'), { exitCode: 0 }] },
    })
    expect((await cli.run(['exec', 'a1', '--', 'x'], { tty: true })).out).toBe('a\tb\n␛]52;c;eA==␇')
  })

  test('with --json each item is a line', async () => {
    await cli.awake({
      'agent.logs': {
        items: [
          { at: 1, stream: 'stdout', text: 'x' },
          { at: 2, stream: 'stderr', text: 'y' },
        ],
      },
    })
    expect(
      (await cli.run('logs a1 --json')).out
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line)),
    ).toEqual([
      { at: 1, stream: 'stdout', text: 'x' },
      { at: 2, stream: 'stderr', text: 'y' },
    ])
  })
})

describe('failures', () => {
  test.each([
    ['agent.unknown', 3],
    ['drift', 4],
    ['not.possible', 1],
    ['input.invalid', 2],
    ['backend.unavailable', 5],
  ])('%s of the supervisor exits with %i', async (code, exit) => {
    await cli.awake({ 'agent.start': { fault: { code, message: 'no', hint: 'do this' } } })
    expect(await cli.run('start a1')).toMatchObject({
      code: exit,
      out: '',
      err: 'clawdeck: no\n  next  do this\n',
    })
    expect(JSON.parse((await cli.run('start a1 --json')).err)).toEqual({
      fault: { code, message: 'no', hint: 'do this' },
    })
  })

  test('a name that cannot be one never reaches the supervisor', async () => {
    expect(await cli.run(['start', '../x'])).toMatchObject({
      code: 2,
      err: expect.stringContaining('must be 1 to 32'),
    })
  })

  test('a supervisor that cannot be started is 5, and one that is asked after is not started', async () => {
    expect(await cli.run('list')).toMatchObject({ code: 5 })
    expect(await cli.run('supervisor status')).toMatchObject({
      code: 5,
      err: expect.stringContaining('the supervisor is not running'),
    })
  })

  test('attaching needs a terminal', async () => {
    await cli.awake({})
    expect(await cli.run('attach a1')).toMatchObject({
      code: 2,
      err: expect.stringContaining('exec a1'),
    })
    expect(await cli.run('attach a1 --new', { tty: true })).toMatchObject({
      code: 7,
      opened: ['attach {"agent":"a1","fresh":true}'],
    })
  })
})

describe('nothing said', () => {
  test('without a terminal and without a deck: a plain status, exit 0, nothing made', async () => {
    expect(await cli.run('')).toMatchObject({
      code: 0,
      out: expect.stringContaining('no deck at'),
      err: '',
    })
    expect(existsSync(cli.home.root)).toBe(false)
  })

  test('with a running supervisor: what it says', async () => {
    const backend = { kind: 'local', ready: true, title: 'local', isolation: 'none', problems: [] }
    await cli.awake({
      'supervisor.status': {
        answer: {
          pid: 1,
          version: '9.9.9',
          home: cli.home.root,
          startedAt: Date.now(),
          backend,
          memoryBytes: 1e8,
          events: 5,
          head: 'abc',
          agents: 1,
          up: 1,
          waiting: 2,
          shells: 0,
          keyId: 'k',
        },
      },
      'agent.list': { answer: [a1] },
    })
    expect((await cli.run('')).out).toMatch(/clawdeck 9\.9\.9[\s\S]*waiting +2[\s\S]*a1 +coder/)
  })

  test('on a terminal: the console, with the settings of the deck', async () => {
    await cli.awake({})
    expect(await cli.run('', { tty: true })).toMatchObject({ code: 0, opened: ['console'] })
    await writeFile(cli.home.config, 'console: { theme: 7 }\n')
    expect(await cli.run('', { tty: true })).toMatchObject({
      code: 2,
      opened: [],
      err: expect.stringContaining('config.yaml:1'),
    })
  })
})

import { existsSync, mkdtempSync, statSync } from 'node:fs'
import { chmod, mkdir, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough, Readable } from 'node:stream'
import { json } from 'node:stream/consumers'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { deckHome, type Home } from '../../../src/config/home.ts'
import type { CliProgram } from '../../../src/doors/cli/cli.ts'
import { runCli } from '../../../src/doors/cli/run.ts'
import type { Agent } from '../../../src/domain/agents/types.ts'

/** What the stand-in for the supervisor answers, by row id: a value, stream items, or a fault. */
type Answers = Record<
  string,
  { answer?: unknown; items?: unknown[]; fault?: { code: string; message: string; hint?: string } }
>

let home: Home
let server: Server
let answers: Answers
const asked: { id: string; input: unknown }[] = []

beforeEach(async () => {
  home = deckHome({ CLAWDECK_HOME: join(mkdtempSync(join(tmpdir(), 'deck-run-')), 'deck') })
  asked.length = 0
  server = createServer(async (request, response) => {
    const id = (request.url ?? '').slice('/v1/do/'.length)
    asked.push({ id, input: await json(request) })
    const { answer, items, fault } = answers[id] ?? {
      fault: { code: 'bug', message: `no answer for ${id}` },
    }
    if (fault !== undefined) response.writeHead(400).end(JSON.stringify({ fault }))
    else if (items === undefined) response.end(JSON.stringify(answer))
    else
      response.end(
        [...items.map((item) => ({ item })), { end: true }]
          .map((line) => `${JSON.stringify(line)}\n`)
          .join(''),
      )
  })
})

afterEach(() => {
  server.close()
  server.closeAllConnections()
})

async function awake(of: Answers): Promise<void> {
  answers = of
  await mkdir(home.run, { recursive: true, mode: 0o700 })
  await new Promise<void>((ready) => server.listen(home.socket, ready))
}

interface Ran {
  code: number
  out: string
  err: string
  opened: string[]
}

async function clawdeck(
  line: string | string[],
  { tty = false, env = {} }: { tty?: boolean; env?: NodeJS.ProcessEnv } = {},
): Promise<Ran> {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()].map((stream) =>
    Object.assign(stream, { isTTY: tty, columns: 100, rows: 30 }),
  )
  const opened: string[] = []
  const program: CliProgram = {
    version: '9.9.9',
    launch: { command: join(home.root, 'nothing-to-launch'), args: [] },
    async openConsole(_link, { demo }) {
      opened.push(demo ? 'demo' : 'console')
    },
    async attachWhole(_link, wish) {
      opened.push(`attach ${JSON.stringify(wish)}`)
      return 7
    },
  }
  const stdin = Object.assign(Readable.from([]), { isTTY: tty })
  const code = await runCli(
    typeof line === 'string' ? line.split(' ').filter((word) => word !== '') : line,
    {
      env: { PATH: process.env['PATH'], CLAWDECK_HOME: home.root, NO_COLOR: '1', ...env },
      cwd: '/some/where',
      streams: { stdin, stdout: stdout as PassThrough, stderr: stderr as PassThrough },
      program,
    },
  )
  return { code, out: String(stdout?.read() ?? ''), err: String(stderr?.read() ?? ''), opened }
}

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
  asking: 2,
}

describe('answers', () => {
  test('for people: a table with what they must know, harmless', async () => {
    await awake({ 'agent.list': { answer: [a1] } })
    const { code, out } = await clawdeck('list')
    expect(code).toBe(0)
    expect(out).toMatch(/^AGENT +TEMPLATE/)
    expect(out).toMatch(/a1 +coder +● up +2 min ago +local, not isolated +2 waiting +odd ␛\[2Jnote/)
  })

  test('with --json: what the supervisor answered, as one line', async () => {
    await awake({ 'agent.list': { answer: [a1] } })
    const { out } = await clawdeck('list --json')
    expect(JSON.parse(out)).toEqual([a1])
    expect(out.trimEnd()).not.toContain('\n')
  })

  test('paths are said in full, as seen from here', async () => {
    await awake({ 'audit.export': { answer: { path: 'x', events: 1, head: 'h' } } })
    await clawdeck('audit export out/deck.jsonl')
    expect(asked).toEqual([{ id: 'audit.export', input: { path: '/some/where/out/deck.jsonl' } }])
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
    await awake({ [id]: { answer } })
    expect((await clawdeck(line)).code).toBe(code)
    expect((await clawdeck(`${line} --json`)).code).toBe(code)
  })
})

describe('streams', () => {
  const chunk = (stream: string, text: string): unknown => ({
    stream,
    base64: Buffer.from(text).toString('base64'),
  })

  test('exec passes bytes through and ends as the command did', async () => {
    await awake({
      'agent.exec': {
        items: [chunk('stdout', 'o\u001b[1m\n'), chunk('stderr', 'e\n'), { exitCode: 3 }],
      },
    })
    expect(await clawdeck(['exec', 'a1', '--', 'sh', '-c', 'x y'])).toMatchObject({
      code: 3,
      out: 'o\u001b[1m\n',
      err: 'e\n',
    })
    expect(asked[0]).toEqual({
      id: 'agent.exec',
      input: { agent: 'a1', argv: ['sh', '-c', 'x y'] },
    })
  })

  test('to a terminal, control characters of a pod do nothing', async () => {
    await awake({
      'agent.exec': { items: [chunk('stdout', 'a\tb\r\n\u001b]52;c;eA==\u0007'), { exitCode: 0 }] },
    })
    expect((await clawdeck(['exec', 'a1', '--', 'x'], { tty: true })).out).toBe(
      'a\tb\n␛]52;c;eA==␇',
    )
  })

  test('with --json each item is a line', async () => {
    await awake({
      'agent.logs': {
        items: [
          { at: 1, stream: 'stdout', text: 'x' },
          { at: 2, stream: 'stderr', text: 'y' },
        ],
      },
    })
    expect(
      (await clawdeck('logs a1 --json')).out
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
    await awake({ 'agent.start': { fault: { code, message: 'no', hint: 'do this' } } })
    expect(await clawdeck('start a1')).toMatchObject({
      code: exit,
      out: '',
      err: 'clawdeck: no\n  next  do this\n',
    })
    expect(JSON.parse((await clawdeck('start a1 --json')).err)).toEqual({
      fault: { code, message: 'no', hint: 'do this' },
    })
  })

  test('a name that cannot be one never reaches the supervisor', async () => {
    expect(await clawdeck(['start', '../x'])).toMatchObject({
      code: 2,
      err: expect.stringContaining('must be 1 to 32'),
    })
  })

  test('a supervisor that cannot be started is 5, and one that is asked after is not started', async () => {
    expect(await clawdeck('list')).toMatchObject({ code: 5 })
    expect(await clawdeck('supervisor status')).toMatchObject({
      code: 5,
      err: expect.stringContaining('the supervisor is not running'),
    })
  })

  test('attaching needs a terminal', async () => {
    await awake({})
    expect(await clawdeck('attach a1')).toMatchObject({
      code: 2,
      err: expect.stringContaining('exec a1'),
    })
    expect(await clawdeck('attach a1 --new', { tty: true })).toMatchObject({
      code: 7,
      opened: ['attach {"agent":"a1","fresh":true}'],
    })
  })
})

describe('nothing said', () => {
  test('without a terminal and without a deck: a plain status, exit 0, nothing made', async () => {
    expect(await clawdeck('')).toMatchObject({
      code: 0,
      out: expect.stringContaining('no deck at'),
      err: '',
    })
    expect(existsSync(home.root)).toBe(false)
  })

  test('with a running supervisor: what it says', async () => {
    const backend = { kind: 'local', ready: true, title: 'local', isolation: 'none', problems: [] }
    await awake({
      'supervisor.status': {
        answer: {
          pid: 1,
          version: '9.9.9',
          home: home.root,
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
    expect((await clawdeck('')).out).toMatch(/clawdeck 9\.9\.9[\s\S]*waiting +2[\s\S]*a1 +coder/)
  })

  test('on a terminal: the console, with the settings of the deck', async () => {
    await awake({})
    expect(await clawdeck('', { tty: true })).toMatchObject({ code: 0, opened: ['console'] })
    await writeFile(home.config, 'console: { theme: 7 }\n')
    expect(await clawdeck('', { tty: true })).toMatchObject({
      code: 2,
      opened: [],
      err: expect.stringContaining('config.yaml:1'),
    })
  })
})

describe('init and doctor', () => {
  test('init makes a deck for its owner alone, and keeps what is there', async () => {
    expect((await clawdeck('init')).code).toBe(0)
    for (const folder of [home.root, home.secrets, home.run, home.agents])
      expect(statSync(folder).mode & 0o777).toBe(0o700)
    expect(statSync(join(home.secrets, 'host.key')).mode & 0o777).toBe(0o600)
    const first = JSON.parse((await clawdeck('init --json')).out) as {
      keyId: string
      fresh: boolean
    }
    expect(first).toMatchObject({
      home: home.root,
      fresh: false,
      keyId: expect.stringMatching(/^ed25519:[0-9a-f]{16}$/),
    })
  })

  const checks = async (
    env: NodeJS.ProcessEnv = {},
  ): Promise<{ code: number; by: Record<string, { state: string; fix?: string }> }> => {
    const { code, out } = await clawdeck('doctor --json', { env: { PATH: '/nonexistent', ...env } })
    return {
      code,
      by: Object.fromEntries(
        (JSON.parse(out) as { checks: { name: string; state: string; fix?: string }[] }).checks.map(
          (check) => [check.name, check],
        ),
      ),
    }
  }

  test('doctor on a fresh machine: nothing is wrong, and what is missing has a fix', async () => {
    const { code, by } = await checks()
    expect(code).toBe(0)
    expect(by).toMatchObject({
      node: { state: 'good' },
      home: { state: 'poor', fix: expect.stringContaining('clawdeck init') },
      podman: { state: 'poor', fix: expect.stringContaining('podman') },
      bubblewrap: { state: 'poor' },
    })
    expect(existsSync(home.root)).toBe(false)
  })

  test('doctor finds what is open to others, broken settings and broken policies', async () => {
    await clawdeck('init')
    await chmod(home.root, 0o755)
    await chmod(join(home.secrets, 'host.key'), 0o644)
    await writeFile(home.config, 'backend: docker\n')
    await writeFile(home.policies, 'policies: [\n')
    await mkdir(home.programs)
    await writeFile(join(home.programs, 'own.yaml'), "programs:\n  x: { operands: 'fiel*' }\n")
    const { code, by } = await checks()
    expect(code).toBe(1)
    expect(by).toMatchObject({
      home: { state: 'bad', fix: `Run: chmod 700 ${home.root}` },
      'host key': { state: 'bad' },
      settings: { state: 'bad' },
      files: { state: 'bad' },
      programs: { state: 'bad', what: expect.stringMatching(/programs\/own\.yaml:2.*operands/s) },
    })
  })

  test('every check that is not good has a fix', async () => {
    const { by } = await checks({ CLAWDECK_HOME: join(home.root, 'x'.repeat(20)) })
    for (const check of Object.values(by))
      expect(check.state === 'good' || check.fix !== undefined).toBe(true)
  })
})

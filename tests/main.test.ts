import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { cp, mkdir, mkdtemp, symlink } from 'node:fs/promises'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { until } from './support/until.ts'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const BIN = join(ROOT, 'dist', 'main.js')
const VERSION = (
  JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { version: string }
).version

/** A Node on this machine that is too old for the program, if there is one. */
const OLD_NODE = (process.env['PATH'] ?? '')
  .split(delimiter)
  .map((folder) => join(folder, 'node'))
  .filter(existsSync)
  .find(
    (node) => Number(/^v(\d+)/.exec(execFileSync(node, ['-v'], { encoding: 'utf8' }))?.[1]) < 24,
  )

async function surroundings(): Promise<NodeJS.ProcessEnv> {
  const folder = await mkdtemp(join(tmpdir(), 'deck-main-'))
  return {
    PATH: process.env['PATH'],
    HOME: folder,
    XDG_CACHE_HOME: join(folder, 'cache'),
    CLAWDECK_HOME: join(folder, 'deck'),
  }
}

const run = (
  node: string,
  bin: string,
  args: string[],
  env: NodeJS.ProcessEnv,
): { status: number | null; stdout: string; stderr: string } =>
  spawnSync(node, [bin, ...args], { encoding: 'utf8', env })

describe('the program as it is built', () => {
  test.each([['--version'], ['-V']])('%s says the version and nothing else', async (flag) => {
    expect(run(process.execPath, BIN, [flag], await surroundings())).toMatchObject({
      status: 0,
      stdout: `${VERSION}\n`,
      stderr: '',
    })
  })

  test('without a terminal and a deck it prints a plain status, starts nothing and exits 0', async () => {
    const env = await surroundings()
    expect(run(process.execPath, BIN, [], env)).toMatchObject({
      status: 0,
      stdout: expect.stringContaining('no deck at'),
      stderr: '',
    })
    expect(existsSync(env['CLAWDECK_HOME'] ?? '')).toBe(false)
  })

  test('a fault sets the exit code', async () => {
    expect(run(process.execPath, BIN, ['no-such-command'], await surroundings())).toMatchObject({
      status: 2,
      stdout: '',
      stderr: expect.stringContaining('clawdeck: there is no command'),
    })
  })

  test('a reader that goes away is no error', async () => {
    const child = spawn(process.execPath, [BIN, 'reference'], {
      env: await surroundings(),
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    child.stdout.destroy()
    let said = ''
    child.stderr.on('data', (data: Buffer) => {
      said += data.toString()
    })
    expect(await new Promise((done) => child.on('close', done))).toBe(0)
    expect(said).toBe('')
  })
})

describe('Ctrl-C', () => {
  /** A stand-in for the supervisor that streams one item and then goes on for ever; answers when its reader has gone. */
  async function endless(
    env: NodeJS.ProcessEnv,
    item: unknown,
  ): Promise<{ gone: Promise<void>; close(): void }> {
    const run = join(env['CLAWDECK_HOME'] ?? '', 'run')
    await mkdir(run, { recursive: true })
    const gone = Promise.withResolvers<void>()
    const server = createServer((_request, response) => {
      response.write(`${JSON.stringify({ item })}\n`)
      response.on('close', () => gone.resolve())
    })
    await new Promise<void>((ready) => server.listen(join(run, 'deck.sock'), ready))
    return {
      gone: gone.promise,
      close: () => {
        server.closeAllConnections()
        server.close()
      },
    }
  }

  test.each([
    [['exec', 'a1', '--', 'sleep', '9'], { stream: 'stdout', base64: 'eA==' }, 130],
    [['logs', 'a1', '--follow'], { at: 0, stream: 'stdout', text: 'x' }, 0],
  ])(
    '%j is given up, the supervisor told, and the exit code is as agreed',
    async (args, item, code) => {
      const env = await surroundings()
      const supervisor = await endless(env, item)
      const child = spawn(process.execPath, [BIN, ...args], {
        env,
        stdio: ['ignore', 'pipe', 'inherit'],
      })
      child.stdout.once('data', () => child.kill('SIGINT'))
      expect(
        await new Promise((done) => child.on('exit', (exit, signal) => done(signal ?? exit))),
      ).toBe(code)
      await supervisor.gone
      supervisor.close()
    },
  )
})

test('a supervisor that is told to end while it still starts ends in order', async () => {
  const env = await surroundings()
  const child = spawn(process.execPath, [BIN, 'supervisor', 'run'], { env, stdio: 'ignore' })
  const home = env['CLAWDECK_HOME'] ?? ''
  await until('it has begun', () => existsSync(join(home, 'secrets', 'host.key')))
  child.kill('SIGTERM')
  expect(
    await new Promise((done) => child.on('exit', (code, signal) => done(signal ?? code))),
  ).toBe(0)
  expect(existsSync(join(home, 'run', 'deck.sock'))).toBe(false)
  expect(readFileSync(join(home, 'logs', 'audit.jsonl'), 'utf8')).toContain('supervisor.stopped')
})

describe.skipIf(OLD_NODE === undefined)(
  'on an old Node (skipped where there is none on the PATH)',
  () => {
    const old = OLD_NODE ?? ''

    test('it finds the pinned one, and passes words, output and exit code through', async () => {
      const env = await surroundings()
      expect(run(old, BIN, ['doctor', '--json'], env).stdout).toContain(
        readFileSync(join(ROOT, 'node_modules', 'node', 'package.json'), 'utf8').match(
          /"version": "([\d.]+)"/,
        )?.[1],
      )
      expect(run(old, BIN, ['start', 'NO'], env)).toMatchObject({ status: 2 })
    })

    test('without a pinned one it says in one line what is needed', async () => {
      const root = await mkdtemp(join(tmpdir(), 'deck-old-'))
      await cp(dirname(BIN), join(root, 'dist'), { recursive: true })
      await symlink(join(ROOT, 'package.json'), join(root, 'package.json'))
      const ran = run(old, join(root, 'dist', 'main.js'), ['list'], await surroundings())
      expect(ran).toMatchObject({ status: 5, stdout: '' })
      expect(ran.stderr).toMatch(
        /^clawdeck needs Node 24\.16 or newer, this is \d+\.\d+\.\d+: .*\n$/,
      )
      expect(
        JSON.parse(
          run(old, join(root, 'dist', 'main.js'), ['list', '--json'], await surroundings()).stderr,
        ),
      ).toMatchObject({ fault: { code: 'node.old' } })
    })

    test('a signal to it reaches the program, which ends as it wants to', async () => {
      const env = await surroundings()
      const child = spawn(old, [BIN, 'supervisor', 'run'], {
        env,
        stdio: ['ignore', 'ignore', 'pipe'],
      })
      await new Promise<void>((up) =>
        child.stderr.on('data', (data: Buffer) => {
          if (data.includes(' runs ')) up()
        }),
      )
      const socket = join(env['CLAWDECK_HOME'] ?? '', 'run', 'deck.sock')
      expect(existsSync(socket)).toBe(true)
      child.kill('SIGTERM')
      expect(
        await new Promise((done) => child.on('exit', (code, signal) => done(signal ?? code))),
      ).toBe(0)
      expect(existsSync(socket)).toBe(false)
    })
  },
)

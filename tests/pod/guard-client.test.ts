import { execFileSync, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { edited } from '../../src/domain/policy/normalise.ts'
import { writeWrappers } from '../../src/domain/templates/wrappers.ts'
import { DOOR_LIMITS } from '../../src/doors/guard/door-limits.ts'
import { guardDoor } from '../../src/doors/guard/guard-door.ts'
import { MemoryGuard } from '../support/memory-guard.ts'
import { until } from '../support/until.ts'

/** What a pod may have: a shell, and one way to speak HTTP. */
const PODS = [
  { name: 'dash and curl', shell: 'dash', tools: ['curl'] },
  { name: 'dash and GNU wget', shell: 'dash', tools: ['wget'] },
  { name: 'busybox alone', shell: 'busybox', tools: [] },
  { name: 'dash and node', shell: 'dash', tools: ['node'] },
]
const BASICS = ['od', 'tr', 'sed', 'sleep', 'cat', 'env', 'ls']

interface Run {
  code: number | null
  out: string
  err: string
}

let folder: string
let bin: string
let guard: MemoryGuard
let server: Server

function installed(program: string): string | undefined {
  try {
    return execFileSync('sh', ['-c', `command -v ${program}`], { encoding: 'utf8' }).trim()
  } catch {
    return undefined
  }
}

async function program(name: string, script: string): Promise<void> {
  await writeFile(join(folder, 'tools', name), `#!/bin/sh\n${script}\n`)
  await chmod(join(folder, 'tools', name), 0o755)
}

/** A folder that is the pod's whole PATH after ours, so that nothing else of this machine helps. */
async function furnish(pod: (typeof PODS)[number]): Promise<void> {
  await mkdir(join(folder, 'tools'))
  const busybox = installed('busybox')
  const link = (name: string, to: string) =>
    execFileSync('ln', ['-s', to, join(folder, 'tools', name)])
  if (pod.shell === 'busybox')
    for (const applet of ['sh', 'wget', ...BASICS]) link(applet, busybox as string)
  else {
    link('sh', installed('dash') as string)
    for (const tool of [...BASICS, ...pod.tools.filter((t) => t !== 'node')])
      link(tool, installed(tool) as string)
    if (pod.tools.includes('node')) link('node', process.execPath)
  }
  await program(
    'git',
    'printf "real git"; for w in "$@"; do printf " [%s]" "$w"; done; echo; [ "$1" != push ] || exit 3',
  )
}

function start(argv: string[], options: { env?: Record<string, string>; stdin?: string } = {}) {
  const { port } = server.address() as AddressInfo
  const shell = join(folder, 'tools', 'sh')
  const child = spawn(shell, ['-c', '"$@"', 'sh', ...argv], {
    cwd: folder,
    env: {
      PATH: `${bin}:${join(folder, 'tools')}`,
      CLAWDECK_GUARD: `http://127.0.0.1:${port}`,
      ...options.env,
    },
  })
  let out = ''
  let err = ''
  child.stdout.on('data', (d) => {
    out += String(d)
  })
  child.stderr.on('data', (d) => {
    err += String(d)
  })
  child.stdin.on('error', () => undefined).end(options.stdin ?? '')
  return new Promise<Run>((resolve) => child.on('close', (code) => resolve({ code, out, err })))
}

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'deck-pod-'))
  bin = join(folder, 'bin')
  await writeWrappers(bin, ['git push', 'git remote add', 'npx'])
  guard = new MemoryGuard(() => 'require_approval')
  server = guardDoor(guard, 'scout')
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
})
afterEach(async () => {
  server.closeAllConnections()
  await new Promise((resolve) => {
    server.close(resolve)
  })
  await rm(folder, { recursive: true, force: true })
})

describe.each(PODS)('the in-pod client with $name', (pod) => {
  const missing = [pod.shell, ...pod.tools].find((tool) => installed(tool) === undefined)
  const test = (name: string, act: () => Promise<void>) =>
    it(name, async (context) => {
      if (missing !== undefined) return context.skip(`${missing} is not on this machine`)
      await furnish(pod)
      return act()
    })

  test('a gated command waits, runs when allowed, and its exit code is its own and reported', async () => {
    const run = start(['git', 'push', 'origin', "a b'c\n$d"])
    await guard.until(() => guard.waits.length > 0)
    expect(guard.asked[0]?.action).toMatchObject({
      type: 'exec',
      argv: ['git', 'push', 'origin', "a b'c\n$d"],
      cwd: folder,
    })
    guard.decide('act_1', 'allow', { note: 'go ahead' })
    const { code, out, err } = await run
    expect(out).toBe("real git [push] [origin] [a b'c\n$d]\n")
    expect(err).toMatch(/waiting for the operator.*act_1/)
    expect(err).toMatch(/allowed: go ahead/)
    expect(code).toBe(3)
    expect(guard.outcomes).toEqual([
      { id: 'act_1', outcome: { result: 'failure', exitCode: 3, note: '' } },
    ])
  })

  test('a denied one does not run, and says why', async () => {
    const run = start(['git', '-C', '/x', 'push'])
    await guard.until(() => guard.waits.length > 0)
    guard.decide('act_1', 'block', { note: 'not on a Friday' })
    const { code, out, err } = await run
    expect(out).toBe('')
    expect(err).toMatch(/denied: not on a Friday/)
    expect(code).toBe(77)
  })

  test('what the operator changed is what runs, to the letter', async () => {
    const run = start(['guard', 'run', '--', 'git', 'push', 'main'])
    await guard.until(() => guard.waits.length > 0)
    const words = ['git', 'fetch', "it's", 'two\nlines', '$(id)', '*', '']
    guard.decide('act_1', 'allow', {
      edited: edited(guard.asked[0]?.action as never, { argv: words }),
    })
    const { code, out } = await run
    expect(out).toBe("real git [fetch] [it's] [two\nlines] [$(id)] [*] []\n")
    expect(code).toBe(0)
  })

  test('what is not gated runs at once, without a question', async () => {
    const { code, out } = await start(['git', 'status', '-s'])
    expect(out).toBe('real git [status] [-s]\n')
    expect(code).toBe(0)
    expect(guard.asked).toEqual([])
  })

  test('a program that is not there is not found, also when allowed', async () => {
    guard.judge = () => 'allow'
    const { code, err } = await start(['npx', 'cowsay'])
    expect(code).toBe(127)
    expect(err).toMatch(/npx: not found/)
    expect(guard.outcomes[0]?.outcome.exitCode).toBe(127)
  })

  test('standard input reaches the command', async () => {
    guard.judge = () => 'warn'
    const { out, err } = await start(['guard', 'run', 'cat'], { stdin: 'through' })
    expect(out).toBe('through')
    expect(err).toMatch(/warning/)
  })

  test('ask, wait, report and whoami', async () => {
    guard.judge = ({ type }) => (type === 'net' ? 'block' : 'require_approval')
    expect(await start(['guard', 'whoami'])).toMatchObject({
      code: 0,
      out: 'agent scout\ntemplate coder\nguard 1\n',
    })
    expect(
      await start([
        'guard',
        'ask',
        'net',
        'POST https://x.test/?a=1&b=ü',
        '--irreversible',
        '--goal',
        'a=b&c',
      ]),
    ).toMatchObject({ code: 77, out: 'deny act_1\nwhy the test says block\n' })
    expect(guard.asked[0]?.action).toMatchObject({
      type: 'net',
      target: 'POST https://x.test/?a=1&b=ü',
      reversible: false,
      goal: 'a=b&c',
    })
    expect(await start(['guard', 'ask', 'file', 'write a', '--no-wait'])).toMatchObject({
      code: 75,
    })
    guard.decide('act_2', 'allow')
    expect(await start(['guard', 'wait', 'act_2'])).toMatchObject({
      code: 0,
      out: 'allow act_2\nwhy operator:console said allow\n',
    })
    expect(await start(['guard', 'report', 'act_2', 'rollback'])).toMatchObject({
      code: 0,
      out: 'ok\n',
    })
    expect(guard.outcomes.at(-1)).toEqual({
      id: 'act_2',
      outcome: { result: 'rollback', exitCode: null, note: '' },
    })
    expect((await start(['guard', 'wait', 'act_99'])).code).toBe(77)
  })

  test('a door that is not there denies, and says so', async () => {
    const { code, err, out } = await start(['git', 'push'], {
      env: { CLAWDECK_GUARD: 'http://127.0.0.1:1', http_proxy: 'http://127.0.0.1:9' },
    })
    expect(out).toBe('')
    expect(code).toBe(77)
    expect(err).toMatch(/cannot be reached/)
  })

  test('a deck that restarts meanwhile is waited for', async () => {
    const { port } = server.address() as AddressInfo
    const run = start(['git', 'push'])
    await guard.until(() => guard.waits.length > 0)
    server.closeAllConnections()
    await new Promise((resolve) => {
      server.close(resolve)
    })
    guard.decide('act_1', 'allow')
    server = guardDoor(guard, 'scout')
    await new Promise<void>((resolve) => {
      server.listen(port, '127.0.0.1', resolve)
    })
    const { code, err } = await run
    expect(err).toMatch(/trying again/)
    expect(code).toBe(3)
  })

  test('a busy deck is asked again, and never means allow', async () => {
    const journalBytes = { burst: 1, perSecond: 0.001 }
    const busy = guardDoor(guard, 'scout', { limits: { ...DOOR_LIMITS, journalBytes } })
    await new Promise<void>((resolve) => {
      busy.listen(0, '127.0.0.1', resolve)
    })
    const at = {
      env: { CLAWDECK_GUARD: `http://127.0.0.1:${(busy.address() as AddressInfo).port}` },
    }
    guard.judge = () => 'allow'
    // The pod's sleep lasts until it is woken. What is there is a link to this machine's own.
    const [asleep, awake] = [join(folder, 'asleep'), join(folder, 'awake')]
    await rm(join(folder, 'tools', 'sleep'))
    await program(
      'sleep',
      `: >${asleep}; until [ -e ${awake} ]; do ${installed('sleep')} 0.02; done`,
    )
    const run = start(['git', 'push'], at)
    await until('it waits for the deck', () => existsSync(asleep))
    expect(guard.outcomes).toEqual([])
    journalBytes.perSecond = 1e9
    await writeFile(awake, '')
    expect(await run).toMatchObject({
      code: 3,
      out: 'real git [push]\n',
      err: 'guard: the deck is busy; trying again\n',
    })
    expect(guard.outcomes).toMatchObject([{ id: 'act_1', outcome: { exitCode: 3 } }])
    journalBytes.burst = 0
    expect(await start(['git', 'push'], at)).toMatchObject({
      code: 77,
      out: '',
      err: expect.stringMatching(/busy[^]*denied/),
    })
    busy.closeAllConnections()
    busy.close()
  })

  const speaksUnix = pod.tools.includes('curl') || pod.tools.includes('node')
  if (speaksUnix)
    test('over a Unix socket', async () => {
      const path = join(folder, 'door.sock')
      const other = guardDoor(guard, 'hermit')
      await new Promise<void>((resolve) => {
        other.listen(path, resolve)
      })
      guard.judge = () => 'allow'
      expect(
        await start(['git', 'push'], { env: { CLAWDECK_GUARD: `unix:${path}` } }),
      ).toMatchObject({ code: 3 })
      expect(guard.asked[0]?.agent).toBe('hermit')
      other.closeAllConnections()
      await new Promise((resolve) => {
        other.close(resolve)
      })
    })
})

describe('leading words', () => {
  beforeEach(async () => {
    await furnish(PODS[0] as (typeof PODS)[number])
    guard.judge = () => 'block'
  })
  it.each([
    ['push', true],
    ['-C /a push', true],
    ['-c a=b push x', true],
    ['--no-pager push', true],
    ['--git-dir=/x push', true],
    ['--strange value push', true],
    ['remote add x y', true],
    ['remote -v add x', true],
    ['remote', false],
    ['remote remove add', false],
    ['-C push status', false],
    ['status push', false],
    ['--no-pager log push', false],
    ['pushy', false],
    ['', false],
  ])('git %s', async (args, asks) => {
    const { code } = await start(['git', ...args.split(' ').filter((w) => w !== '')])
    expect(code === 77).toBe(asks)
    expect(guard.asked.length).toBe(asks ? 1 : 0)
  })
})

it('makes exactly the folder it should, again and again', async () => {
  await writeFile(join(bin, 'stale'), '')
  await writeWrappers(bin, ['npm install'])
  expect(execFileSync('ls', [bin], { encoding: 'utf8' })).toBe('guard\nnpm\n')
  await expect(writeWrappers(bin, ['../x y'])).rejects.toThrow(/name of a program/)
})

import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { rm, writeFile } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { edited } from '../../src/domain/policy/normalise.ts'
import { writeWrappers } from '../../src/domain/templates/wrappers.ts'
import { DOOR_LIMITS } from '../../src/doors/guard/door-limits.ts'
import { guardDoor } from '../../src/doors/guard/guard-door.ts'
import { until } from '../support/until.ts'
import { ClientPod, installed, PODS } from './client-pod.ts'

let client: ClientPod
beforeEach(async () => {
  client = await ClientPod.open()
})
afterEach(() => client[Symbol.asyncDispose]())

describe.each(PODS)('the in-pod client with $name', (pod) => {
  const missing = [pod.shell, ...pod.tools].find((tool) => installed(tool) === undefined)
  const test = (name: string, act: () => Promise<void>) =>
    it(name, async (context) => {
      if (missing !== undefined) return context.skip(`${missing} is not on this machine`)
      await client.furnish(pod)
      return act()
    })

  test('a gated command waits, runs when allowed, and its exit code is its own and reported', async () => {
    const run = client.start(['git', 'push', 'origin', "a b'c\n$d"])
    await client.guard.until(() => client.guard.waits.length > 0)
    expect(client.guard.asked[0]?.action).toMatchObject({
      type: 'exec',
      argv: ['git', 'push', 'origin', "a b'c\n$d"],
      cwd: client.folder,
    })
    client.guard.decide('act_1', 'allow', { note: 'go ahead' })
    const { code, out, err } = await run
    expect(out).toBe("real git [push] [origin] [a b'c\n$d]\n")
    expect(err).toMatch(/waiting for the operator.*act_1/)
    expect(err).toMatch(/allowed: go ahead/)
    expect(code).toBe(3)
    expect(client.guard.outcomes).toEqual([
      { id: 'act_1', outcome: { result: 'failure', exitCode: 3, note: '' } },
    ])
  })

  test('a denied one does not run, and says why', async () => {
    const run = client.start(['git', '-C', '/x', 'push'])
    await client.guard.until(() => client.guard.waits.length > 0)
    client.guard.decide('act_1', 'block', { note: 'not on a Friday' })
    const { code, out, err } = await run
    expect(out).toBe('')
    expect(err).toMatch(/denied: not on a Friday/)
    expect(code).toBe(77)
  })

  test('what the operator changed is what runs, to the letter', async () => {
    const run = client.start(['guard', 'run', '--', 'git', 'push', 'main'])
    await client.guard.until(() => client.guard.waits.length > 0)
    const words = ['git', 'fetch', "it's", 'two\nlines', '$(id)', '*', '']
    client.guard.decide('act_1', 'allow', {
      edited: edited(client.guard.asked[0]?.action as never, { argv: words }),
    })
    const { code, out } = await run
    expect(out).toBe("real git [fetch] [it's] [two\nlines] [$(id)] [*] []\n")
    expect(code).toBe(0)
  })

  test('what is not gated runs at once, without a question', async () => {
    const { code, out } = await client.start(['git', 'status', '-s'])
    expect(out).toBe('real git [status] [-s]\n')
    expect(code).toBe(0)
    expect(client.guard.asked).toEqual([])
  })

  test('a program that is not there is not found, also when allowed', async () => {
    client.guard.judge = () => 'allow'
    const { code, err } = await client.start(['npx', 'cowsay'])
    expect(code).toBe(127)
    expect(err).toMatch(/npx: not found/)
    expect(client.guard.outcomes[0]?.outcome.exitCode).toBe(127)
  })

  test('standard input reaches the command', async () => {
    client.guard.judge = () => 'warn'
    const { out, err } = await client.start(['guard', 'run', 'cat'], { stdin: 'through' })
    expect(out).toBe('through')
    expect(err).toMatch(/warning/)
  })

  test('ask, wait, report and whoami', async () => {
    client.guard.judge = ({ type }) => (type === 'net' ? 'block' : 'require_approval')
    expect(await client.start(['guard', 'whoami'])).toMatchObject({
      code: 0,
      out: 'agent scout\ntemplate coder\nguard 1\n',
    })
    expect(
      await client.start([
        'guard',
        'ask',
        'net',
        'POST https://x.test/?a=1&b=ü',
        '--irreversible',
        '--goal',
        'a=b&c',
      ]),
    ).toMatchObject({ code: 77, out: 'deny act_1\nwhy the test says block\n' })
    expect(client.guard.asked[0]?.action).toMatchObject({
      type: 'net',
      target: 'POST https://x.test/?a=1&b=ü',
      reversible: false,
      goal: 'a=b&c',
    })
    expect(await client.start(['guard', 'ask', 'file', 'write a', '--no-wait'])).toMatchObject({
      code: 75,
    })
    client.guard.decide('act_2', 'allow')
    expect(await client.start(['guard', 'wait', 'act_2'])).toMatchObject({
      code: 0,
      out: 'allow act_2\nwhy operator:console said allow\n',
    })
    expect(await client.start(['guard', 'report', 'act_2', 'rollback'])).toMatchObject({
      code: 0,
      out: 'ok\n',
    })
    expect(client.guard.outcomes.at(-1)).toEqual({
      id: 'act_2',
      outcome: { result: 'rollback', exitCode: null, note: '' },
    })
    expect((await client.start(['guard', 'wait', 'act_99'])).code).toBe(77)
  })

  test('a door that is not there denies, and says so', async () => {
    const { code, err, out } = await client.start(['git', 'push'], {
      env: { CLAWDECK_GUARD: 'http://127.0.0.1:1', http_proxy: 'http://127.0.0.1:9' },
    })
    expect(out).toBe('')
    expect(code).toBe(77)
    expect(err).toMatch(/cannot be reached/)
  })

  test('a deck that restarts meanwhile is waited for', async () => {
    const { port } = client.server.address() as AddressInfo
    const run = client.start(['git', 'push'])
    await client.guard.until(() => client.guard.waits.length > 0)
    client.server.closeAllConnections()
    await new Promise((resolve) => {
      client.server.close(resolve)
    })
    client.guard.decide('act_1', 'allow')
    client.server = guardDoor(client.guard, 'scout').server
    await new Promise<void>((resolve) => {
      client.server.listen(port, '127.0.0.1', resolve)
    })
    const { code, err } = await run
    expect(err).toMatch(/trying again/)
    expect(code).toBe(3)
  })

  test('a busy deck is asked again, and never means allow', async () => {
    const journalBytes = { burst: 1, perSecond: 0.001 }
    const busy = guardDoor(client.guard, 'scout', {
      limits: { ...DOOR_LIMITS, journalBytes },
    }).server
    await new Promise<void>((resolve) => {
      busy.listen(0, '127.0.0.1', resolve)
    })
    const at = {
      env: { CLAWDECK_GUARD: `http://127.0.0.1:${(busy.address() as AddressInfo).port}` },
    }
    client.guard.judge = () => 'allow'
    // The pod's sleep lasts until it is woken. What is there is a link to this machine's own.
    const [asleep, awake] = [join(client.folder, 'asleep'), join(client.folder, 'awake')]
    await rm(join(client.folder, 'tools', 'sleep'))
    await client.program(
      'sleep',
      `: >${asleep}; until [ -e ${awake} ]; do ${installed('sleep')} 0.02; done`,
    )
    const run = client.start(['git', 'push'], at)
    await until('it waits for the deck', () => existsSync(asleep))
    expect(client.guard.outcomes).toEqual([])
    journalBytes.perSecond = 1e9
    await writeFile(awake, '')
    expect(await run).toMatchObject({
      code: 3,
      out: 'real git [push]\n',
      err: 'guard: the deck is busy; trying again\n',
    })
    expect(client.guard.outcomes).toMatchObject([{ id: 'act_1', outcome: { exitCode: 3 } }])
    journalBytes.burst = 0
    expect(await client.start(['git', 'push'], at)).toMatchObject({
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
      const path = join(client.folder, 'door.sock')
      const other = guardDoor(client.guard, 'hermit').server
      await new Promise<void>((resolve) => {
        other.listen(path, resolve)
      })
      client.guard.judge = () => 'allow'
      expect(
        await client.start(['git', 'push'], { env: { CLAWDECK_GUARD: `unix:${path}` } }),
      ).toMatchObject({ code: 3 })
      expect(client.guard.asked[0]?.agent).toBe('hermit')
      other.closeAllConnections()
      await new Promise((resolve) => {
        other.close(resolve)
      })
    })
})

describe('leading words', () => {
  beforeEach(async () => {
    await client.furnish(PODS[0] as (typeof PODS)[number])
    client.guard.judge = () => 'block'
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
    const { code } = await client.start(['git', ...args.split(' ').filter((w) => w !== '')])
    expect(code === 77).toBe(asks)
    expect(client.guard.asked.length).toBe(asks ? 1 : 0)
  })
})

it('makes exactly the folder it should, again and again', async () => {
  await writeFile(join(client.bin, 'stale'), '')
  await writeWrappers(client.bin, ['npm install'])
  expect(execFileSync('ls', [client.bin], { encoding: 'utf8' })).toBe('guard\nnpm\n')
  await expect(writeWrappers(client.bin, ['../x y'])).rejects.toThrow(/name of a program/)
})

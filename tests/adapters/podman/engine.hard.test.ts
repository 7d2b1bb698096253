import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { podmanBackend } from '../../../src/adapters/podman/backend.ts'
import { errno } from '../../../src/base/fault.ts'
import { describeEngines, sh, up } from '../../support/podman.ts'
import { until } from '../../support/until.ts'

const watches: AbortController[] = []
afterEach(() => {
  for (const watch of watches.splice(0)) watch.abort()
})

function aborted(): AbortSignal {
  const stop = new AbortController()
  watches.push(stop)
  return stop.signal
}

/**
 * Signals our own Podman service: one process, or two where rootless Podman ran itself again in its
 * namespace.
 */
function signalService(run: string, signal: NodeJS.Signals): void {
  const found = execFileSync('pgrep', ['-f', `service --time=0 unix://${run}/podman.sock`], {
    encoding: 'utf8',
  })
  for (const pid of found.trim().split('\n').map(Number)) endProcessWith(pid, signal)
}

/** One of the two may have ended with the other. */
function endProcessWith(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal)
  } catch (thrown) {
    if (errno(thrown) !== 'ESRCH') throw thrown
  }
}

describeEngines('an engine that dies', (deck) => {
  it('is restarted by the next call, without any effect on pods', async () => {
    const before = await up(deck(), 'crash-a')
    signalService(deck().run, 'SIGKILL')
    const after = await deck().backend.lifecycle.inspect('crash-a')
    expect(after).toMatchObject({ id: before.id, pid: before.pid, state: 'running' })
    expect(deck().said.join()).toMatch(/restarting it/)
  })

  it('reports what happened while it was down', async () => {
    const { pid } = await up(deck(), 'crash-b')
    const seen: string[] = []
    deck().backend.lifecycle.watch((agent) => {
      seen.push(agent)
    }, aborted())
    await up(deck(), 'crash-probe')
    await until('the watch works', () => seen.includes('crash-probe'))
    signalService(deck().run, 'SIGKILL')
    process.kill(pid ?? 0, 'SIGKILL')
    await until('told', () => seen.includes('crash-b'))
    await until(
      'exited',
      async () => (await deck().backend.lifecycle.inspect('crash-b'))?.state === 'exited',
    )
  })

  it('during many creations loses no pod and leaves nothing behind', async () => {
    const agents = Array.from({ length: 8 }, (_, i) => `amid-${i}`)
    const rush = Promise.allSettled(agents.map((agent) => up(deck(), agent)))
    await until('one is up', async () =>
      (await deck().backend.lifecycle.list()).some(
        (pod) => pod.state === 'running' && pod.agent.startsWith('amid'),
      ),
    )
    signalService(deck().run, 'SIGKILL')
    await rush
    await deck().backend.sweep()
    for (const agent of agents) {
      if ((await deck().backend.lifecycle.inspect(agent))?.state === 'running') continue
      await deck().backend.lifecycle.remove(agent)
      await up(deck(), agent)
    }
    await deck().backend.sweep()
    const pods = (await deck().backend.lifecycle.list()).filter((pod) =>
      pod.agent.startsWith('amid'),
    )
    expect(pods.map((pod) => pod.state)).toEqual(agents.map(() => 'running'))
    const monitored = execFileSync('pgrep', ['-fa', 'conmon .*-n clawdeck-[0-9a-f]{8}-amid'], {
      encoding: 'utf8',
    })
      .trim()
      .split('\n')
    expect(new Set(monitored.map((line) => / -c ([0-9a-f]{64})/.exec(line)?.[1]))).toEqual(
      new Set(pods.map((pod) => pod.id)),
    )
  })

  it('is replaced when it hangs', async () => {
    await up(deck(), 'crash-c')
    signalService(deck().run, 'SIGSTOP')
    const fresh = deck().again()
    expect(await fresh.lifecycle.inspect('crash-c')).toMatchObject({ state: 'running' })
    await fresh[Symbol.asyncDispose]()
    expect(await deck().backend.lifecycle.inspect('crash-c')).toMatchObject({ state: 'running' })
  })

  it('leaves no process of terminals whose connection was lost', async () => {
    await up(deck(), 'crash-d')
    const terminal = await deck().backend.terminals.open('crash-d', ['sh'], {
      columns: 80,
      rows: 24,
    })
    let text = ''
    terminal.onData((data) => {
      text += Buffer.from(data).toString()
    })
    terminal.write(Buffer.from('sleep 43215 &\recho re""ady\r'))
    await until('ready', () => text.includes('ready'))
    signalService(deck().run, 'SIGKILL')
    await new Promise<number>((ended) => {
      terminal.onExit(ended)
    })
    expect((await sh(deck().backend, 'crash-d', 'ps')).text).not.toContain('sleep 43215')
  })
})

describeEngines('what a crash leaves', (deck) => {
  it('lets a later supervisor reap a terminal by its handle', async () => {
    await up(deck(), 'left-a')
    const terminal = await deck().backend.terminals.open(
      'left-a',
      ['sh', '-c', 'setsid sleep 43216 & sleep 43216'],
      { columns: 80, rows: 24 },
    )
    await until(
      'running',
      async () => (await sh(deck().backend, 'left-a', 'ps')).text.split('sleep 43216').length > 2,
    )
    const later = deck().again()
    await later.terminals.reap('left-a', terminal.handle)
    expect((await sh(later, 'left-a', 'ps')).text).not.toContain('sleep 43216')
    await deck().backend.lifecycle.remove('left-a')
  })

  it('has its storage without a container removed by a sweep', async () => {
    const id = (await deck().backend.lifecycle.create(deck().spec('left-b'))).id
    await deck().backend.sweep()
    expect((await deck().backend.lifecycle.inspect('left-b'))?.id).toBe(id)
    await deck().backend.lifecycle.remove('left-b')
    await deck().backend.lifecycle.create(deck().spec('left-b'))
    expect(await deck().backend.lifecycle.inspect('left-b')).toMatchObject({ state: 'created' })
  })

  it('is not visible to another deck, and not affected by its sweep', async () => {
    await up(deck(), 'left-c')
    const stranger = podmanBackend({
      home: '/another/home',
      run: deck().run,
      imageFiles: join(deck().folder, 'image'),
      env: deck().env,
      log: () => undefined,
    })
    expect(await stranger.lifecycle.list()).toEqual([])
    expect(await stranger.lifecycle.inspect('left-c')).toBeUndefined()
    await stranger.sweep()
    expect(await deck().backend.lifecycle.inspect('left-c')).toMatchObject({ state: 'running' })
  })

  it('refuses a second pod for an agent', async () => {
    await deck().backend.lifecycle.create(deck().spec('left-d'))
    await expect(deck().backend.lifecycle.create(deck().spec('left-d'))).rejects.toMatchObject({
      code: 'backend.failed',
      message: /already has a pod/,
    })
  })
})

describeEngines('many at once', (deck) => {
  it('creates and starts many pods concurrently', async () => {
    const agents = Array.from({ length: 12 }, (_, i) => `many-${i}`)
    const all = await Promise.all(agents.map((agent) => up(deck(), agent)))
    expect(all.map((facts) => facts.state)).toEqual(agents.map(() => 'running'))
    const usage = await deck().backend.stats.read(agents)
    expect([...usage.keys()].toSorted()).toEqual(agents.toSorted())
  })

  it('says what to do when the image is missing', async () => {
    const spec = deck().spec('no-image', { image: 'localhost/none:none', imageDigest: '' })
    await expect(deck().backend.lifecycle.create(spec)).rejects.toMatchObject({
      code: 'image.missing',
      hint: /image build/,
    })
    expect(await deck().backend.images.digest('localhost/none:none')).toBeUndefined()
  })
})

describe('no engine', () => {
  const absent = (env: NodeJS.ProcessEnv): ReturnType<typeof podmanBackend> =>
    podmanBackend({
      home: '/h',
      run: join('/tmp', `cd-none-${process.pid}`),
      imageFiles: '/none',
      env,
      log: () => undefined,
    })

  it('is reported with a fix instead of an error', async () => {
    const report = await absent({ PATH: '/nonexistent' }).probe()
    expect(report).toMatchObject({ ready: false, kind: 'podman' })
    expect(report.problems[0]).toMatchObject({
      what: 'Podman is not installed',
      fix: expect.stringMatching(/apt install/) as string,
    })
  })

  it('is reported with the value of CONTAINER_HOST', async () => {
    for (const [host, what] of [
      ['unix:///nonexistent.sock', /Podman does not answer at \/nonexistent.sock/],
      ['ssh://me@there/run/p.sock', /not a Unix socket/],
    ] as const) {
      expect((await absent({ CONTAINER_HOST: host }).probe()).problems[0]?.what).toMatch(what)
    }
    await expect(
      absent({ CONTAINER_HOST: 'unix:///nonexistent.sock' }).lifecycle.list(),
    ).rejects.toMatchObject({ code: 'backend.unavailable' })
    expect(existsSync('/nonexistent.sock')).toBe(false)
  })
})

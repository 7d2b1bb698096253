import { spawn } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { identify, isAlive } from '../../../src/adapters/local/identity.ts'
import { Records } from '../../../src/adapters/local/record.ts'
import { live, localFixture, SANDBOXED, sh } from '../../support/local-pods.ts'
import { podSpec } from '../../support/pod-spec.ts'
import { until } from '../../support/until.ts'

const fixture = localFixture()

describe.each([
  ['plain', true],
  ['sandboxed', false],
] as const)('a %s pod', (_name, plain) => {
  it.runIf(plain || SANDBOXED)(
    "leaves nothing behind when its supervisor was killed before it recorded the pod's processes",
    async () => {
      const first = fixture.backend(plain)
      await fixture.up(first, 'a1')
      const { pid = 0 } = (await first.lifecycle.inspect('a1')) ?? {}
      const records = new Records(fixture.root)
      records.write('a1', {
        ...records.get('a1'),
        monitor: undefined,
        outer: undefined,
        first: undefined,
      })
      expect(isAlive(identify(pid))).toBe(true)
      await fixture.backend(plain).sweep()
      await until('its processes are gone', () => !isAlive(identify(pid)))
      expect(await first.lifecycle.start('a1')).toMatchObject({ state: 'running' })
    },
  )

  it.runIf(plain || SANDBOXED)(
    'has an exit code when it ended before its monitor was recorded',
    async () => {
      const pods = fixture.backend(plain)
      await pods.lifecycle.create(podSpec(fixture.root, 'a1', { argv: ['sh', '-c', 'exit 3'] }))
      await pods.lifecycle.start('a1')
      await until(
        'it has ended',
        async () => (await pods.lifecycle.inspect('a1'))?.state === 'exited',
      )
      const records = new Records(fixture.root)
      records.write('a1', {
        ...records.get('a1'),
        monitor: undefined,
        outer: undefined,
        first: undefined,
      })
      expect(await pods.lifecycle.inspect('a1')).toMatchObject({ state: 'exited', exitCode: 3 })
    },
  )

  it.runIf(plain || SANDBOXED)(
    'outlives its supervisor and is found, used and watched by the next one',
    async () => {
      // The first supervisor is a process of its own, which is killed.
      const script = `
      const { localBackend } = await import(process.argv[1])
      const pods = localBackend({ root: process.argv[2], run: process.argv[2] + '/run', env: process.env, plain: process.argv[3] === 'true' })
      const spec = JSON.parse(process.argv[4])
      await pods.lifecycle.create(spec)
      console.log(JSON.stringify(await pods.lifecycle.start(spec.agent)))
      setInterval(() => {}, 1000)`
      const spec = podSpec(fixture.root, 'a1', {
        argv: [
          'sh',
          '-c',
          'trap "exit 9" TERM; echo before; while :; do sleep 4000 & wait $!; done',
        ],
      })
      const module = new URL('../../../src/adapters/local/backend.ts', import.meta.url).href
      const first = spawn(
        process.execPath,
        [
          '--input-type=module',
          '-e',
          script,
          module,
          fixture.root,
          String(plain),
          JSON.stringify(spec),
        ],
        { stdio: ['ignore', 'pipe', 'inherit'] },
      )
      let said = ''
      first.stdout.on('data', (part: Buffer) => {
        said += part.toString()
      })
      const before = await until('its report that it started', () =>
        said.includes('\n') ? (JSON.parse(said) as { pid: number; id: string }) : undefined,
      )
      first.kill('SIGKILL')
      await until('it is gone', () => first.exitCode !== null || first.signalCode !== null)

      const next = fixture.backend(plain)
      const changed: string[] = []
      next.lifecycle.watch((agent) => {
        changed.push(agent)
      }, live())
      expect(await next.lifecycle.list()).toMatchObject([
        { agent: 'a1', state: 'running', pid: before.pid, id: before.id },
      ])
      expect(await sh(next, 'a1', 'echo in')).toMatchObject({ stdout: 'in\n', exitCode: 0 })
      expect(changed).toEqual([])
      await until(
        'it takes a signal',
        () =>
          readFileSync(join(fixture.podFolder('a1'), 'logs', 'stdout.log'), 'utf8') === 'before\n',
      )
      await next.lifecycle.stop('a1', 5000)
      expect(await next.lifecycle.inspect('a1')).toMatchObject({ state: 'exited', exitCode: 9 })
      await until('pushed', () => changed.includes('a1'))
    },
  )

  it.runIf(plain || SANDBOXED)(
    'is not confused with another process that has its pid',
    async () => {
      const pods = fixture.backend(plain)
      await fixture.up(pods, 'a1')
      await pods.lifecycle.stop('a1', 0)
      const path = join(fixture.podFolder('a1'), 'pod.json')
      const record = JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>
      const stranger = { pid: process.pid, began: 'another:1' }
      writeFileSync(path, JSON.stringify({ ...record, monitor: stranger, first: stranger }))
      expect(await pods.lifecycle.inspect('a1')).toMatchObject({ state: 'exited' })
      await pods.lifecycle.stop('a1', 0)
      await pods.sweep()
      expect(await pods.lifecycle.start('a1')).toMatchObject({ state: 'running' })
    },
  )

  it.runIf(plain || SANDBOXED)(
    'is killed by a sweep when its supervisor died while it started',
    async () => {
      const pods = fixture.backend(plain)
      await fixture.up(pods, 'a1')
      const path = join(fixture.podFolder('a1'), 'pod.json')
      const {
        outer: _outer,
        first,
        ...early
      } = JSON.parse(readFileSync(path, 'utf8')) as { outer: unknown; first: { pid: number } }
      writeFileSync(path, JSON.stringify(early))
      await fixture.backend(plain).sweep()
      await until('its first process is gone', () => !alive(first.pid))
      expect(await pods.lifecycle.inspect('a1')).toMatchObject({ state: 'exited' })
    },
  )

  it.runIf(plain || SANDBOXED)('is killed by a sweep when its monitor was killed', async () => {
    const pods = fixture.backend(plain)
    await fixture.up(pods, 'a1')
    const { monitor, first } = JSON.parse(
      readFileSync(join(fixture.podFolder('a1'), 'pod.json'), 'utf8'),
    ) as { monitor: { pid: number }; first: { pid: number } }
    process.kill(monitor.pid, 'SIGKILL')
    await until('the monitor is gone', () => !alive(monitor.pid))
    await pods.sweep()
    await until('its first process is gone', () => !alive(first.pid))
  })

  it.runIf(plain || SANDBOXED)('is found when an earlier version recorded it', async () => {
    const pods = fixture.backend(plain)
    await fixture.up(pods, 'a1')
    const path = join(fixture.podFolder('a1'), 'pod.json')
    const { monitor, ...record } = JSON.parse(readFileSync(path, 'utf8')) as { monitor: unknown }
    writeFileSync(path, JSON.stringify({ ...record, keeper: monitor }))
    await pods.lifecycle.stop('a1', 5000)
    expect(await pods.lifecycle.inspect('a1')).toMatchObject({ state: 'exited' })
  })
})

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))
  } catch {
    return false
  }
}

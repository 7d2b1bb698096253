import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Backend, PodLogLine, PodSpec } from '../../src/ports/pods.ts'
import { until } from '../support/until.ts'
import {
  collect,
  live,
  watching,
  type PodAbilities,
  type PodFixture,
  type Up,
} from './pod-fixture.ts'
import { freezerContract } from './pod-freezer.ts'
import { doorContract, execContract, terminalContract } from './pod-interaction.ts'
import { hostileOutputContract } from './pod-output.ts'

/**
 * The contract of `Backend`, for every adapter. A simulated shell needs `echo`, `sleep`, `exit`,
 * `env` and `stty size`.
 */
export function describePods(
  name: string,
  open: () => Promise<PodFixture>,
  abilities: PodAbilities,
): void {
  describe(`pods: ${name}`, () => {
    let fixture: PodFixture
    const started: string[] = []
    beforeAll(async () => {
      fixture = await open()
    })
    afterAll(async () => {
      for (const agent of started)
        await fixture.backend.lifecycle.remove(agent).catch(() => undefined)
      await fixture.dispose()
    })

    async function up(agent: string, change: Partial<PodSpec> = {}): Promise<Backend> {
      started.push(agent)
      await fixture.backend.lifecycle.create({ ...fixture.spec(agent), ...change })
      await fixture.backend.lifecycle.start(agent)
      return fixture.backend
    }

    registryContract(() => fixture)
    endingContract(() => fixture, up)
    logContract(up)
    if (abilities.processes) hostileOutputContract(() => fixture, up, abilities)
    execContract(up, abilities)
    terminalContract(up, abilities)
    doorContract(() => fixture, up)
    freezerContract(() => fixture, up)
    it('reads usage of running pods only', async () => {
      const { stats } = await up('stats-a')
      const usage = await stats.read(['stats-a', 'stats-none'])
      expect([...usage.keys()]).toEqual(['stats-a'])
      expect(usage.get('stats-a')?.pids).toBeGreaterThan(0)
      expect(usage.get('stats-a')?.memoryBytes).toBeGreaterThan(0)
      expect(usage.get('stats-a')?.cpuPercent).toBeGreaterThanOrEqual(0)
    })
  })
}

/** What every backend knows of its agents, also one without pods. */
export function registryContract(fixture: () => Pick<PodFixture, 'backend' | 'spec'>): void {
  it('reports itself', async () => {
    const report = await fixture().backend.probe()
    expect(report).toMatchObject({ kind: fixture().backend.kind, ready: true })
    expect(report.title).not.toBe('')
  })

  it('creates, starts, stops and removes', async () => {
    const { lifecycle } = fixture().backend
    const created = await lifecycle.create({
      ...fixture().spec('life-a'),
      labels: { deck: 'x', round: '1' },
    })
    expect(created).toMatchObject({ agent: 'life-a', state: 'created' })
    const running = await lifecycle.start('life-a')
    expect(running).toMatchObject({ agent: 'life-a', state: 'running' })
    expect(running.startedAt).toBeGreaterThan(0)
    expect((await lifecycle.list()).filter((pod) => pod.agent === 'life-a')).toMatchObject([
      { state: 'running', labels: { round: '1' } },
    ])
    await lifecycle.stop('life-a', 200)
    expect(await lifecycle.inspect('life-a')).toMatchObject({ state: 'exited' })
    await lifecycle.stop('life-a', 200)
    expect(await lifecycle.start('life-a')).toMatchObject({ state: 'running' })
    await lifecycle.remove('life-a')
    expect(await lifecycle.inspect('life-a')).toBeUndefined()
    expect((await lifecycle.list()).some((pod) => pod.agent === 'life-a')).toBe(false)
  })

  it('reports that an unknown agent is not found', async () => {
    const { lifecycle, exec, terminals } = fixture().backend
    expect(await lifecycle.inspect('nobody')).toBeUndefined()
    await expect(lifecycle.start('nobody')).rejects.toMatchObject({ code: 'not.found' })
    await expect(lifecycle.stop('nobody', 10)).rejects.toMatchObject({ code: 'not.found' })
    await expect(collect(exec.run('nobody', ['true'], { signal: live() }))).rejects.toMatchObject({
      code: 'not.found',
    })
    await expect(terminals.open('nobody', ['sh'], { columns: 80, rows: 24 })).rejects.toMatchObject(
      { code: 'not.found' },
    )
  })

  it('refuses hostile names', async () => {
    for (const agent of ['../x', 'a/b', 'a\nb', '', '-rf', 'a\u001b[2J', '.', 'a'.repeat(200)]) {
      await expect(
        fixture().backend.lifecycle.create({ ...fixture().spec('plain'), agent }),
        JSON.stringify(agent),
      ).rejects.toMatchObject({ name: 'Fault' })
    }
  })
}

function endingContract(fixture: () => PodFixture, up: Up): void {
  it('reports the exit of a pod that ends by itself, with its exit code', async () => {
    const seen = watching(fixture().backend)
    const { lifecycle } = await up('life-exit', { argv: ['sh', '-c', 'echo bye; exit 3'] })
    const facts = await until('exited', async () => {
      const now = await lifecycle.inspect('life-exit')
      return now?.state === 'exited' ? now : undefined
    })
    expect(facts.exitCode).toBe(3)
    await until('pushed', () => seen.names.includes('life-exit'))
    seen.stop()
  })

  it('reports a pod that was killed from outside', async () => {
    const { lifecycle } = await up('life-kill')
    const seen = watching(fixture().backend)
    await fixture().crash('life-kill')
    await until('pushed', () => seen.names.includes('life-kill'))
    await until(
      'seen as exited',
      async () => (await lifecycle.inspect('life-kill'))?.state === 'exited',
    )
    seen.stop()
  })
}

function logContract(up: Up): void {
  it('tails and follows logs until aborted', async () => {
    const { logs } = await up('logs-a', {
      argv: ['sh', '-c', 'echo one; sleep 0.3; echo two; sleep 4300'],
    })
    const stop = new AbortController()
    const lines: PodLogLine[] = []
    for await (const line of logs.read('logs-a', { tail: 10, follow: true, signal: stop.signal })) {
      lines.push(line)
      if (line.text === 'two') stop.abort()
    }
    expect(lines).toMatchObject([
      { stream: 'stdout', text: 'one' },
      { stream: 'stdout', text: 'two' },
    ])
    expect(lines[0]?.at).toBeGreaterThan(1_600_000_000_000)
    const tail: PodLogLine[] = []
    for await (const line of logs.read('logs-a', { tail: 1, follow: false, signal: live() }))
      tail.push(line)
    expect(tail.map((line) => line.text)).toEqual(['two'])
  })

  it('cuts long lines', async () => {
    const { logs } = await up('logs-long', {
      argv: ['sh', '-c', `echo ${'x'.repeat(20_000)}; echo end; sleep 4300`],
    })
    const stop = new AbortController()
    const texts: string[] = []
    const follower = { tail: 9, follow: true, signal: stop.signal }
    for await (const { text } of logs.read('logs-long', follower)) {
      texts.push(text)
      if (text === 'end') stop.abort()
    }
    expect(texts).toEqual([`${'x'.repeat(16 * 1024)}…`, 'end'])
  })
}

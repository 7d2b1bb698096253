import { expect, it } from 'vitest'
import type { Backend, PodFreezer, PodTerminal } from '../../src/ports/pods.ts'
import { until } from '../support/until.ts'
import { collect, live, watched, watching, type PodFixture, type Up } from './pod-fixture.ts'

/** The contract of `PodFreezer`, for every backend that has pods. */
export function freezerContract(fixture: () => PodFixture, up: Up): void {
  const freezer = (): PodFreezer => {
    const { freezer: own } = fixture().backend
    if (own === undefined) throw new Error('this backend has no freezer')
    return own
  }
  const isPaused = async (backend: Backend, agent: string) =>
    (await backend.lifecycle.inspect(agent))?.paused
  const lastLine = async ({ logs }: Backend, agent: string): Promise<string | undefined> => {
    let last: string | undefined
    for await (const { text } of logs.read(agent, { tail: 1, follow: false, signal: live() }))
      last = text
    return last
  }

  it('holds a pod in the middle of its work, and lets it go on', async () => {
    const backend = await up('hold-a', {
      argv: ['sh', '-c', 'echo one; sleep 0.4; echo two; sleep 4300'],
    })
    await until('one', async () => (await lastLine(backend, 'hold-a')) === 'one')
    const seen = watching(backend)
    expect(await freezer().pause(['hold-a'])).toEqual(new Map())
    expect(await isPaused(backend, 'hold-a')).toBe(true)
    await until('pushed', () => seen.names.includes('hold-a'))
    seen.stop()
    const listed = (await backend.lifecycle.list()).find(({ agent }) => agent === 'hold-a')
    expect(listed).toMatchObject({ state: 'running', paused: true })
    // Longer than it would have taken to go on.
    const other = await up('hold-b', { argv: ['sh', '-c', 'sleep 0.8; echo done; sleep 4300'] })
    await until('done', async () => (await lastLine(other, 'hold-b')) === 'done')
    expect(await lastLine(backend, 'hold-a')).toBe('one')
    expect(await freezer().resume(['hold-a'])).toEqual(new Map())
    expect(await isPaused(backend, 'hold-a')).toBe(false)
    await until('two', async () => (await lastLine(backend, 'hold-a')) === 'two')
  })

  it('holds the command in a terminal, and what is typed meanwhile is read later', async () => {
    const backend = await up('hold-tty')
    const terminal: PodTerminal = await backend.terminals.open('hold-tty', ['sh'], {
      columns: 80,
      rows: 24,
    })
    const shown = watched(terminal)
    terminal.write(Buffer.from('echo be""fore\n'))
    await until('before', () => shown.text().includes('before'))
    await freezer().pause(['hold-tty'])
    terminal.write(Buffer.from('echo mean""while\n'))
    const other = await up('hold-tick', { argv: ['sh', '-c', 'sleep 0.3; echo done; sleep 4300'] })
    await until('done', async () => (await lastLine(other, 'hold-tick')) === 'done')
    expect(shown.text()).not.toContain('meanwhile')
    await freezer().resume(['hold-tty'])
    await until('meanwhile', () => shown.text().includes('meanwhile'))
    terminal.write(Buffer.from('exit 4\n'))
    expect(await shown.exit).toBe(4)
  })

  it('runs nothing in a paused pod', async () => {
    const backend = await up('hold-exec')
    await freezer().pause(['hold-exec'])
    const run = backend.exec.run('hold-exec', ['true'], { signal: live() })
    await expect(collect(run)).rejects.toMatchObject({ code: 'not.possible' })
    await expect(
      backend.terminals.open('hold-exec', ['sh'], { columns: 80, rows: 24 }),
    ).rejects.toMatchObject({ code: 'not.possible' })
    await freezer().resume(['hold-exec'])
    const after = await collect(backend.exec.run('hold-exec', ['echo', 'hi'], { signal: live() }))
    expect(after).toMatchObject({ stdout: 'hi\n', exitCode: 0 })
  })

  it('pauses and resumes several at once, twice like once, and names those that cannot', async () => {
    await up('hold-many-a')
    const backend = await up('hold-many-b')
    await up('hold-ended', { argv: ['sh', '-c', 'exit 0'] })
    await until(
      'ended',
      async () => (await backend.lifecycle.inspect('hold-ended'))?.state === 'exited',
    )
    const all = ['hold-many-a', 'hold-many-b', 'hold-ended', 'hold-nobody']
    for (const what of ['pause', 'pause', 'resume', 'resume'] as const) {
      const failed = await freezer()[what](all)
      expect([...failed].map(([agent, { code }]) => [agent, code]).toSorted()).toEqual([
        ['hold-ended', 'not.possible'],
        ['hold-nobody', 'not.found'],
      ])
      for (const agent of ['hold-many-a', 'hold-many-b'])
        expect(await isPaused(backend, agent), what).toBe(what === 'pause')
    }
  })

  it('kills a paused pod that is stopped, and removes one', async () => {
    const script = "trap 'echo handled; exit 0' TERM; echo up; while :; do sleep 0.1; done"
    const backend = await up('hold-stop', { argv: ['sh', '-c', script] })
    await freezer().pause(['hold-stop'])
    await backend.lifecycle.stop('hold-stop', 3000)
    expect(await backend.lifecycle.inspect('hold-stop')).toMatchObject({
      state: 'exited',
      paused: false,
    })
    expect(await lastLine(backend, 'hold-stop')).not.toBe('handled')
    await up('hold-remove')
    await freezer().pause(['hold-remove'])
    await backend.lifecycle.remove('hold-remove')
    expect(await backend.lifecycle.inspect('hold-remove')).toBeUndefined()
  })

  it('reports a paused pod that was killed from outside, at the latest once it goes on', async () => {
    const { lifecycle } = await up('hold-dies')
    await freezer().pause(['hold-dies'])
    const seen = watching(fixture().backend)
    await fixture().crash('hold-dies')
    // What a freezer of cgroup v1 holds ends when it is released.
    await freezer().resume(['hold-dies'])
    await until('exited', async () => (await lifecycle.inspect('hold-dies'))?.state === 'exited')
    await until('pushed', () => seen.names.includes('hold-dies'))
    seen.stop()
  })

  it('starts a pod that was paused when it ended, and it runs', async () => {
    const backend = await up('hold-again')
    await freezer().pause(['hold-again'])
    await backend.lifecycle.stop('hold-again', 100)
    await backend.lifecycle.start('hold-again')
    expect(await isPaused(backend, 'hold-again')).toBe(false)
  })
}

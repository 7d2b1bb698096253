import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { outsideBackend } from '../../src/adapters/outside/backend.ts'
import { podSpec } from '../support/pod-spec.ts'
import { watching } from './pod-fixture.ts'
import { registryContract } from './pods.ts'

const root = mkdtempSync(join(tmpdir(), 'deck-'))
const open = () => outsideBackend({ root, door: '/run/deck.sock' })
const backend = open()

afterAll(() => rmSync(root, { recursive: true, force: true }))

describe('agents outside of pods', () => {
  registryContract(() => ({ backend, spec: (agent) => podSpec(root, agent) }))

  it('remembers who is answered, for the next supervisor', async () => {
    await backend.lifecycle.create({ ...podSpec(root, 'far'), labels: { 'clawdeck.spec': 'abc' } })
    await backend.lifecycle.start('far')
    expect(await open().lifecycle.inspect('far')).toMatchObject({
      state: 'running',
      labels: { 'clawdeck.spec': 'abc' },
    })
  })

  it('takes a record that is broken for none', async () => {
    await backend.lifecycle.create(podSpec(root, 'torn'))
    for (const text of ['', '{', '{"id":1}', '[]', 'null']) {
      writeFileSync(join(root, 'outside', 'torn.json'), text)
      expect(await backend.lifecycle.inspect('torn'), text).toBeUndefined()
    }
    expect((await backend.lifecycle.list()).some(({ agent }) => agent === 'torn')).toBe(false)
  })

  it('says what changed', async () => {
    const seen = watching(backend)
    await backend.lifecycle.create(podSpec(root, 'seen'))
    await backend.lifecycle.start('seen')
    await backend.lifecycle.stop('seen', 0)
    await backend.lifecycle.remove('seen')
    seen.stop()
    await backend.lifecycle.create(podSpec(root, 'seen'))
    expect(seen.names).toEqual(['seen', 'seen', 'seen', 'seen'])
  })

  it('has no shell, no output and no usage to show', async () => {
    await backend.lifecycle.create(podSpec(root, 'mute'))
    await backend.lifecycle.start('mute')
    const { signal } = new AbortController()
    const size = { columns: 80, rows: 24 }
    await expect(backend.terminals.open('mute', ['sh'], size)).rejects.toMatchObject({
      code: 'not.possible',
      hint: expect.stringContaining('clawdeck stop'),
    })
    const run = backend.exec.run('mute', ['true'], { signal })[Symbol.asyncIterator]()
    await expect(run.next()).rejects.toMatchObject({ code: 'not.possible' })
    expect((await backend.stats.read(['mute'])).size).toBe(0)
  })

  it('says how a door is opened where there is no socket', async () => {
    const report = await outsideBackend({ root, door: null }).probe()
    expect(report.ready).toBe(true)
    expect(report.problems[0]?.fix).toContain('access.socket')
  })
})

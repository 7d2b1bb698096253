import { readFileSync, writeFileSync } from 'node:fs'
import { afterEach, describe, expect, it } from 'vitest'
import { OPERATOR, TestDeck } from '../support/deck.ts'

const cleanups: (() => unknown)[] = []
afterEach(async () => {
  for (const act of cleanups.splice(0).toReversed()) await act()
})
const open = () => new TestDeck((act) => cleanups.push(act)).start()

describe('the life of an agent', () => {
  it('is made stopped, comes up, goes down, is put away and brought back', async () => {
    const { deck } = await open()
    expect(await deck.agents.create({ template: 'coder', agent: 'a1' }, OPERATOR)).toMatchObject({
      phase: 'created',
      wish: 'down',
      template: 'coder',
    })
    expect(await deck.agents.start('a1', false, OPERATOR)).toMatchObject({
      phase: 'up',
      door: expect.stringContaining('3000') as string,
    })
    expect(await deck.agents.restart('a1', OPERATOR)).toMatchObject({ phase: 'up' })
    await expect(deck.agents.remove('a1', false, OPERATOR)).rejects.toMatchObject({
      code: 'not.possible',
    })
    await deck.agents.remove('a1', true, OPERATOR)
    expect(await deck.agents.list()).toEqual([])
    expect(await deck.agents.restore('a1', OPERATOR)).toMatchObject({
      phase: 'created',
      template: 'coder',
    })
    expect(await deck.agents.start('a1', false, OPERATOR)).toMatchObject({ phase: 'up' })
  })

  it('says what is wrong with a name, a template or an act, and what to do', async () => {
    const { deck } = await open()
    await deck.agents.create({ template: 'coder', agent: 'a1' }, OPERATOR)
    await expect(
      deck.agents.create({ template: 'coder', agent: 'a1' }, OPERATOR),
    ).rejects.toMatchObject({ code: 'name.taken' })
    await expect(
      deck.agents.create({ template: 'codr', agent: 'a2' }, OPERATOR),
    ).rejects.toMatchObject({
      code: 'template.unknown',
      hint: expect.stringContaining('coder') as string,
    })
    await expect(deck.agents.start('nobody', false, OPERATOR)).rejects.toMatchObject({
      code: 'agent.unknown',
    })
    await expect(deck.agents.stop('a1', OPERATOR)).rejects.toMatchObject({ code: 'not.possible' })
    await expect(
      deck.agents.create({ template: 'coder', agent: 'a2', backend: 'podman' }, OPERATOR),
    ).rejects.toMatchObject({ code: 'backend.unavailable' })
  })
})

describe('reality', () => {
  it('shows a pod killed outside of the deck, denies what it asked, and closes its door', async () => {
    const deck = await open()
    const a1 = await deck.agent('a1')
    const heard = await a1.exec('git push origin main')
    deck.memory.pods.crash('a1', 137)
    await deck.event((e) => e.type === 'agent.exited' && e.subject === 'a1')
    expect(await deck.deck.agents.get('a1')).toMatchObject({
      phase: 'exited',
      exitCode: 137,
      door: '',
    })
    expect(await deck.deck.approvals.get(heard.id)).toMatchObject({ state: 'expired' })
    await expect(a1.exec('ls')).rejects.toThrow()
  })

  it('shows a pod that was started, or replaced, outside of the deck', async () => {
    const deck = await open()
    await deck.agent('a1')
    await deck.deck.agents.stop('a1', OPERATOR)
    await deck.memory.backend.lifecycle.start('a1')
    await deck.event(
      (e) => e.type === 'agent.started' && (e.body as { behindOurBack: boolean }).behindOurBack,
    )
    const { lifecycle } = deck.memory.backend
    const spec = (await deck.deck.policy.show('a1')).spec
    await lifecycle.remove('a1')
    await lifecycle.create({ ...spec, env: { EVIL: '1' } })
    await lifecycle.start('a1')
    await deck.event((e) => e.type === 'agent.drifted')
    expect(await deck.deck.agents.get('a1')).toMatchObject({
      phase: 'drifted',
      door: '',
      drift: [{ what: 'spec' }],
    })
  })

  it('finds its running agents again after the supervisor was away, and what waited still waits', async () => {
    const deck = await open()
    const a1 = await deck.agent('a1')
    const heard = await a1.exec('git push origin main')
    await deck.stop()
    await expect(a1.exec('ls')).rejects.toThrow()
    await deck.start()
    expect(await deck.deck.agents.get('a1')).toMatchObject({ phase: 'up' })
    const waiting = a1.wait(heard.id)
    await deck.deck.approvals.allow(heard.id, {}, OPERATOR)
    expect(await waiting).toMatchObject({ decision: 'allow' })
  })
})

describe('drift', () => {
  it('refuses to start what was changed, naming it; --force locks it anew and the journal says so', async () => {
    const deck = await open()
    await deck.deck.agents.create({ template: 'coder', agent: 'a1' }, OPERATOR)
    const file = deck.home.agent('a1').template
    writeFileSync(file, readFileSync(file, 'utf8').replace(/memoryMiB: \d+/, 'memoryMiB: 4096'))
    await expect(deck.deck.agents.start('a1', false, OPERATOR)).rejects.toMatchObject({
      code: 'drift',
      message: expect.stringContaining('4096') as string,
    })
    expect(await deck.deck.agents.get('a1')).toMatchObject({ phase: 'drifted' })
    expect(await deck.deck.agents.start('a1', true, OPERATOR)).toMatchObject({
      phase: 'up',
      drift: [],
    })
    expect(deck.events().map((e) => e.type)).toContain('agent.relocked')
    expect(await deck.deck.policy.validate('a1')).toMatchObject({ ok: true })
  })

  it('refuses a lock that is garbage, until it is made anew', async () => {
    const deck = await open()
    await deck.deck.agents.create({ template: 'coder', agent: 'a1' }, OPERATOR)
    writeFileSync(deck.home.agent('a1').lock, '{"version": 1,')
    await expect(deck.deck.agents.start('a1', false, OPERATOR)).rejects.toMatchObject({
      code: 'drift',
      message: expect.stringContaining('not valid JSON') as string,
    })
    expect(await deck.deck.agents.start('a1', true, OPERATOR)).toMatchObject({ phase: 'up' })
  })

  it('refuses a lock that was tampered with while it was down, and answers nothing for that agent', async () => {
    const deck = await open()
    const a1 = await deck.agent('a1')
    const file = deck.home.agent('a1').lock
    const lock = JSON.parse(readFileSync(file, 'utf8')) as { guard: { block: unknown[] } }
    lock.guard.block = []
    await deck.stop()
    writeFileSync(file, JSON.stringify(lock))
    await deck.start()
    expect(await deck.deck.agents.get('a1')).toMatchObject({
      phase: 'drifted',
      drift: [{ what: 'signature' }],
    })
    await expect(a1.exec('ls')).rejects.toThrow()
  })
})

describe('an older lock', () => {
  it('is drift, however well it was signed, also when it comes back from the trash', async () => {
    const deck = await open()
    await deck.deck.agents.create({ template: 'coder', agent: 'a1' }, OPERATOR)
    const folder = deck.home.agent('a1')
    const [template, lock] = [
      readFileSync(folder.template, 'utf8'),
      readFileSync(folder.lock, 'utf8'),
    ]
    writeFileSync(folder.template, template.replace(/maxAutoRisk: \d+/, 'maxAutoRisk: 5'))
    await deck.deck.agents.start('a1', true, OPERATOR)
    await deck.deck.agents.stop('a1', OPERATOR)
    writeFileSync(folder.template, template)
    writeFileSync(folder.lock, lock)
    await expect(deck.deck.agents.start('a1', false, OPERATOR)).rejects.toMatchObject({
      code: 'drift',
      message: expect.stringContaining('which is not in the journal') as string,
    })
    await deck.deck.agents.remove('a1', true, OPERATOR)
    await deck.deck.agents.restore('a1', OPERATOR)
    await expect(deck.deck.agents.start('a1', false, OPERATOR)).rejects.toMatchObject({
      code: 'drift',
    })
  })
})

describe('shells', () => {
  it('keeps a shell with its screen while nobody looks, and ends it with its pod', async () => {
    const deck = await open()
    await deck.agent('a1')
    const shell = await deck.deck.shells.open('a1', { columns: 80, rows: 24 }, OPERATOR)
    expect(await deck.deck.shells.list()).toMatchObject([
      { id: shell.id, agent: 'a1', state: 'open' },
    ])
    await deck.deck.agents.stop('a1', OPERATOR)
    expect(await deck.deck.shells.list()).toEqual([])
    expect(() => deck.running.composed.shells.join(shell.id)).toThrow(/has ended/)
  })
})

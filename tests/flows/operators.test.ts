import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openLink } from '../../src/doors/operator/client.ts'
import type { Link } from '../../src/doors/operator/link.ts'
import type { Operator, OperatorRow } from '../../src/domain/operators/types.ts'
import { TestDeck } from '../support/deck.ts'
import { until } from '../support/until.ts'

const cleanups: (() => unknown)[] = []
let deck: TestDeck
let maya: Link
beforeEach(async () => {
  deck = await new TestDeck((act) => cleanups.push(act)).start()
  maya = link()
})
afterEach(async () => {
  for (const act of cleanups.splice(0).toReversed()) await act()
})

function link(key = ''): Link {
  const opened = openLink(deck.home.socket, 'cli', () => (key === '' ? undefined : key))
  cleanups.push(() => opened.close())
  return opened
}

async function issue(rights: object): Promise<{ link: Link; key: string }> {
  const { key } = (await maya.do('operator.key', { id: 'nightly', ...rights })) as { key: string }
  return { link: link(key), key }
}

const refusal = { code: 'refused' }

describe('operators', () => {
  test('whoever runs the deck is its first owner, and events name them', async () => {
    expect(await maya.do('operator.list')).toMatchObject([
      { id: 'maya', role: 'owner', local: true, agents: null },
    ])
    await maya.do('operator.add', { id: 'ada', role: 'viewer' })
    expect(deck.events().at(-1)).toMatchObject({
      type: 'operator.added',
      actor: 'operator:maya/cli',
      body: { id: 'ada', role: 'viewer' },
    })
  })

  test('stay the same people after a restart', async () => {
    await maya.do('operator.add', { id: 'ada' })
    await deck.stop()
    await deck.start()
    const all = (await link().do('operator.list')) as Operator[]
    expect(all.map(({ id }) => id)).toEqual(['ada', 'maya'])
  })

  test('a name is never given to somebody else', async () => {
    await maya.do('operator.add', { id: 'ada' })
    await expect(maya.do('operator.add', { id: 'ada' })).rejects.toMatchObject({
      code: 'not.possible',
      message: 'ada is taken',
    })
    await maya.do('operator.rm', { id: 'ada' })
    await expect(maya.do('operator.add', { id: 'ada' })).rejects.toMatchObject({
      hint: 'Events of the past carry this name. Choose another one.',
    })
    expect(await maya.do('operator.list')).toHaveLength(1)
    expect(await maya.do('operator.list', { state: 'all' })).toHaveLength(2)
  })

  test('who runs the deck stays its owner', async () => {
    for (const [act, input] of [
      ['operator.rm', { id: 'maya' }],
      ['operator.role', { id: 'maya', role: 'viewer' }],
    ] as const)
      await expect(maya.do(act, input)).rejects.toMatchObject({ code: 'not.possible' })
  })
})

describe('an API key', () => {
  test('is shown once and stored nowhere', async () => {
    const { key } = await issue({ role: 'viewer' })
    expect(key).toMatch(/^cdk_[\w-]{43}$/)
    const { store } = deck.running.composed.record
    const events = store.prepare('SELECT body FROM event').pluck().all().join('\n')
    expect(events).not.toContain(key)
    expect(events).not.toContain(key.slice(4))
    expect(JSON.stringify(await maya.do('operator.list'))).not.toContain(key)
  })

  test('gives the rights that it was issued with, and no others', async () => {
    const viewer = (await issue({ role: 'viewer' })).link
    expect(await viewer.do('operator.me')).toEqual({
      operator: 'nightly',
      local: false,
      role: 'viewer',
      agents: null,
      door: 'cli',
    })
    expect(await viewer.do('agent.list')).toEqual([])
    await expect(
      viewer.do('agent.create', { template: 'coder', agent: 'a1' }),
    ).rejects.toMatchObject(refusal)
    expect(deck.events().at(-1)).toMatchObject({
      type: 'act.refused',
      actor: 'operator:nightly/cli',
      body: { act: 'agent.create', needs: 'operate', role: 'viewer', door: 'cli' },
    })
  })

  test('that is wrong, cut or of another deck opens nothing', async () => {
    const { key } = await issue({ role: 'viewer' })
    for (const wrong of [key.slice(0, -1), `${key}x`, key.toUpperCase(), 'cdk_', 'x', 'a b'])
      await expect(link(wrong).do('operator.me'), wrong).rejects.toMatchObject(refusal)
  })

  test('is out at once when it is revoked, also in the middle of a stream', async () => {
    const { link: viewer } = await issue({ role: 'viewer' })
    const frames: unknown[] = []
    const ended = (async () => {
      for await (const frame of viewer.world(new AbortController().signal)) frames.push(frame)
    })()
    const following = (async () => {
      const stop = new AbortController()
      for await (const _ of viewer.stream('audit.tail', { follow: true }, stop.signal)) void _
    })().catch(() => undefined)
    await until('the world is followed', () => frames.length > 0)
    await until('that is seen', async () =>
      ((await maya.do('operator.list')) as OperatorRow[]).some(({ here }) => here.length === 1),
    )
    await maya.do('operator.rm', { id: 'nightly' })
    await Promise.all([ended, following])
    await expect(viewer.do('operator.me')).rejects.toMatchObject(refusal)
    expect(deck.events().map(({ type }) => type)).toEqual(
      expect.arrayContaining(['operator.came', 'operator.left', 'operator.removed']),
    )
  })

  test('with other rights has them from then on', async () => {
    const { link: program } = await issue({ role: 'operator' })
    await deck.agent('a1')
    await program.do('agent.stop', { agent: 'a1' })
    await maya.do('operator.role', { id: 'nightly', role: 'operator', agents: ['b1'] })
    await expect(program.do('agent.start', { agent: 'a1' })).rejects.toMatchObject({
      message: 'start agent needs rights for a1',
    })
    expect(await program.do('agent.list')).toEqual([])
    // Another role leaves the limits as they are; they are lifted by name.
    const role = { id: 'nightly', role: 'viewer' }
    expect(await maya.do('operator.role', role)).toMatchObject({ agents: ['b1'] })
    expect(await maya.do('operator.role', { ...role, agents: 'all' })).toMatchObject({
      agents: null,
    })
  })
})

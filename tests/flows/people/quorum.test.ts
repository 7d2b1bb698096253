import { readFileSync, writeFileSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Approval, DecidedApprovals } from '../../../src/domain/approvals/types.ts'
import { openLink } from '../../../src/doors/operator/client.ts'
import type { Link } from '../../../src/doors/operator/link.ts'
import { carefulAgent } from '../../support/careful-agent.ts'
import { colleague } from '../../support/colleague.ts'
import { yesTo } from '../../support/confirmed.ts'
import { TestDeck, type TestAgent } from '../../support/deck.ts'
import { until } from '../../support/until.ts'

const PUSH = 'git push origin main'
const POLICIES = `policies:
  - { id: two, effect: ask, type: exec, target: "git push*", people: 2 }
  - { id: other, effect: ask, type: exec, target: "npm publish*", notStarter: true }
  - { id: named, effect: ask, type: exec, target: "make*", people: { of: [ada, maya, bot], atLeast: 2 } }
  - { id: crowd, effect: ask, type: exec, target: "deploy*", people: 5 }
`

const cleanups: (() => unknown)[] = []
let deck: TestDeck
let maya: Link
let ada: Link
let adasDevice: string
let a1: TestAgent

beforeEach(async () => {
  deck = new TestDeck((act) => cleanups.push(act)).withAccess()
  writeFileSync(deck.home.policies, POLICIES)
  await deck.start()
  maya = used(openLink(deck.home.socket, 'console', () => undefined))
  const joined = await colleague(deck, 'ada')
  ada = used(joined.link)
  adasDevice = joined.device
  await maya.do('agent.create', { template: 'coder', agent: 'a1' })
  await maya.do('agent.start', { agent: 'a1' })
  a1 = await deck.agent('b1')
  await maya.do('agent.restart', { agent: 'b1' })
  await deck.event(({ type, subject }) => type === 'agent.door_opened' && subject === 'b1')
})
afterEach(async () => {
  for (const act of cleanups.splice(0).toReversed()) await act()
})

function used(link: Link): Link {
  cleanups.push(() => link.close())
  return link
}
const get = (id: string) => deck.deck.approvals.get(id)

async function asked(target: string): Promise<Approval> {
  return get((await a1.exec(target)).id)
}

async function allow(link: Link, a: Approval, more: object = {}): Promise<Approval> {
  const needed = await deck.deck.approvals.confirmations([a.id], editIn(more))
  const confirm = Object.fromEntries(needed.map(({ what, value }) => [what, value]))
  const said = (await link.do('approval.allow', {
    ids: [a.id],
    confirm,
    ...more,
  })) as DecidedApprovals
  return said.decided[0] as Approval
}
const editIn = (more: { target?: string }) =>
  more.target === undefined ? undefined : { target: more.target }
const told = (type: string) => deck.events().filter((event) => event.type === type)

describe('a policy that asks for two people', () => {
  test('waits for the second, and says to everybody what it waits for', async () => {
    const heard = await a1.exec(PUSH)
    expect(heard.reasons.map(({ text }) => text)).toEqual([
      'it waits for 2 people to agree',
      'policy two requires approval for exec git push*, by 2 people',
    ])
    const waiting = a1.wait(heard.id)
    const first = await allow(maya, await get(heard.id), { note: 'fine' })
    expect(first).toMatchObject({
      state: 'pending',
      quorum: {
        agreements: [{ operator: 'maya', actor: 'operator:maya/console' }],
        missing: [{ count: 1, of: null, not: null }],
      },
    })
    const between = (await a1.wait(heard.id, 0)).reasons[0]
    expect(between).toEqual({ layer: 'operator', text: '1 person agreed; it waits for 1 more' })
    expect(JSON.stringify(await a1.wait(heard.id, 0))).not.toMatch(/maya|ada/)
    const second = await allow(ada, await get(heard.id), { note: 'fine' })
    expect(second).toMatchObject({
      state: 'allowed',
      by: `operator:maya/console, operator:ada/console/${adasDevice}`,
      note: 'fine',
    })
    expect(await waiting).toMatchObject({ decision: 'allow', pending: false })
    expect(told('approval.agreed').map(({ actor }) => actor)).toEqual(second.by.split(', '))
    expect(told('approval.decided')).toMatchObject([{ body: { by: second.by.split(', ') } }])
    expect(await deck.deck.audit.rebuild()).toMatchObject({ same: true, differences: [] })
  })

  test('counts one person on two devices once', async () => {
    const a = await asked(PUSH)
    const again = used((await colleague(deck, 'ada', { again: true })).link)
    await allow(ada, a)
    expect(await allow(again, a)).toMatchObject({ state: 'pending' })
    expect(told('approval.agreed')).toHaveLength(1)
    expect(await allow(maya, a)).toMatchObject({ state: 'allowed' })
  })

  test('counts no API key, and writes down that one tried', async () => {
    const a = await asked(PUSH)
    const { key } = (await maya.do('operator.key', { id: 'nightly' })) as { key: string }
    const nightly = used(openLink(deck.home.socket, 'cli', () => key))
    await allow(ada, a)
    await expect(allow(nightly, a)).rejects.toMatchObject({
      code: 'refused',
      message: expect.stringContaining('nightly is an API key') as string,
    })
    expect(told('approval.agreement_refused')).toMatchObject([
      { actor: 'operator:nightly/cli', subject: 'b1', body: { id: a.id } },
    ])
    expect((await get(a.id)).state).toBe('pending')
  })

  test('is denied by any one of them, whoever agreed before', async () => {
    const a = await asked(PUSH)
    await allow(maya, a)
    await ada.do('approval.deny', { ids: [a.id] })
    expect(await get(a.id)).toMatchObject({ state: 'denied' })
    await expect(allow(maya, a)).rejects.toMatchObject({ code: 'approval.decided' })
  })

  test('adds up agreements to the same only: not to another edit, nor to another lease', async () => {
    const a = await asked(PUSH)
    await allow(maya, a)
    expect(await allow(ada, a, { target: 'git push origin dev' })).toMatchObject({
      state: 'pending',
      quorum: { missing: [{ count: 1 }] },
    })
    expect(await allow(maya, a, { lease: { uses: 2, minutes: 5 } })).toMatchObject({
      state: 'pending',
    })
    expect(await allow(maya, a, { target: 'git push origin dev' })).toMatchObject({
      state: 'allowed',
      edited: { target: 'git push origin dev' },
    })
  })

  test('asks for two also where one person would edit something else into it', async () => {
    const a = await asked('npm install left-pad')
    expect(a.quorum).toBeUndefined()
    expect(await allow(maya, a, { target: PUSH })).toMatchObject({ state: 'pending' })
    expect(await allow(ada, a, { target: PUSH })).toMatchObject({ state: 'allowed' })
  })

  test('decides many at once, each when its last word is there', async () => {
    const both = [await asked(PUSH), await asked('git push origin dev')]
    const one = await asked('npm install left-pad')
    const input = yesTo(...both, one)
    const first = (await maya.do('approval.allow', input)) as DecidedApprovals
    expect(first.decided.map(({ state }) => state)).toEqual(['pending', 'pending', 'allowed'])
    const second = (await ada.do('approval.allow', yesTo(...both))) as DecidedApprovals
    expect(second.decided.map(({ state }) => state)).toEqual(['allowed', 'allowed'])
  })

  test('keeps the words of those who agreed when the supervisor starts again', async () => {
    const a = await asked(PUSH)
    await allow(maya, a)
    await deck.crash()
    await deck.start()
    expect((await get(a.id)).quorum?.agreements).toMatchObject([{ operator: 'maya' }])
    expect(await allow(ada, a)).toMatchObject({ state: 'allowed' })
  })
})

describe('whoever agreed and may decide no more', () => {
  const left = async (a: Approval) => {
    await until('that is taken back', async () => (await get(a.id)).quorum?.agreements.length === 0)
    return told('approval.agreement_withdrawn')[0]
  }

  test.each([
    ['operator.rm', { id: 'ada' }, 'ada was removed'],
    ['operator.role', { id: 'ada', role: 'viewer' }, 'ada may not decide on b1 any more'],
    [
      'operator.role',
      { id: 'ada', role: 'operator', agents: ['a1'] },
      'ada may not decide on b1 any more',
    ],
  ])('%s %j takes it back', async (act, input, why) => {
    const a = await asked(PUSH)
    await allow(ada, a)
    await maya.do(act, input)
    expect(await allow(maya, a)).toMatchObject({ state: 'pending' })
    expect(told('approval.agreement_withdrawn')).toMatchObject([{ body: { operator: 'ada', why } }])
    expect((await get(a.id)).quorum?.agreements).toMatchObject([{ operator: 'maya' }])
  })

  test('so does revoking the device that it came from', async () => {
    const a = await asked(PUSH)
    await allow(ada, a)
    await maya.do('access.revoke', { id: adasDevice })
    expect(await left(a)).toMatchObject({ body: { why: `the device ${adasDevice} was revoked` } })
  })
})

describe('other people', () => {
  test('whoever started the agent does not decide, and is told so', async () => {
    const a = await asked('npm publish')
    await expect(allow(maya, a)).rejects.toMatchObject({
      message: expect.stringContaining('maya started the agent') as string,
    })
    expect(await allow(ada, a)).toMatchObject({ state: 'allowed' })
    await ada.do('agent.restart', { agent: 'b1' })
    await until('it asks again', async () => {
      const heard = await a1.exec('npm publish').catch(() => undefined)
      return heard?.pending === true
    })
    const [again] = await deck.deck.approvals.list('pending', 1)
    await expect(allow(ada, again as Approval)).rejects.toMatchObject({ code: 'refused' })
  })

  test('a key counts where it is named', async () => {
    const { key } = (await maya.do('operator.key', { id: 'bot' })) as { key: string }
    const bot = used(openLink(deck.home.socket, 'cli', () => key))
    const a = await asked('make release')
    expect(a.quorum?.missing).toEqual([{ count: 2, of: ['ada', 'maya', 'bot'], not: null }])
    expect((await allow(bot, a)).quorum?.missing).toEqual([
      { count: 1, of: ['ada', 'maya'], not: null },
    ])
    expect(await allow(maya, a)).toMatchObject({ state: 'allowed' })
  })

  test('more people than there are is said at the question, by explain and in the list', async () => {
    const why = 'it takes 5 people, and only 2 of those who may decide on b1 count'
    const a = await asked('deploy now')
    expect(a.reasons[0]).toEqual({ layer: 'supervisor', text: `when this was asked: ${why}` })
    const { cannot } = (await maya.do('policy.explain', { agent: 'b1' })) as { cannot: string[] }
    expect(cannot.join('\n')).toContain(`policy crowd: ${why}`)
    const { tooFew } = (await maya.do('policy.list')) as { tooFew: string[] }
    expect(tooFew).toEqual([expect.stringContaining('policy crowd: it takes 5 people')])
  })
})

describe('what answers instead of a person', () => {
  test('a lease answers only where as many agreed to it', async () => {
    const narrow = { lease: { uses: 5, minutes: 60, target: 'git *' } }
    const single = await asked('git fetch origin')
    expect(await allow(maya, single, narrow)).toMatchObject({ state: 'allowed' })
    expect(await a1.exec('git fetch upstream')).toMatchObject({ decision: 'allow' })
    const push = await asked(PUSH)
    expect(push.state).toBe('pending')
    await allow(maya, push, narrow)
    await allow(ada, push, narrow)
    expect(await a1.exec('git push origin dev')).toMatchObject({ decision: 'allow' })
    await maya.do('operator.rm', { id: 'ada' })
    expect(await a1.exec('git push origin other')).toMatchObject({ pending: true })
  })

  test('nothing learned answers, however often two people agreed', async () => {
    for (let i = 0; i < 4; i++) {
      const a = await asked(PUSH)
      await allow(maya, a)
      await allow(ada, a)
    }
    expect(await a1.exec(PUSH)).toMatchObject({ pending: true })
    // Nor once one person is enough: what two decided is no evidence for a rule that decides alone.
    expect(await deck.deck.rules.list({ limit: 10 })).toEqual([])
    await maya.do('policy.rm', { id: 'two' })
    expect(await a1.exec(PUSH)).toMatchObject({ pending: true })
  })

  test('a denial is learned from, whoever else would have had to agree', async () => {
    const a = await asked('make release')
    await maya.do('approval.deny', { ids: [a.id] })
    const learned = await deck.deck.rules.list({ limit: 10 })
    expect(learned.map(({ decision }) => decision)).toEqual(['ask'])
  })
})

describe('a template that asks for two people', () => {
  test('has that signed in its lock, for one action and for whatever a person decides', async () => {
    await carefulAgent(deck, 'c1')
    const { lock } = await deck.deck.policy.show('c1')
    expect(lock.guard).toMatchObject({ people: 2 })
    const path = deck.home.agent('c1').lock
    const forged = readFileSync(path, 'utf8').replace(/"people": ?2/, '"people":1')
    const explained = (await maya.do('policy.explain', { agent: 'c1' })) as { asks: string[] }
    expect(explained.asks.join('\n')).toMatch(/2 people have to agree/)
    const { people } = await deck.deck.policy.test('c1', { type: 'message', target: 'hello' })
    expect(people).toEqual([{ atLeast: 3, of: null, notStarter: false }])
    expect(forged).not.toBe(readFileSync(path, 'utf8'))
    writeFileSync(path, forged)
    await maya.do('agent.stop', { agent: 'c1' })
    await expect(maya.do('agent.start', { agent: 'c1' })).rejects.toMatchObject({ code: 'drift' })
  })
})

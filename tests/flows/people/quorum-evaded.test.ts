import { writeFileSync } from 'node:fs'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Approval, DecidedApprovals } from '../../../src/domain/approvals/types.ts'
import { openLink } from '../../../src/doors/operator/client.ts'
import type { Link } from '../../../src/doors/operator/link.ts'
import { carefulAgent } from '../../support/careful-agent.ts'
import { colleague } from '../../support/colleague.ts'
import { yesTo } from '../../support/confirmed.ts'
import { TestDeck, type TestAgent } from '../../support/deck.ts'

const POLICIES = `policies:
  - { id: two, effect: ask, type: exec, target: "git push*", people: 2 }
  - { id: other, effect: ask, type: exec, target: "npm publish*", notStarter: true }
  - { id: named, effect: ask, type: exec, target: "make*", people: { of: [bot, ada], atLeast: 1 }, notStarter: true }
`

const cleanups: (() => unknown)[] = []
let deck: TestDeck
let maya: Link
let ada: Link
let b1: TestAgent

beforeEach(async () => {
  deck = new TestDeck((act) => cleanups.push(act)).withAccess()
  writeFileSync(deck.home.policies, POLICIES)
  await deck.start()
  maya = used(openLink(deck.home.socket, 'console', () => undefined))
  ada = used((await colleague(deck, 'ada')).link)
  b1 = await deck.agent('b1')
})
afterEach(async () => {
  for (const act of cleanups.splice(0).toReversed()) await act()
})

function used(link: Link): Link {
  cleanups.push(() => link.close())
  return link
}

async function asked(target: string): Promise<Approval> {
  return deck.deck.approvals.get((await b1.exec(target)).id)
}

async function allow(link: Link, a: Approval, more: object = {}): Promise<Approval> {
  const input = { ...yesTo(a), ...more }
  const { decided } = (await link.do('approval.allow', input)) as DecidedApprovals
  return decided[0] as Approval
}

async function withKey(id: string): Promise<Link> {
  const { key } = (await maya.do('operator.key', { id })) as { key: string }
  return used(openLink(deck.home.socket, 'cli', () => key))
}

test('whoever starts an agent by their API key started it, and so did each of their keys', async () => {
  const bot = await withKey('bot')
  await bot.do('agent.restart', { agent: 'b1' })
  await deck.event(
    ({ type, subject, seq }) => type === 'agent.started' && subject === 'b1' && seq > lastRestart(),
  )
  const publish = await asked('npm publish')
  expect(publish.quorum?.starter).toBe('maya')
  await expect(allow(maya, publish)).rejects.toMatchObject({ code: 'refused' })
  const make = await asked('make release')
  await expect(allow(bot, make)).rejects.toMatchObject({ code: 'refused' })
  expect(await allow(ada, publish)).toMatchObject({ state: 'allowed' })
  expect(await allow(ada, make)).toMatchObject({ state: 'allowed' })
})

function lastRestart(): number {
  const found = deck.events().findLast(({ type }) => type === 'agent.restart_requested')
  return found?.seq ?? Infinity
}

test('an operator alone does not remove the policy that asks for another person', async () => {
  await expect(ada.do('policy.rm', { id: 'two' })).rejects.toMatchObject({ code: 'refused' })
  expect(deck.events().filter(({ type }) => type === 'act.refused')).toMatchObject([
    { body: { act: 'policy.rm', needs: 'own', role: 'operator' } },
  ])
  expect(await asked('git push origin main')).toMatchObject({ quorum: { missing: [{ count: 2 }] } })
  await maya.do('policy.rm', { id: 'two' })
  expect((await asked('git push origin main')).quorum).toBeUndefined()
})

test.each(['allow', 'warn'] as const)(
  'two people of a template are not spared by a policy to %s',
  async (effect) => {
    const c1 = await carefulAgent(deck, 'c1')
    const policy = { id: 'mine', effect, type: 'exec', target: 'npm run lint*' }
    const confirm = { past: '0' }
    await ada.do('policy.add', { ...policy, confirm })
    expect(await b1.exec('npm run lint')).toMatchObject({ decision: effect })
    const answer = await c1.exec('npm run lint')
    expect(answer).toMatchObject({ pending: true })
    expect(answer.reasons.map(({ text }) => text)).toEqual([
      'it waits for 2 people to agree',
      'the template lets this be decided by 2 people',
      expect.stringMatching(/^policy mine .*which does not stand in for them$/),
    ])
    // What the lock itself allows, it allows.
    expect(await c1.exec('git status')).toMatchObject({ decision: 'allow' })
    const a = await deck.deck.approvals.get(answer.id)
    expect(await allow(ada, a)).toMatchObject({ state: 'pending' })
    expect(await allow(maya, a)).toMatchObject({ state: 'allowed' })
  },
)

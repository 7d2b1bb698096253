import { afterEach, describe, expect, it } from 'vitest'
import { OPERATOR, TestDeck, type Heard, type TestAgent } from '../support/deck.ts'

const cleanups: (() => unknown)[] = []
afterEach(async () => {
  for (const act of cleanups.splice(0).toReversed()) await act()
})
const open = () => new TestDeck((act) => cleanups.push(act)).start()
const PUSH = 'git push origin main'

async function allowed(deck: TestDeck, agent: TestAgent, command = PUSH): Promise<Heard> {
  const heard = await agent.exec(command)
  expect(heard).toMatchObject({ pending: true })
  await deck.deck.approvals.allow(heard.id, {}, OPERATOR)
  return heard
}

const outcome = (agent: TestAgent, { id }: Heard, result: string, exit_code: number) =>
  agent.say('POST', `/v1/asks/${id}/outcome`, { result, exit_code })

async function taught(deck: TestDeck, agent: TestAgent, command = PUSH): Promise<void> {
  for (let i = 0; i < 3; i++)
    await outcome(agent, await allowed(deck, agent, command), 'success', 0)
}

describe('the same thing, allowed three times', () => {
  it('becomes a candidate, is confirmed with the third yes, and passes unasked with the reason', async () => {
    const deck = await open()
    const a1 = await deck.agent('a1')
    await allowed(deck, a1)
    const [first] = await deck.deck.rules.list({ limit: 10 })
    expect(first).toMatchObject({
      status: 'candidate',
      decision: 'allow',
      support: 1,
      needed: 3,
      scope: 'project',
      scopeKey: 'a1',
    })
    const second = await allowed(deck, a1)
    expect(second.reasons.at(-1)).toMatchObject({
      layer: 'rule',
      id: first?.id,
      text: expect.stringContaining('1 of the 3 approvals in a row') as string,
    })
    await allowed(deck, a1)
    expect(await deck.deck.rules.list({ limit: 10 })).toMatchObject([
      { id: first?.id, status: 'confirmed', support: 3 },
    ])
    const fourth = await a1.exec(PUSH)
    expect(fourth).toMatchObject({
      decision: 'allow',
      pending: false,
      reasons: [
        {
          layer: 'rule',
          id: first?.id,
          text: expect.stringContaining('learned from 3 approvals') as string,
        },
      ],
    })
    expect(await deck.deck.rules.get(first?.id ?? '')).toMatchObject({
      row: { uses: 1 },
      history: [{ type: 'rule.confirmed' }, { type: 'rule.learned' }, { type: 'rule.added' }],
    })
    expect(await deck.deck.audit.rebuild()).toMatchObject({ same: true, differences: [] })
  })

  it('is suspended when it fails twice, asks again, and says why', async () => {
    const deck = await open()
    const a1 = await deck.agent('a1')
    await taught(deck, a1)
    for (let i = 0; i < 2; i++) await outcome(a1, await a1.exec(PUSH), 'failure', 1)
    expect(await deck.deck.rules.list({ limit: 10 })).toMatchObject([
      { status: 'suspended', suspensionReason: 'repeated_failure' },
    ])
    expect(await a1.exec(PUSH)).toMatchObject({
      pending: true,
      reasons: [{ layer: 'rule', text: expect.stringContaining('failed twice') as string }],
    })
  })

  it('is not learned where it went wrong each time', async () => {
    const deck = await open()
    const a1 = await deck.agent('a1')
    for (let i = 0; i < 5; i++) await outcome(a1, await allowed(deck, a1), 'failure', 1)
    expect(await deck.deck.rules.list({ limit: 10 })).toMatchObject([
      { status: 'candidate', support: 0, setback: 'failed' },
    ])
    expect((await a1.exec(PUSH)).reasons.at(-1)).toMatchObject({
      layer: 'rule',
      text: expect.stringContaining(
        '0 of the 3 approvals in a row that it needs to allow this (last time: failed, so the count starts again)',
      ) as string,
    })
  })

  it('holds for that agent alone, and knows itself again after a restart', async () => {
    const deck = await open()
    const a1 = await deck.agent('a1')
    await taught(deck, a1)
    expect(await (await deck.agent('a2')).exec(PUSH)).toMatchObject({ pending: true })
    await deck.stop()
    await deck.start()
    expect(await a1.exec(PUSH)).toMatchObject({ decision: 'allow', reasons: [{ layer: 'rule' }] })
  })
})

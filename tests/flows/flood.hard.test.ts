import { expect, it, onTestFinished } from 'vitest'
import { OPERATOR, TestDeck } from '../support/deck.ts'

interface Refusal {
  error?: { code: string; message: string }
}

it('writes down one outcome of an action: told again it is taken, told otherwise refused', async () => {
  const deck = await new TestDeck((act) =>
    onTestFinished(async () => {
      await act()
    }),
  ).start()
  const agent = await deck.agent('a1')
  await deck.deck.policy.add({ effect: 'allow', type: 'exec', target: 'ls*' }, OPERATOR)
  const pending = await agent.exec('npm install left-pad')
  await deck.deck.approvals.allow(pending.id, {}, OPERATOR)
  const decided = await agent.exec('ls -la')
  expect([pending.decision, decided.decision]).toEqual(['require_approval', 'allow'])
  for (const { id } of [pending, decided]) {
    const tell = (result: string) =>
      agent.say('POST', `/v1/asks/${id}/outcome`, { result, note: 'n' }) as Promise<Refusal>
    expect([await tell('success'), await tell('success')]).toEqual([{ ok: true }, { ok: true }])
    expect((await tell('failure')).error).toMatchObject({
      code: 'not.possible',
      message: `another outcome of ${id} was reported: success`,
    })
  }
  expect(deck.events().filter((event) => event.type === 'action.reported').length).toBe(2)
})

it('bounds what one question takes in the journal, however it is escaped', async () => {
  const deck = await new TestDeck((act) =>
    onTestFinished(async () => {
      await act()
    }),
  ).start()
  const agent = await deck.agent('a1')
  const before = deck.events().length
  const answer = (await agent.ask({
    type: 'note',
    target: 'x',
    goal: '\u0001'.repeat(2000),
    scope: '\u0001'.repeat(1000),
  })) as unknown as Refusal
  expect(answer.error).toMatchObject({
    code: 'input.invalid',
    message: expect.stringMatching(/takes \d+ bytes in the journal; the limit is 16384/),
  })
  expect(deck.events().length).toBe(before)
})

it('writes a flood at a door down once', async () => {
  const deck = await new TestDeck((act) =>
    onTestFinished(async () => {
      await act()
    }),
  ).start()
  await deck.agent('a1')
  const { guard } = deck.running.composed.services
  for (let i = 0; i < 100; i++) guard.refused('a1', 'this agent asks too often', 'questions')
  guard.refused('a2', 'this agent asks too often', 'questions')
  await deck.event((event) => event.type === 'action.refused' && event.subject === 'a2')
  expect(
    deck
      .events()
      .filter((event) => event.type === 'action.refused')
      .map(({ actor, subject, body }) => ({ actor, subject, body })),
  ).toEqual(
    ['a1', 'a2'].map((name) => ({
      actor: `agent:${name}`,
      subject: name,
      body: { reason: 'this agent asks too often', what: 'questions' },
    })),
  )
})

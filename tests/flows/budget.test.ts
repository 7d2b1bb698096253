import { afterEach, describe, expect, it } from 'vitest'
import { ManualClock } from '../support/clock.ts'
import { OPERATOR, TestDeck, type TestAgent } from '../support/deck.ts'

const cleanups: (() => unknown)[] = []
afterEach(async () => {
  for (const act of cleanups.splice(0).toReversed()) await act()
})

const MINUTE = 60_000
const HOUR = 60 * MINUTE

async function open() {
  const clock = new ManualClock()
  const deck = await new TestDeck((act) => cleanups.push(act), clock).start()
  return { clock, deck, a1: await deck.agent('a1') }
}

/** Asks, and lets a person say so. */
async function said(
  deck: TestDeck,
  agent: TestAgent,
  command: string,
  { word = 'allow', outcome }: { word?: 'allow' | 'deny'; outcome?: string } = {},
): Promise<string> {
  const heard = await agent.exec(command)
  expect(heard, command).toMatchObject({ pending: true })
  if (word === 'deny') await deck.deck.approvals.deny(heard.id, {}, OPERATOR)
  else await deck.deck.approvals.allow(heard.id, {}, OPERATOR)
  if (outcome !== undefined)
    await agent.say('POST', `/v1/asks/${heard.id}/outcome`, {
      result: outcome,
      exit_code: outcome === 'success' ? 0 : 1,
    })
  return heard.id
}

describe('an attention budget', () => {
  it('is set, kept over a restart, shown, and taken away', async () => {
    const { deck } = await open()
    expect(await deck.deck.budget.report()).toEqual({
      perHour: null,
      now: 0,
      usual: 0,
      hours: 0,
      questions: 0,
      today: 0,
      proposals: [],
      after: 0,
      rest: [],
    })
    expect(await deck.deck.budget.set(6, OPERATOR)).toMatchObject({ perHour: 6 })
    await deck.deck.budget.set(6, OPERATOR)
    expect(deck.events().filter(({ type }) => type === 'budget.set')).toMatchObject([
      { actor: OPERATOR, body: { perHour: 6 } },
    ])
    await expect(deck.deck.budget.set(-1, OPERATOR)).rejects.toMatchObject({
      code: 'input.invalid',
    })
    await deck.stop()
    await deck.start()
    expect(deck.running.composed.rules.budget.summary()).toEqual({ perHour: 6, lastHour: 0 })
    expect(await deck.deck.budget.set(null, OPERATOR)).toMatchObject({ perHour: null })
    expect(await deck.deck.audit.rebuild()).toMatchObject({ same: true })
  })

  it('counts the questions of the last hour as they come and go, also after a restart', async () => {
    const { clock, deck, a1 } = await open()
    await said(deck, a1, 'make a')
    clock.advance(40 * MINUTE)
    await said(deck, a1, 'make b')
    const { budget } = deck.running.composed.rules
    expect(budget.summary().lastHour).toBe(2)
    clock.advance(30 * MINUTE)
    expect(budget.summary().lastHour).toBe(1)
    await deck.stop()
    await deck.start()
    expect(deck.running.composed.rules.budget.summary().lastHour).toBe(1)
    clock.advance(HOUR)
    expect(deck.running.composed.rules.budget.summary().lastHour).toBe(0)
    expect(await deck.deck.budget.report()).toMatchObject({ now: 0, questions: 2 })
  })
})

describe('what is proposed', () => {
  it('saves the most first, stops at the budget, and its command makes it so', async () => {
    const { clock, deck, a1 } = await open()
    for (const round of [1, 2]) {
      for (let i = 0; i < 4; i++) await said(deck, a1, `make check-${i}-${round}`)
      await said(deck, a1, 'python3 tidy.py')
      clock.advance(HOUR)
    }
    const report = await deck.deck.budget.set(2, OPERATOR)
    expect(report).toMatchObject({ usual: 5, hours: 2, questions: 10, today: 5, now: 0, after: 1 })
    const [first] = report.proposals
    expect(first).toMatchObject({
      kind: 'rule',
      agent: 'a1',
      width: 'family',
      saves: 4,
      text: expect.stringContaining('every make') as string,
      more: 0,
    })
    expect(first?.past).toHaveLength(8)
    expect(
      first?.past.every(({ denied, allowed, times }) => denied === 0 && allowed === times),
    ).toBe(true)
    expect(report.proposals).toHaveLength(1)
    const [, approval = '', width = ''] =
      /^clawdeck policy propose (apr_\w+) --width (\w+) --days 7$/.exec(first?.command ?? '') ?? []
    await deck.deck.rules.propose(
      { approval, width: width as 'family', decision: 'allow', scope: 'project', days: 7 },
      OPERATOR,
    )
    expect(await a1.exec('make check-9')).toMatchObject({ decision: 'allow' })
    expect(await deck.deck.budget.report()).toMatchObject({ usual: 5, today: 1, proposals: [] })
  })

  it('takes nothing by itself', async () => {
    const { deck, a1 } = await open()
    for (let i = 0; i < 4; i++) await said(deck, a1, `make check-${i}`)
    const before = deck.events().length
    expect((await deck.deck.budget.report()).proposals.length).toBeGreaterThan(0)
    expect(deck.events()).toHaveLength(before)
    expect(await a1.exec('make check-9')).toMatchObject({ pending: true })
  })

  it.each<[string, (deck: TestDeck, a1: TestAgent) => Promise<unknown>, string]>([
    [
      'was denied once',
      (deck, a1) => said(deck, a1, 'make check-9', { word: 'deny' }),
      'a person has denied it',
    ],
    [
      'failed once',
      (deck, a1) => said(deck, a1, 'make check-9', { outcome: 'failure' }),
      'it has failed',
    ],
  ])('is nothing that covers what %s', async (_, act, because) => {
    const { deck, a1 } = await open()
    for (let i = 0; i < 4; i++) await said(deck, a1, `make check-${i}`)
    expect((await deck.deck.budget.report()).proposals).toMatchObject([{ width: 'family' }])
    await act(deck, a1)
    const { proposals, rest } = await deck.deck.budget.report()
    expect(proposals).toEqual([])
    expect(rest.map((row) => row.because)).toContain(because)
  })

  it('is nothing of high risk, and nothing that the lock asks for anyway', async () => {
    const { deck, a1 } = await open()
    for (let i = 0; i < 4; i++) {
      await said(deck, a1, 'rm -rf /srv/data')
      await said(deck, a1, 'npm publish')
    }
    const { proposals, rest, usual, after } = await deck.deck.budget.report()
    expect(proposals).toEqual([])
    expect(after).toBe(usual)
    expect(rest.reduce((sum, { perHour }) => sum + perHour, 0)).toBe(usual)
    expect(rest.map(({ because }) => because)).toContain('the lock demands approval')
  })

  it('is nothing that nobody allowed', async () => {
    const { clock, deck, a1 } = await open()
    for (let i = 0; i < 4; i++) {
      const heard = await a1.exec('make deploy-notes')
      clock.advance(HOUR)
      expect(await a1.wait(heard.id, 0)).toMatchObject({ pending: false })
    }
    expect(await deck.deck.budget.report()).toMatchObject({
      questions: 4,
      proposals: [],
      rest: [{ because: 'no person has allowed it yet' }],
    })
  })

  it('is a lease where a policy of the operator asks', async () => {
    const { deck, a1 } = await open()
    await deck.deck.policy.add(
      { id: 'ask-make', effect: 'ask', type: 'exec', target: 'make *' },
      OPERATOR,
    )
    for (let i = 0; i < 3; i++) await said(deck, a1, 'make check')
    const waiting = await a1.exec('make check')
    const { proposals } = await deck.deck.budget.report()
    expect(proposals).toMatchObject([
      {
        kind: 'lease',
        approval: waiting.id,
        agent: 'a1',
        command: `clawdeck approvals allow ${waiting.id} --uses 32 --minutes 480`,
      },
    ])
    await deck.deck.approvals.allow(waiting.id, { lease: { uses: 32, minutes: 480 } }, OPERATOR)
    expect(await a1.exec('make check')).toMatchObject({
      decision: 'allow',
      reasons: [{ layer: 'lease' }],
    })
  })
})

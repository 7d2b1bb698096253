import { afterEach, describe, expect, it } from 'vitest'
import { endings, openRuleDeck, WHO, type Options } from './rule-deck.ts'

const ends = endings()

afterEach(ends.run)

const open = (options?: Options) => openRuleDeck(ends.add, options)

describe('the list of rules', () => {
  it('is sorted by attention, and filtered by words, state and agent', async () => {
    const deck = await open({ agents: { a1: 'coder', a2: 'devops' } })
    await deck.given({ id: 'mine', status: 'confirmed' })
    await deck.given({ id: 'theirs', scope_key: 'a2' })
    await deck.given({ id: 'ops', scope: 'domain', scope_key: 'ops', status: 'suspended' })
    await deck.given({ id: 'all', scope: 'global', scope_key: '', summary: 'Release the kraken' })
    const ids = async (filter: object) =>
      (await deck.deck.list({ limit: 10, ...filter })).map(({ id }) => id)
    expect(await ids({})).toEqual(['ops', 'all', 'theirs', 'mine'])
    expect(await ids({ agent: 'a1' })).toEqual(['all', 'mine'])
    expect(await ids({ agent: 'a2' })).toEqual(['ops', 'all', 'theirs'])
    expect(await ids({ status: 'confirmed' })).toEqual(['mine'])
    expect(await ids({ text: 'kraken release' })).toEqual(['all'])
    expect(await ids({ limit: 1 })).toEqual(['ops'])
    await expect(ids({ agent: 'nobody' })).rejects.toMatchObject({ code: 'agent.unknown' })
  })

  it('has a status: states, moves, risky rules, scoped rules and conflicts', async () => {
    const deck = await open()
    const id = await deck.learned()
    await deck.given({
      id: 'risky',
      status: 'confirmed',
      scope: 'global',
      scope_key: '',
      risk_level: 'high',
    })
    await deck.deck.suspend(id, 'no more', WHO)
    const status = await deck.deck.status()
    expect(status.counts).toEqual({
      hint: 0,
      candidate: 0,
      confirmed: 1,
      suspended: 1,
      archived: 0,
    })
    expect(status.promotions.map(({ rule }) => rule)).toEqual(['risky', id])
    expect(status.suspensions).toMatchObject([
      { rule: id, from: 'confirmed', to: 'suspended', because: 'no more' },
    ])
    expect(status.risky.map((one) => one.id)).toEqual(['risky'])
    expect(status.scopes.map((one) => one.id)).toEqual([id])
    expect((await deck.deck.recent(10)).map(({ to }) => to)).toEqual([
      'suspended',
      'confirmed',
      'confirmed',
    ])
    expect(await deck.deck.recent(1)).toHaveLength(1)
  })
})

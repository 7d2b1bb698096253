import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { afterEach, describe, expect, test } from 'vitest'
import { OPERATOR, TestDeck } from '../support/deck.ts'

const cleanups: (() => unknown)[] = []
afterEach(async () => {
  for (const act of cleanups.splice(0).toReversed()) await act()
})

/** A deck home that version 0.1 left: two agents and a deleted one, decisions, a lease, learned rules, shells, policies. */
async function olderDeck(): Promise<TestDeck> {
  const deck = new TestDeck((act) => cleanups.push(act))
  const archive = fileURLToPath(new URL('../fixtures/deck-0.1.tar.gz', import.meta.url))
  execFileSync('tar', ['-xzf', archive, '--strip-components=1', '-C', deck.home.root])
  return deck.start()
}

describe('a deck home of version 0.1', () => {
  test('opens with everything that it held', async () => {
    const { deck } = await olderDeck()
    expect((await deck.agents.list()).map(({ name }) => name)).toEqual(['a1', 'a2'])
    expect((await deck.agents.trash()).map(({ name }) => name)).toEqual(['gone'])
    const approvals = await deck.approvals.list('all', 100)
    expect(Object.groupBy(approvals, ({ state }) => state)).toMatchObject({
      allowed: { length: 4 },
      denied: { length: 1 },
      expired: { length: 1 },
    })
    expect(await deck.leases.list('active')).toMatchObject([{ agent: 'a1', usesLeft: 2 }])
    expect(await deck.shells.list()).toEqual([])
    expect(await deck.rules.list({ limit: 10, status: 'confirmed' })).toMatchObject([{ uses: 1 }])
    expect(await deck.playbooks.list()).toMatchObject([{ summary: 'builds' }])
    expect((await deck.policy.list()).policies.length).toBeGreaterThan(2)
    expect((await deck.budget.report()).perHour).toBe(6)
  })

  test('is proven, and its tables are as its journal tells', async () => {
    const { deck } = await olderDeck()
    expect(await deck.audit.verify({ deep: true })).toMatchObject({ ok: true, problems: [] })
    expect(await deck.audit.rebuild()).toMatchObject({ same: true, differences: [] })
  })

  test('goes on: its shells are known by the events that it wrote, and new ones are added', async () => {
    const older = await olderDeck()
    // Its home lies in another folder now, which its lock knows nothing of.
    await older.deck.agents.start('a1', true, OPERATOR)
    const shell = await older.deck.shells.open('a1', { columns: 80, rows: 24 }, OPERATOR)
    expect(await older.deck.shells.list()).toMatchObject([{ id: shell.id, state: 'open' }])
    const types = older.events().map(({ type }) => type)
    expect(types.filter((type) => type === 'session.opened')).toHaveLength(2)
    expect(types.filter((type) => type === 'shell.opened')).toHaveLength(1)
    expect((await older.deck.audit.verify({})).ok).toBe(true)
  })
})

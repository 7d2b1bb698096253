import Database from 'better-sqlite3'
import { afterEach, describe, expect, it } from 'vitest'
import { OPERATOR, TestDeck } from '../support/deck.ts'

const ends: (() => unknown)[] = []
afterEach(async () => {
  for (const act of ends.splice(0).toReversed()) await act()
})

function edit(path: string, sql: string): void {
  const store = new Database(path)
  store.exec(sql)
  store.close()
}

describe('somebody who writes into the database while nobody serves it', () => {
  it('cannot allow what no operator allowed, nor lend what was not lent, nor make an agent', async () => {
    const deck = await new TestDeck((act) => ends.push(act)).start()
    const agent = await deck.agent('a1')
    const waiting = await agent.exec('npm install y')
    const denied = await agent.exec('npm install z')
    await deck.deck.approvals.deny(denied.id, { note: 'no' }, OPERATOR)
    await deck.stop()
    edit(
      deck.home.database,
      `
      UPDATE approval SET row = json_set(row, '$.state', 'allowed', '$.by', 'operator:console');
      INSERT INTO lease (id, row) VALUES ('lse_1', '{"id":"lse_1","agent":"*","state":"active","usesLeft":9}');
      INSERT INTO agent (id, row) SELECT 'a2', json_set(row, '$.name', 'a2') FROM agent`,
    )
    await deck.start()
    expect(await agent.wait(waiting.id, 0)).toMatchObject({
      decision: 'require_approval',
      pending: true,
    })
    expect(await agent.wait(denied.id, 0)).toMatchObject({
      decision: 'block',
      reasons: [{ text: 'no' }],
    })
    expect(await deck.deck.leases.list('all')).toEqual([])
    expect((await deck.deck.agents.list()).map(({ name }) => name)).toEqual(['a1'])
    expect(deck.log.join('\n')).toMatch(
      new RegExp(`approval ${waiting.id}: not what the journal says`),
    )
    expect((await deck.deck.audit.verify({ deep: true })).problems).toEqual([])
  })
})

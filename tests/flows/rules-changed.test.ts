import Database from 'better-sqlite3'
import { afterEach, describe, expect, it } from 'vitest'
import { OPERATOR, TestDeck } from '../support/deck.ts'
import { PUSH, allowed, learned } from '../support/learned.ts'
import { typed } from '../support/typed.ts'

const cleanups: (() => unknown)[] = []
afterEach(async () => {
  for (const act of cleanups.splice(0).toReversed()) await act()
})
const open = () => new TestDeck((act) => cleanups.push(act)).start()

describe('somebody who writes into the database while nobody serves it', () => {
  function edit(deck: TestDeck, sql: string): void {
    const store = new Database(deck.home.database)
    store.exec(sql)
    store.close()
  }

  it('makes no rule allow, nor an asking one vanish: the journal is the truth before anyone is answered', async () => {
    const deck = await open()
    const a1 = await deck.agent('a1')
    await allowed(deck, a1)
    const { id: asked } = await a1.exec('npm install x')
    const guard = await deck.deck.rules.propose(
      { approval: asked, width: 'exact', decision: 'ask', scope: 'project', days: null },
      OPERATOR,
    )
    const [candidate] = await deck.deck.rules.list({ status: 'candidate', limit: 1 })
    await deck.stop()
    edit(
      deck,
      `UPDATE rule SET row = json_set(row, '$.rule.status', 'confirmed') WHERE id = '${candidate?.id}'; DELETE FROM rule WHERE id = '${guard.id}'`,
    )
    await deck.start()
    expect(await a1.exec(PUSH)).toMatchObject({ pending: true })
    expect(await a1.exec('npm install x')).toMatchObject({
      pending: true,
      reasons: [{ layer: 'rule', id: guard.id }],
    })
    expect(deck.log.join('\n')).toMatch(
      new RegExp(`rule ${candidate?.id}: not what the journal says`),
    )
    expect((await deck.deck.audit.verify({ deep: true })).problems).toEqual([])
  })

  it('who changed the journal as well ends all use of rules: a person decides, and is told why', async () => {
    const deck = await open()
    const a1 = await deck.agent('a1')
    const rule = await learned(deck, a1)
    await deck.stop()
    edit(
      deck,
      `UPDATE rule SET row = json_set(row, '$.rule.trigger', json_array('task_type:exec')) WHERE id = '${rule.id}'`,
    )
    tear(deck)
    await deck.start()
    const heard = await a1.exec(PUSH)
    expect(heard).toMatchObject({
      pending: true,
      reasons: [
        {
          layer: 'supervisor',
          text: expect.stringContaining('learned rules are not used') as string,
        },
      ],
    })
    const told = await typed(deck, 'policy', 'rules')
    expect([told.code, told.err]).toEqual([1, expect.stringContaining('audit verify')])
    await deck.deck.approvals.allow(heard.id, {}, OPERATOR)
    expect(await a1.wait(heard.id, 0)).toMatchObject({ decision: 'allow' })
  })

  /** Changes one event, past the triggers that forbid it. */
  function tear(deck: TestDeck): void {
    const store = new Database(deck.home.database)
    const triggers = store
      .prepare<[], { name: string; sql: string }>(
        "SELECT name, sql FROM sqlite_schema WHERE type = 'trigger' AND tbl_name = 'event'",
      )
      .all()
    for (const { name } of triggers) store.exec(`DROP TRIGGER ${name}`)
    store.exec(
      "UPDATE event SET body = json_set(body, '$.note', 'another') WHERE type = 'approval.decided'",
    )
    for (const { sql } of triggers) store.exec(sql)
    store.close()
  }
})

import { afterEach, expect, test } from 'vitest'
import { selectionOf } from '../../../../src/domain/governance/records/selection.ts'
import type { RecordQuery } from '../../../../src/domain/governance/records/types.ts'
import { TestDeck } from '../../../support/deck.ts'

const cleanups: (() => unknown)[] = []
afterEach(async () => {
  for (const act of cleanups.splice(0).toReversed()) await act()
})

const PAGE = { limit: 50 }
const QUERIES: [kind: string, query: RecordQuery][] = [
  ['goal', PAGE],
  ['goal', { ...PAGE, agent: 'scout' }],
  ['goal', { ...PAGE, status: 'active' }],
  ['context_entry', { ...PAGE, where: { thread_id: 'ct_1' } }],
  ['loop', { ...PAGE, status: 'open' }],
  ['context_point', PAGE],
  ['context_point', { ...PAGE, agent: 'scout' }],
]

test('a page of records comes out of an index, in its order', async () => {
  const deck = await new TestDeck((act) => cleanups.push(act)).start()
  const { store } = deck.running.composed.record
  for (const [kind, query] of QUERIES) {
    const { where, order, values } = selectionOf('org_default', kind, query)
    const plan = store
      .prepare<[typeof values], { detail: string }>(
        `EXPLAIN QUERY PLAN SELECT row FROM record WHERE ${where} ORDER BY ${order}
         LIMIT @limit OFFSET @offset`,
      )
      .all(values)
      .map(({ detail }) => detail)
      .join('; ')
    const what = `${kind} ${JSON.stringify(query)}: ${plan}`
    expect(plan, what).toMatch(/USING INDEX/)
    // What was made in the same millisecond is put in order; nothing more.
    expect(plan, what).not.toMatch(/TEMP B-TREE FOR (?!LAST TERM)/)
  }
})

import { expect, test } from 'vitest'
import { ReadyPolicies } from '../../../../src/domain/governance/guard/policies.ts'
import { apiPolicy } from '../policies/policies.ts'

test('policies are read once, and again as soon as one of the organisation is written', () => {
  let tell: (id: string) => void = () => undefined
  let isWatched = true
  let reads = 0
  const records = { find: () => (reads++, [apiPolicy('rate_limit', {}, { id: `p${reads}` })]) }
  const rows = {
    watch: (_table: string, take: (id: string) => void) => {
      tell = take
      return () => void (isWatched = false)
    },
  }
  const ready = new ReadyPolicies(records as never, { rows } as never)
  const of = (org: string) => ready.of(org).map(({ id }) => id)
  expect([of('a'), of('a'), of('b')]).toEqual([['p1'], ['p1'], ['p2']])
  // Also where a rollback tells it: what was read within the transaction is forgotten.
  tell('a/policy/gp_1')
  expect([of('a'), of('b')]).toEqual([['p3'], ['p2']])
  for (const other of ['a/goal/1', 'a/policy_note/1', 'c/policy/1']) tell(other)
  expect(of('a')).toEqual(['p3'])
  ready[Symbol.dispose]()
  expect(isWatched).toBe(false)
})

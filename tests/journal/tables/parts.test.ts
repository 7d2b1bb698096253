import { expect, test } from 'vitest'
import { noun, nounsOf } from '../../../src/journal/noun.ts'
import { brief, served, servedLate } from '../../../src/journal/tables/parts.ts'
import type { Nouns } from '../../../src/journal/noun.ts'

const folds = { 'agent.failed': () => undefined }
const NOUNS = nounsOf([
  noun({ name: 'early', folds }),
  noun({ name: 'many', folds, brief: 'unchecked' }),
  noun({ name: 'late', folds, checkedLate: true }),
  noun({ name: 'late_and_many', folds, checkedLate: true, brief: 'unchecked' }),
])

const namesOf = ({ nouns }: { nouns: Nouns }) => nouns.all.map(({ name }) => name)

test('a start compares every table once, but of a long journal only what matters', () => {
  expect(namesOf(served(NOUNS))).toEqual(['early', 'many'])
  expect(namesOf(servedLate(NOUNS, false))).toEqual(['late', 'late_and_many'])
  expect(namesOf(brief(NOUNS))).toEqual(['early'])
  expect(namesOf(servedLate(NOUNS, true))).toEqual(['late'])
})

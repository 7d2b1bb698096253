import { expect, test } from 'vitest'
import { allowDrafts } from '../../../src/domain/approvals/decide.ts'
import type { Voters } from '../../../src/domain/operators/people/voters.ts'
import type { Verdict } from '../../../src/domain/policy/types.ts'
import { anApproval } from '../../support/fake-rows.ts'

const voters: Voters = {
  voter: () => ({ operator: 'maya', kind: 'person' }),
  counts: () => true,
  starterOf: () => 'maya',
  whyTooFew: () => undefined,
  areEnough: () => true,
}

/** What is answered for an agent whose lock is not verified now. */
const unguarded = (): Verdict => ({
  decision: 'block',
  reasons: [{ layer: 'supervisor', text: 'backend is not guarded now' }],
  risk: { score: 10, factors: [] },
  policies: [],
})
const decide = (edit?: { target: string }) =>
  allowDrafts(
    { judge: unguarded, voters, now: 0 },
    anApproval('apr_1'),
    { edit },
    'operator:maya/console',
  )

test('nothing is edited into a question while there are no bounds to judge it by', () => {
  expect(() => decide({ target: 'git push --force' })).toThrow(/cannot be judged.*not guarded/)
})

test('what was asked, and judged then, can be allowed all the same', () => {
  expect(decide()).toMatchObject([{ type: 'approval.decided' }])
})

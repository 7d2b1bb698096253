import { afterEach, expect, it } from 'vitest'
import { newRule } from '../../../../src/clawpolicy/files/records.ts'
import { toStored } from '../../../../src/domain/rules/stored.ts'
import { sanitized } from '../../../../src/domain/rules/files/sanitize.ts'
import { endings, WHO } from '../rule-deck.ts'

const ends = endings()

afterEach(ends.run)

it('a rule of a file has no negative counters', () => {
  const rule = newRule({
    id: 'r',
    trigger: ['command:make'],
    policy_decision: 'auto_execute',
    status: 'candidate',
    failure_streak: -1e6,
    conflict_count: -1,
    override_streak: 2,
  })
  expect(sanitized(toStored(rule, { expiresAt: null, by: WHO }), 0).rule).toMatchObject({
    failure_streak: 0,
    conflict_count: 0,
    override_streak: 2,
  })
})

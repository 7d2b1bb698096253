import fc from 'fast-check'
import { expect, test } from 'vitest'
import { RuleBook } from '../../../src/domain/rules/rule-book.ts'
import { byRuleAttention } from '../../../src/domain/rules/row.ts'
import type { RuleRecord } from '../../../src/domain/rules/types.ts'
import { STATUSES, type Status } from '../../../src/clawpolicy/types.ts'
import { RuleWindow } from '../../../src/supervisor/feed/rule-window.ts'

const MOST = 5

function kept(id: string, status: Status, seq: number): RuleRecord {
  return {
    rule: {
      id,
      type: 'Rule',
      summary: id,
      category: '',
      trigger: [`command:${id}`],
      strategy: '',
      preconditions: [],
      postconditions: [],
      validation: [],
      confidence: 0,
      success_streak: 0,
      status,
      scope: 'global',
      scope_key: '',
      evidence_count: 0,
      source_type: '',
      last_seen_at: '',
      last_applied_at: '',
      policy_decision: 'auto_execute',
      risk_level: 'low',
      failure_streak: 0,
      override_streak: 0,
      rollback_count: 0,
      accepted_auto_execute_count: 0,
      accepted_confirmation_count: 0,
      conflict_count: 0,
      suspension_reason: '',
      last_lifecycle_event_at: '',
      asset_id: '',
    },
    expiresAt: null,
    by: '',
    outcomes: [],
    changedAt: seq,
    seq,
  }
}

const change = fc.record({
  id: fc.constantFrom(...'abcdefghij'),
  status: fc.constantFrom(...STATUSES),
  gone: fc.boolean(),
})

test('a mirror that was told of each change shows the rules most in need of a look, however they moved', () => {
  fc.assert(
    fc.property(
      fc.array(
        fc.oneof(
          { arbitrary: fc.array(change, { minLength: 1, maxLength: 4 }), weight: 9 },
          fc.array(change, { minLength: 51, maxLength: 60 }),
        ),
        { maxLength: 30 },
      ),
      (batches) => {
        const book = new RuleBook()
        const window = new RuleWindow(book, MOST)
        const mirror = new Set(window.reset())
        let seq = 0
        for (const batch of batches) {
          for (const { id, status, gone } of batch)
            book.put(id, gone && status === 'hint' ? undefined : kept(id, status, ++seq))
          for (const id of window.after(
            batch.map(({ id }) => id),
            [],
          )) {
            if (window.has(id)) mirror.add(id)
            else mirror.delete(id)
          }
          const wanted = [...book.all()]
            .filter(({ rule }) => rule.status !== 'archived')
            .toSorted(byRuleAttention)
            .slice(0, MOST)
            .map(({ rule }) => rule.id)
          expect([...mirror].toSorted()).toEqual(wanted.toSorted())
        }
      },
    ),
  )
})

test('the use of a rule that is not shown is not told', () => {
  const book = new RuleBook()
  for (const [i, id] of [...'abcdefgh'].entries()) book.put(id, kept(id, 'confirmed', i))
  const window = new RuleWindow(book, MOST)
  window.reset()
  expect([...window.after([], ['a', 'h'])]).toEqual(['h'])
})

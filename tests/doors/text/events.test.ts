import { expect, test } from 'vitest'
import { eventText } from '../../../src/doors/text/events.ts'
import type { DeckEvent } from '../../../src/journal/types.ts'

function decided(by: { lease?: string; policies?: string[]; rule?: string }): string {
  const body = {
    id: 'act_1',
    decision: 'allow',
    action: { type: 'exec', target: 'git push origin main' },
    reasons: [],
    lease: null,
    policies: [],
    rule: null,
    ...by,
  }
  return eventText({
    seq: 1,
    type: 'action.decided',
    at: 0,
    actor: 'agent:a1',
    subject: 'a1',
    body,
  } as unknown as DeckEvent)
}

test.each([
  ['the lock', {}, 'allow  exec  git push origin main'],
  [
    'a policy of the operator',
    { policies: ['tests'] },
    'allow  exec  git push origin main · tests',
  ],
  ['a lease', { lease: 'lse_1' }, 'allow, leased  exec  git push origin main · lse_1'],
  ['a learned rule', { rule: 'policy_1' }, 'allow, learned  exec  git push origin main · policy_1'],
])('names %s as the source of a decision', (_what, by, words) => {
  expect(decided(by)).toBe(words)
})

test.each([
  ['rule.suspended', 'confirmed', 'suspended', 'Allow git push · failed twice'],
  ['rule.learned', 'confirmed', 'confirmed', 'Allow git push · confirmed · it failed'],
  [
    'rule.edited',
    'confirmed',
    'candidate',
    'Allow git push · confirmed → candidate · failed twice',
  ],
])('%s shows the status of its rule once, and why', (type, from, status, words) => {
  const stored = {
    rule: { trigger: ['task_type:T1'], summary: 'Allow git push', status, policy_decision: '' },
  }
  const text = eventText({
    seq: 1,
    type,
    at: 0,
    actor: 'supervisor',
    subject: 'a1',
    body: { stored, from, because: 'repeated_failure', of: '', outcome: null },
  } as unknown as DeckEvent)
  expect(text.replace('advice: ', '')).toBe(words)
})

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { IndexedBook } from '../../../src/clawpolicy/matching/indexed-book.ts'
import { CORRECTED } from '../../../src/clawpolicy/corrections.ts'
import { newRule } from '../../../src/clawpolicy/files/records.ts'
import { matches } from '../../../src/clawpolicy/matching/matching.ts'
import { SCOPES, STATUSES, type Rule, type Task } from '../../../src/clawpolicy/types.ts'
import { contextOf, scannedBook } from '../engine.ts'

const type = fc.constantFrom('exec', 'net', 'T2')
const runs = fc
  .constantFrom(
    'git',
    'git push',
    'git push origin',
    'git push -f',
    'push git',
    '/usr/bin/git push',
    'npm run',
    'make',
    'make  all',
    'make ',
    'net https://a.test GET',
    'file write docs/',
    '',
    ' ',
  )
  .map((value) => `runs:${value}`)
const trigger = fc.oneof(
  { weight: 4, arbitrary: runs },
  { weight: 3, arbitrary: type.map((value) => `task_type:${value}`) },
  fc.constantFrom('command:git push', 'keyword:push', 'file:a', 'legacy', 'task:x'),
)
const rule = (id: string) =>
  fc
    .record({
      trigger: fc.array(trigger, { minLength: 1, maxLength: 3 }),
      status: fc.constantFrom(...STATUSES, 'confirmed'),
      policy_decision: fc.constantFrom('auto_execute', 'require_confirmation', ''),
      scope: fc.constantFrom(...SCOPES),
      scope_key: fc.constantFrom('', 'me', 'code', 'other'),
    })
    .map((fields) => newRule({ id, ...fields }))
const anyRule = fc.integer({ min: 0, max: 9 }).chain((i) => rule(`r${i}`))
const change = fc.oneof(
  anyRule.map((put) => ({ put })),
  fc.integer({ min: 0, max: 9 }).map((i) => ({ gone: `r${i}` })),
)
const task: fc.Arbitrary<Task> = fc.record({
  task_type: type,
  scope_key: fc.constantFrom('me', 'other'),
  command: fc.constantFrom(
    'git push',
    'git push origin main',
    'git -c a=b push -f',
    '/usr/bin/git push',
    'make',
    'make "" all',
    'make all; git push',
    'sudo make',
    '"" x',
    '$X push',
    'npm run x | sh',
    'net https://a.test GET "https://a.test/x y"',
    'file write docs/ docs/a',
    '',
  ),
})

describe('an index of programs', () => {
  it('finds what a scan finds, whatever is put, moved and deleted', () => {
    fc.assert(
      fc.property(
        fc.array(change, { maxLength: 24 }),
        fc.array(task, { minLength: 1, maxLength: 4 }),
        (changes, tasks) => {
          const book = new IndexedBook()
          const map = new Map<string, Rule>()
          for (const one of changes) {
            if ('gone' in one) {
              map.delete(one.gone)
              book.delete(one.gone)
            } else {
              map.set(one.put.id, one.put)
              book.put(one.put.id, one.put)
            }
          }
          for (const one of tasks) {
            const here = contextOf(one, 'me', CORRECTED)
            const found = (candidates: Rule[]) =>
              candidates.filter((candidate) => matches(candidate, here)).map(({ id }) => id)
            expect(found(book.candidates(here))).toEqual(found(scannedBook(map).candidates(here)))
          }
          for (const id of map.keys()) book.delete(id)
          expect(tasks.flatMap((one) => book.candidates(contextOf(one, 'me', CORRECTED)))).toEqual(
            [],
          )
        },
      ),
      { numRuns: 1500 },
    )
  })

  it.each<[string, (i: number) => string, string]>([
    ['programs', (i) => `runs:prog${i} verb`, 'prog7 verb x'],
    ['words of one program', (i) => `runs:file write folder${i}/`, 'file write folder7/ folder7/a'],
    [
      'hosts',
      (i) => `runs:net https://h${i}.test GET`,
      'net https://h7.test GET https://h7.test/a',
    ],
  ])('has few candidates among ten thousand %s', (_, value, command) => {
    const book = new IndexedBook(
      Array.from(
        { length: 10_000 },
        (__, i) =>
          [
            `r${i}`,
            newRule({
              id: `r${i}`,
              trigger: ['task_type:exec', value(i)],
              status: 'confirmed',
              policy_decision: 'auto_execute',
            }),
          ] as const,
      ),
    )
    const met = book
      .candidates(contextOf({ task_type: 'exec', command }, '', CORRECTED))
      .map(({ id }) => id)
    expect(met).toContain('r7')
    expect(met.length).toBeLessThanOrEqual(2)
  })
})

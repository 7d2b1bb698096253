import { afterEach, expect, it } from 'vitest'
import { join } from 'node:path'
import { readHabits, HOUR_MS } from '../../../../src/domain/rules/budget/habits.ts'
import { nouns } from '../../../../src/commands/registry.ts'
import { ensureTables } from '../../../../src/journal/tables/tables.ts'
import { openStore } from '../../../../src/store/open.ts'
import { tempFolder } from '../../../support/journal.ts'

const cleanups: (() => unknown)[] = []
afterEach(async () => {
  for (const act of cleanups.splice(0).toReversed()) await act()
})

const NOW = 1000 * 24 * HOUR_MS

function asked(
  rows: {
    askedAt: number
    state?: string
    target?: string
    risk?: number
    edited?: object
    outcome?: object
  }[],
) {
  const store = openStore(
    join(
      tempFolder((act) => cleanups.push(act)),
      'deck.db',
    ),
  )
  cleanups.push(() => store.close())
  ensureTables(store, nouns)
  const put = store.prepare('INSERT INTO approval (id, row) VALUES (?, ?)')
  store.transaction(() =>
    rows.forEach(({ askedAt, state = 'allowed', target = 'make', risk = 10, edited, outcome }, i) =>
      put.run(
        `apr_${String(i).padStart(6, '0')}`,
        JSON.stringify({
          id: `apr_${String(i).padStart(6, '0')}`,
          agent: 'a1',
          action: { type: 'exec', target },
          risk: { score: risk, factors: [] },
          fingerprint: target,
          askedAt,
          state,
          edited: edited ?? null,
          outcome: outcome ?? null,
        }),
      ),
    ),
  )()
  return readHabits(store, NOW)
}

it('counts each question once, however many were asked in the same moment', async () => {
  const past = await asked(
    Array.from({ length: 750 }, (_, i) => ({ askedAt: NOW - (i < 500 ? 5 : i) })),
  )
  expect(past).toMatchObject({
    questions: 750,
    hours: 1,
    habits: [{ times: 750, allowed: 750, approval: 'apr_000499' }],
  })
})

it('looks back 30 days, and at the latest 20,000', async () => {
  expect(
    await asked([
      { askedAt: NOW },
      { askedAt: NOW - 31 * 24 * HOUR_MS },
      { askedAt: NOW - 29 * 24 * HOUR_MS },
    ]),
  ).toMatchObject({ questions: 2, hours: 2 })
  expect(
    (await asked(Array.from({ length: 20_150 }, (_, i) => ({ askedAt: NOW - i })))).questions,
  ).toBe(20_000)
})

it('tells what became of them, and keeps the highest risk', async () => {
  const { habits } = await asked([
    { askedAt: NOW - 6 },
    { askedAt: NOW - 5, state: 'denied' },
    { askedAt: NOW - 4, state: 'expired' },
    { askedAt: NOW - 3, state: 'pending' },
    { askedAt: NOW - 2, edited: { target: 'other' } },
    { askedAt: NOW - 1, outcome: { result: 'failure' }, risk: 80 },
    { askedAt: NOW, target: 'other' },
  ])
  expect(habits.map((habit) => ({ ...habit, byHour: undefined }))).toMatchObject([
    { action: { target: 'other' }, times: 1, allowed: 1 },
    {
      times: 6,
      allowed: 2,
      denied: 1,
      expired: 1,
      edited: 1,
      failed: 1,
      approval: 'apr_000005',
      pending: 'apr_000003',
      risk: { score: 80 },
    },
  ])
})

import { expect, it } from 'vitest'
import { printAnswer } from '../../../../src/doors/cli/print/answers.ts'
import type { PackRow } from '../../../../src/domain/policy/packs/types.ts'
import type { BudgetReport } from '../../../../src/domain/rules/budget/types.ts'
import { findFace } from '../../../../src/commands/registry.ts'

const faceOf = (id: string) => findFace(id) ?? expect.fail(id)

const page = { paint: (_: string, text: string) => text, now: 0 }
const widest = (text: string) => Math.max(...text.split('\n').map((line) => [...line].length))

const pack = (over: Partial<PackRow>): PackRow => ({
  name: 'git-safety',
  about:
    'No rewriting of shared history; asks before local work is lost, before hooks are skipped, and before git runs something.',
  policies: 14,
  tests: 76,
  enabled: false,
  origin: 'built-in',
  path: '/x',
  problem: null,
  ...over,
})
const report = (over: Partial<BudgetReport>): BudgetReport => ({
  perHour: 4,
  now: 9,
  usual: 7.25,
  hours: 40,
  questions: 290,
  today: 6.5,
  proposals: [],
  after: 6.5,
  rest: [],
  ...over,
})
const past = [
  {
    target: 'npm run build -- --with a --very long --list of --options',
    times: 160,
    allowed: 158,
    denied: 0,
    expired: 2,
  },
  ...Array.from({ length: 19 }, (_, i) => ({
    target: `npm run x${i}`,
    times: 1,
    allowed: 1,
    denied: 0,
    expired: 0,
  })),
]
const proposals: BudgetReport['proposals'] = [
  {
    kind: 'rule',
    text: 'a rule for 7 days: every npm run, of a-rather-long-agent-name',
    width: 'kind',
    agent: 'a1',
    approval: 'apr_0123456789',
    saves: 3.25,
    past,
    more: 7,
    command: 'clawdeck policy propose apr_0123456789 --width kind --days 7',
  },
  {
    kind: 'lease',
    text: 'a lease for 8 hours, when it is asked next: exactly make check, of a1, which a policy of yours asks about',
    width: 'exact',
    agent: 'a1',
    approval: '',
    saves: 1,
    past: [],
    more: 0,
    command: 'clawdeck approvals allow apr_… --uses 32 --minutes 480',
  },
]

it('lists packs in 80 columns, with the reason of a refused one', () => {
  const text = printAnswer(
    faceOf('pack.list'),
    [
      pack({ enabled: true }),
      pack({
        name: 'mine',
        origin: 'yours',
        problem:
          '/deck/policies/mine.yaml:6:40: tests.0.expect: the case exec `make deploy` should be block and is not answered',
      }),
    ],
    page,
  )
  expect(text).toContain('git-safety  enabled · 14 policies · 76 cases · built-in\n')
  expect(text).toContain('mine  refused · yours\n')
  expect(text.replaceAll(/\s+/g, ' ')).toContain('should be block and is not answered')
  expect(widest(text)).toBeLessThanOrEqual(80)
  expect(printAnswer(faceOf('pack.list'), [], page)).toBe('There are no packs.\n')
})

it('shows the usual rate, proposals with examples and commands, and the rest', () => {
  const text = printAnswer(
    faceOf('budget.set'),
    report({
      proposals,
      after: 2.25,
      rest: [{ because: 'the lock demands approval', perHour: 2.25 }],
    }),
    page,
  )
  expect(text).toMatch(
    /^budget {5}at most 4 an hour\nlast hour {2}9, over the budget\nusual {6}7\.3 an hour, in 40 hours with 290 approvals\ntoday {6}6\.5 an hour of these would still need approval\n/,
  )
  expect(text).toContain('reduce it to 2.3 an hour')
  expect(text).toContain(' 1. saves 3.3 an hour: a rule for 7 days: every npm run')
  expect(text).toContain('160×  npm run build')
  expect(text).toContain('(allowed 158, expired 2)')
  expect(text).toContain('and 24 more')
  expect(text).toContain('    clawdeck policy propose apr_0123456789 --width kind --days 7\n')
  expect(text).toContain('2.3 an hour: the lock demands approval')
  expect(widest(text)).toBeLessThanOrEqual(80)
})

it('reports a budget that is met, or cannot be met', () => {
  expect(printAnswer(faceOf('budget.set'), report({ today: 3 }), page)).toContain(
    'within the budget',
  )
  expect(printAnswer(faceOf('budget.set'), report({}), page)).toContain('nothing to suggest')
  expect(
    printAnswer(faceOf('budget.set'), report({ perHour: null, questions: 0 }), page),
  ).toContain('no approvals yet')
})

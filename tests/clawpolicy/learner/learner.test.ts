import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { CORRECTED, ORIGINAL } from '../../../src/clawpolicy/corrections.ts'
import {
  HISTORY_TECHNOLOGIES,
  gitLogArguments,
  summarizeHistory,
  type GitHistory,
} from '../../../src/clawpolicy/learner/history.ts'
import { preferencesJson, weakPreferences } from '../../../src/clawpolicy/learner/preferences.ts'
import { strongEvidence } from '../../../src/clawpolicy/learner/strong.ts'
import { writeJson } from '../../../src/clawpolicy/files/json.ts'
import { rehashed } from '../../../src/clawpolicy/files/records.ts'
import { AUTO } from '../../../src/clawpolicy/types.ts'
import { seeded } from '../../support/random.ts'
import { parseGitLog, withHint } from '../parts.ts'

const HASH = 'a'.repeat(40)
const log = (...commits: string[][]) =>
  commits.map((files) => [`${HASH}|Do | things|Ada`, ...files].join('\n')).join('\n\n')
const history = (...commits: string[][]): GitHistory =>
  summarizeHistory(parseGitLog(log(...commits), ORIGINAL))
const counts = (given: Partial<GitHistory['technologies']>) =>
  ({
    ...Object.fromEntries(HISTORY_TECHNOLOGIES.map((name) => [name, 0])),
    ...given,
  }) as GitHistory['technologies']

describe('reading a history', () => {
  test('commits with their files', () => {
    expect(parseGitLog(`stray.py\n${log(['a.py', '  b.ts '], [])}\n`, ORIGINAL)).toEqual([
      { hash: HASH, subject: 'Do | things', author: 'Ada', files: ['a.py', 'b.ts'] },
      { hash: HASH, subject: 'Do | things', author: 'Ada', files: [] },
    ])
  })

  test('real output of git', () => {
    const folder = mkdtempSync(join(tmpdir(), 'history-'))
    try {
      const git = (...words: string[]) =>
        execFileSync(
          'git',
          ['-C', folder, '-c', 'user.name=Ada', '-c', 'user.email=ada@example.org', ...words],
          { encoding: 'utf8' },
        )
      git('init', '-q')
      for (const name of ['one.py', 'test_one.py']) {
        writeFileSync(join(folder, name), '')
        git('add', name)
        git('commit', '-q', '-m', `Add ${name} | really`)
      }
      const commits = parseGitLog(git(...gitLogArguments(10)), CORRECTED)
      expect(commits.map(({ subject, author, files }) => [subject, author, files])).toEqual([
        ['Add test_one.py | really', 'Ada', ['test_one.py']],
        ['Add one.py | really', 'Ada', ['one.py']],
      ])
    } finally {
      rmSync(folder, { recursive: true })
    }
  })

  test('commits-have-hashes: a file with a bar in its name', () => {
    const text = log(['a|b.py'])
    expect(parseGitLog(text, ORIGINAL).map(({ files }) => files)).toEqual([[], []])
    expect(parseGitLog(text, CORRECTED).map(({ files }) => files)).toEqual([['a|b.py']])
  })

  const signs: [string, Partial<GitHistory['technologies']>][] = [
    ['src/a.py', { python: 1 }],
    ['a.pyc', {}],
    ['a.js', { javascript: 1 }],
    ['a.jsx', { react: 1 }],
    ['a.ts', { typescript: 1 }],
    ['React/a.tsx', { typescript: 1, react: 1 }],
    ['a.vue', { vue: 1 }],
    ['web/package.json', { node: 1 }],
    ['fastapi/main.py', { python: 1, fastapi: 1 }],
    ['a.mjs', {}],
    ['README', {}],
  ]
  test.each(signs)('%s speaks for %j', (path, found) =>
    expect(history([path]).technologies).toEqual(counts(found)),
  )

  const ratios: [string, number, number, boolean, number | undefined][] = [
    ['no commit', 0, 0, false, undefined],
    ['three of ten', 3, 10, false, undefined],
    ['four of ten', 4, 10, true, 0.4],
    ['all', 2, 2, true, 1],
  ]
  test.each(ratios)('%s with tests', (...[, tested, all, testFirst, testRatio]) => {
    expect(
      history(...Array.from({ length: all }, (__, i) => [i < tested ? 'Tests/x' : 'src/x'])),
    ).toMatchObject({ commits: all, testFirst, testRatio })
  })

  test.each([
    [0, 0.3],
    [9, 0.3],
    [10, 0.7],
    [49, 0.7],
    [50, 0.95],
  ])('%i signs give confidence %d', (many, confidence) => {
    expect(history(Array.from({ length: many }, (_, i) => `${i}.py`)).confidence).toBe(confidence)
  })

  test('any text is read', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('|', '\n', 'a', '.', 'p', 'y', ' ') }),
        (text) => {
          const commits = parseGitLog(text, ORIGINAL)
          expect(commits.length).toBe(text.split('\n').filter((line) => line.includes('|')).length)
          expect(summarizeHistory(commits).testRatio ?? 1).toBeGreaterThan(0.3)
        },
      ),
    )
  })
})

describe('weak preferences', () => {
  test('the most frequent, those that occurred in numbers', () => {
    const { technology } = weakPreferences({ technologies: counts({ typescript: 15, node: 1 }) })
    expect(technology).toEqual({
      primary: 'typescript',
      secondary: 'node',
      tertiary: 'python',
      stats: { typescript: { count: 15, percentage: 93.8 }, node: { count: 1, percentage: 6.2 } },
      total_samples: 16,
    })
  })

  test('at most five in numbers', () => {
    const { technology } = weakPreferences({
      technologies: counts({
        python: 1,
        javascript: 2,
        typescript: 3,
        react: 4,
        vue: 5,
        fastapi: 6,
      }),
    })
    expect([Object.keys(technology.stats), technology.total_samples]).toEqual([
      ['fastapi', 'vue', 'react', 'typescript', 'javascript'],
      21,
    ])
  })

  test('nothing known', () => {
    const known = weakPreferences({})
    expect([
      known.technology.primary,
      known.technology.stats,
      known.workflow.test_ratio,
      known.metadata,
    ]).toEqual([
      'unknown',
      {},
      0,
      {
        last_updated: 'unknown',
        confidence: 0.5,
        data_source: 'git_history',
        strength: 'weak_hint',
      },
    ])
    expect(writeJson(preferencesJson(known))).toContain(
      '"confidence": 0.5, "data_source": "git_history"',
    )
  })

  test.each([
    [0.51, 'quality_focused'],
    [0.5, 'balanced'],
    [0.2, 'balanced'],
    [0.19, 'speed_focused'],
  ])('test ratio %d is %s', (testRatio, level) => {
    expect(weakPreferences({ testRatio }).workflow).toMatchObject({
      test_ratio: testRatio,
      automation_level: level,
      signal_strength: 'weak_hint',
    })
  })
})

describe('the hint', () => {
  const good = weakPreferences({ testRatio: 0.4, confidence: 0.95 })

  test('is weak, bound to its repository, and needs all keywords', () => {
    const { hint } = withHint(new Map(), good, {
      repository: '/r',
      random: () => 0.12345,
      now: 0,
      corrections: ORIGINAL,
    })
    expect(hint).toMatchObject({
      id: 'hint_git_history_workflow_1234',
      trigger: ['task_type:T1', 'keyword:test', 'keyword:lint', 'keyword:build'],
      category: 'optimize',
      confidence: 0.5,
      status: 'hint',
      evidence_count: 1,
      source_type: 'git_history',
      scope: 'project',
      scope_key: '/r',
      policy_decision: AUTO,
    })
    expect(hint).toEqual(rehashed(hint))
  })

  test('decides nothing without tests, and is global without a repository', () => {
    const { hint } = withHint(new Map(), weakPreferences({ confidence: 0.3 }), {
      repository: '',
      random: () => 0,
      now: 0,
      corrections: ORIGINAL,
    })
    expect(hint).toMatchObject({
      id: 'hint_git_history_workflow_0',
      policy_decision: '',
      scope: 'global',
      scope_key: '',
      confidence: 0.3,
    })
  })

  test('one-hint: analysing again adds another hint, or updates it', () => {
    const twice = (corrections: typeof CORRECTED) => {
      const options = { repository: '/r', random: seeded(1), now: 0, corrections }
      const { rules, hint } = withHint(new Map(), good, options)
      return withHint(
        rules.set(hint.id, { ...hint, status: 'candidate', evidence_count: 7 }),
        weakPreferences({}),
        options,
      ).rules
    }
    expect(twice(ORIGINAL).size).toBe(2)
    expect([...twice(CORRECTED).values()]).toEqual([
      expect.objectContaining({ status: 'candidate', evidence_count: 7, policy_decision: '' }),
    ])
  })
})

test('strong evidence is counted', () => {
  const outcome = {
    at: '',
    decision: AUTO,
    override: '',
    result: 'success',
    confirmed: false,
    rules: [],
  }
  expect(
    strongEvidence([
      outcome,
      { ...outcome, override: 'prefer_auto_execute' },
      { ...outcome, override: 'forced_auto_execute', decision: '' },
      { ...outcome, result: 'rollback' },
      { ...outcome, result: 'failure', override: 'blocked_auto_execute' },
      { ...outcome, result: 'cancel', override: 'prefer_confirmation' },
    ]),
  ).toEqual({
    explicit_user_corrections: 2,
    accepted_auto_executes: 2,
    rollback_failures: 1,
    repeated_failures: 1,
    override_against_rule: 2,
    sample_size: 6,
    source: 'policy_events',
  })
})

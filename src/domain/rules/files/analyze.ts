import { execFile } from 'node:child_process'
import { canonical } from '../../../base/canonical.ts'
import { errno, Fault } from '../../../base/fault.ts'
import { count, plain } from '../../../base/text.ts'
import { HintLearner } from '../../../clawpolicy/learner/hint.ts'
import {
  GIT_LOG_LIMIT,
  GitLogParser,
  gitLogArguments,
  summarizeHistory,
} from '../../../clawpolicy/learner/history.ts'
import { weakPreferences, type Preferences } from '../../../clawpolicy/learner/preferences.ts'
import { isoTimestamp } from '../../../clawpolicy/times.ts'
import type { Rule } from '../../../clawpolicy/types.ts'
import { LEARNER } from '../learning/renewal.ts'
import { toRule, toStored } from '../stored.ts'
import type { RuleRecord } from '../types.ts'
import { importDraft } from './import-draft.ts'
import type { RuleFileParts } from './parts.ts'
import type { ImportReport } from './types.ts'

/** Bytes of history. */
const MAX_OUTPUT = 32 << 20

/**
 * The repository's configuration is not trusted: it must not start a program (hooks, file system
 * monitors, pagers, signature checks, transports), and a partial clone must not fetch what it
 * lacks.
 */
const GIT_OPTIONS = [
  '-c',
  'core.fsmonitor=false',
  '-c',
  'core.hooksPath=/dev/null',
  '-c',
  'log.showSignature=false',
  '-c',
  'protocol.allow=never',
  '--no-optional-locks',
  '--no-pager',
  '--no-replace-objects',
]
const LOG_OPTIONS = ['--no-show-signature', '--no-ext-diff', '--no-textconv', '--no-color', '--']

/**
 * Learns a weak hint from a repository's history. A hint decides nothing and can never be
 * confirmed. Faults: `not.found`, `not.possible`.
 */
export async function analyzeRepository(
  { learning, journal, clock }: RuleFileParts,
  { path, commits }: { path: string; commits: number },
  actor: string,
): Promise<ImportReport> {
  await learning.usable()
  const log = new GitLogParser().parse(await gitLog(path, commits))
  const preferences = weakPreferences(summarizeHistory(log), isoTimestamp(clock.now() * 1000))
  const rules = { made: 0, changed: 0, same: 0, kept: 0 }
  await journal.append(() => {
    const all = [...learning.book.all()].filter(({ rule }) => rule.source_type === 'git_history')
    const { hint } = new HintLearner().withHint(
      new Map(all.map((kept): [string, Rule] => [kept.rule.id, toRule(kept)])),
      preferences,
      { repository: path, random: Math.random, now: clock.now() * 1000 },
    )
    const before = learning.book.get(hint.id)
    const stored = toStored(hint, before ?? { expiresAt: null, by: LEARNER })
    if (before !== undefined && sameRule(before, hint)) {
      rules.same++
      return []
    }
    if (before === undefined) rules.made++
    else rules.changed++
    return [importDraft(actor, { stored, before, because: 'git history' })]
  })
  return {
    source: path,
    found: [`git history: ${count(log.length, 'commit')}`],
    dryRun: false,
    rules,
    playbooks: 0,
    events: 0,
    candidates: [],
    conflicts: [],
    notes: describe(preferences),
  }
}

function sameRule(before: RuleRecord, hint: Rule): boolean {
  return canonical(before.rule) === canonical(toStored(hint, before).rule)
}

function describe({ technology, workflow, metadata }: Preferences): string[] {
  const others = [technology.secondary, technology.tertiary].filter(
    (name) => name !== undefined && Object.hasOwn(technology.stats, name),
  )
  return [
    `primary technology: ${technology.primary}${others.length === 0 ? '' : `, then ${others.join(', ')}`}`,
    `work with tests: ${workflow.test_driven ? `${Math.round(workflow.test_ratio * 100)} % of the commits` : 'rarely'}`,
    `automation preference: ${workflow.automation_level.replace('_', ' ')}`,
    `confidence: ${Math.round(metadata.confidence * 100)} %`,
    'This is a weak hint: it decides nothing and cannot be confirmed.',
  ]
}

/** The output of `git log` in the format that the learner reads. */
function gitLog(path: string, commits: number): Promise<string> {
  const [command = '', ...rest] = gitLogArguments(commits)
  const env = {
    PATH: process.env['PATH'] ?? '',
    LC_ALL: 'C',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_TERMINAL_PROMPT: '0',
    GIT_NO_LAZY_FETCH: '1',
    GIT_ALLOW_PROTOCOL: '',
    GIT_OPTIONAL_LOCKS: '0',
    GIT_ATTR_NOSYSTEM: '1',
  }
  return new Promise((resolve, reject) => {
    const child = execFile(
      'git',
      [...GIT_OPTIONS, '-C', path, command, ...rest, ...LOG_OPTIONS],
      {
        env,
        cwd: '/',
        timeout: GIT_LOG_LIMIT,
        killSignal: 'SIGKILL',
        maxBuffer: MAX_OUTPUT,
        encoding: 'utf8',
      },
      (error, stdout, stderr) => {
        if (error === null) resolve(stdout)
        else reject(gitFault(path, error, stderr))
      },
    )
    child.stdin?.end()
  })
}

function gitFault(path: string, error: Error & { killed?: boolean }, stderr: string): Fault {
  const where = plain(path)
  if (errno(error) === 'ENOENT')
    return new Fault('not.possible', 'git is not installed on this machine', {
      cause: error,
      hint: 'Install git: it is needed to read the history of a repository.',
    })
  if (errno(error) === 'ERR_CHILD_PROCESS_STDIO_MAXBUFFER')
    return new Fault(
      'not.possible',
      `the history of ${where} is longer than ${MAX_OUTPUT >> 20} MiB`,
      { cause: error, hint: 'Read fewer commits: --commits 100' },
    )
  if (error.killed === true)
    return new Fault(
      'not.possible',
      `git took more than ${GIT_LOG_LIMIT / 1000} s to read the history of ${where}`,
      { cause: error, hint: 'Read fewer commits: --commits 100' },
    )
  const why = plain(stderr.trim().split('\n')[0] ?? '', 300)
  if (/does not have any commits yet/.test(stderr))
    return new Fault('not.possible', `${where} has no commits yet`, { cause: error })
  return new Fault(
    /not a git repository|No such file|cannot change to/.test(stderr)
      ? 'not.found'
      : 'not.possible',
    `${where} cannot be read as a git repository: ${why}`,
    { cause: error, hint: 'Give the folder of a git repository that you own.' },
  )
}

import { sha256 } from '../../base/canonical.ts'
import type { Corrections } from '../corrections.ts'
import { newRule, rehashed, revised } from '../files/records.ts'
import { AUTO, type Rule } from '../types.ts'
import type { Preferences } from './preferences.ts'

const STEM = 'hint_git_history_workflow_'
const TRUSTED_TESTS = 0.3
/** A hint is never surer than this. */
const MOST = 0.5

export interface HintOptions {
  /** Absolute path of the repository; empty is none. */
  repository: string
  /** Numbers in [0, 1). */
  random: () => number
  corrections: Pick<Corrections, 'one-hint'>
}

/** The rules with one more hint: how work that is tested, linted and built is likely to be wanted. It can never be confirmed. */
export function withHint(
  rules: ReadonlyMap<string, Rule>,
  preferences: Preferences,
  options: HintOptions,
): { rules: Map<string, Rule>; hint: Rule } {
  const { repository, random, corrections } = options
  const id =
    STEM +
    (corrections['one-hint']
      ? sha256(repository).slice(0, 10)
      : String(Math.floor(random() * 10_000)))
  const before = corrections['one-hint'] ? rules.get(id) : undefined
  const said = {
    confidence: Math.min(MOST, preferences.metadata.confidence),
    policy_decision: preferences.workflow.test_ratio >= TRUSTED_TESTS ? AUTO : '',
  } as const
  const hint = before === undefined ? fresh(id, repository, said) : rehashed(revised(before, said))
  return { rules: new Map(rules).set(id, hint), hint }
}

function fresh(
  id: string,
  repository: string,
  said: Pick<Rule, 'confidence' | 'policy_decision'>,
): Rule {
  return newRule({
    id,
    ...said,
    summary: 'Verification workflow seen in the history',
    category: 'optimize',
    trigger: ['task_type:T1', 'keyword:test', 'keyword:lint', 'keyword:build'],
    strategy: 'Tasks that test, lint and build follow the habits of this repository',
    status: 'hint',
    evidence_count: 1,
    source_type: 'git_history',
    scope: repository === '' ? 'global' : 'project',
    scope_key: repository,
  })
}

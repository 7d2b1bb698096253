import { sha256 } from '../../base/canonical.ts'
import { CORRECTED, type Corrections } from '../corrections.ts'
import { newRule, rehashed, revised } from '../files/records.ts'
import { isoTimestamp } from '../times.ts'
import { AUTO, type Rule } from '../types.ts'
import type { Preferences } from './preferences.ts'

const ID_PREFIX = 'hint_git_history_workflow_'
/** The share of commits with tests from which a hint allows. */
const TRUSTED_TEST_RATIO = 0.3
const MAX_CONFIDENCE = 0.5

export interface HintOptions {
  /** Absolute path of the repository; empty for none. */
  repository: string
  /** Numbers in [0, 1). */
  random: () => number
  /** Microseconds since 1970. */
  now: number
}

/** Turns preferences of a repository's history into a hint rule. It can never be confirmed. */
export class HintLearner {
  readonly #oneHint: boolean

  constructor(corrections: Corrections = CORRECTED) {
    this.#oneHint = corrections['one-hint']
  }

  /**
   * The rules with the hint, which is a new one or, where that is corrected, the known one of the
   * repository.
   */
  withHint(
    rules: ReadonlyMap<string, Rule>,
    preferences: Preferences,
    { repository, random, now }: HintOptions,
  ): { rules: Map<string, Rule>; hint: Rule } {
    const suffix = this.#oneHint
      ? sha256(repository).slice(0, 10)
      : String(Math.floor(random() * 10_000))
    const id = ID_PREFIX + suffix
    const before = rules.get(id)
    const learned = {
      confidence: Math.min(MAX_CONFIDENCE, preferences.metadata.confidence),
      policy_decision: preferences.workflow.test_ratio >= TRUSTED_TEST_RATIO ? AUTO : '',
    } as const
    const last_seen_at = isoTimestamp(now)
    const hint =
      before === undefined || !(this.#oneHint || IN_USE.has(before.status))
        ? newHint(id, repository, { ...learned, last_seen_at })
        : this.#renewed(before, learned, last_seen_at)
    return { rules: new Map(rules).set(id, hint), hint }
  }

  /** The original leaves a rule in use as it is. An analysis that finds the same renews nothing. */
  #renewed(before: Rule, learned: Learned, last_seen_at: string): Rule {
    const same =
      before.confidence === learned.confidence && before.policy_decision === learned.policy_decision
    if (!this.#oneHint || same) return before
    return rehashed(revised(before, { ...learned, last_seen_at }))
  }
}

type Learned = Pick<Rule, 'confidence' | 'policy_decision'>

const IN_USE: ReadonlySet<string> = new Set(['candidate', 'confirmed'])

function newHint(
  id: string,
  repository: string,
  learned: Learned & Pick<Rule, 'last_seen_at'>,
): Rule {
  return newRule({
    id,
    ...learned,
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

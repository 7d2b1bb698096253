import { setImmediate } from 'node:timers/promises'
import { Fault } from '../../../base/fault.ts'
import type { ApiAuthor } from '../guard/service.ts'
import { rowId } from '../ids.ts'
import type { LedgerReader } from '../ledger/read.ts'
import type { RecordedAction } from '../ledger/types.ts'
import type { RecordStore } from '../records/service.ts'
import { required } from '../refusals.ts'
import { meanOrNull } from '../statistics.ts'
import { DAY } from '../times.ts'
import {
  EVALUATION_RUN_LIMIT,
  readScorer,
  scoreAction,
  scoreDistribution,
  type ReadScorer,
  type ScorerSettings,
} from './rules.ts'

/** A scorer as it is stored. */
export interface ScorerRow {
  id: string
  org_id: string
  name: string
  scorer_type: string
  config: Readonly<Record<string, unknown>> | null
  description: string | null
  created_at: string
  updated_at: string
}

/** An evaluation of an action, by somebody or by a scorer in a run. */
export interface ScoredEvaluation {
  id: string
  org_id: string
  action_id: string
  agent_id: string | null
  scorer_name: string
  score: number
  label: string | null
  reasoning: string | null
  evaluated_by: string
  metadata: unknown
  run_id: string | null
  created_at: string
}

/** Which actions a run scores. */
export interface RunFilters {
  agent_id?: string | undefined
  action_type?: string | undefined
  status?: string | undefined
  days?: number | undefined
}

/** What was scored together. */
export interface EvaluationRun {
  id: string
  org_id: string
  name: string
  scorer_id: string
  scorer_name: string
  status: 'completed'
  action_filters: RunFilters
  total_actions: number
  scored: number
  avg_score: number | null
  distribution: ReturnType<typeof scoreDistribution>
  created_at: string
  completed_at: string
}

/** A scorer that needs no model. */
type Scoring = Exclude<ScorerSettings, { type: 'llm_judge' }>

interface Score {
  action: RecordedAction
  score: number
  label: string
}

/** How long actions are scored before others get their turn. */
const AT_ONCE_MS = 10

/** Scores actions by scorers. */
export class Evaluations {
  readonly #parts: { records: RecordStore; actions: LedgerReader }

  constructor(parts: { records: RecordStore; actions: LedgerReader }) {
    this.#parts = parts
  }

  /** Fault `input.invalid`: why a scorer cannot be used. */
  async check(type: string, config: ScorerRow['config']): Promise<void> {
    await this.#settings(type, config)
  }

  /**
   * Scores the newest actions that a run asks for, and writes all scores and the run at once: a run
   * is never seen half done. Faults: `not.found`, `input.invalid`.
   */
  async run(
    author: ApiAuthor,
    asked: { name: string; scorer_id: string; action_filters: RunFilters },
    now: number,
  ): Promise<EvaluationRun> {
    const { records, actions } = this.#parts
    const { org, actor } = author
    const scorer = required(
      records.get<ScorerRow>(org, 'scorer', asked.scorer_id),
      `Scorer ${asked.scorer_id}`,
    )
    const settings = await this.#settings(scorer.scorer_type, scorer.config)
    const { days, agent_id: agent, action_type: type, status } = asked.action_filters
    const found = actions.list(org, {
      agent,
      type,
      status,
      from: days === undefined ? undefined : now - days * DAY,
      limit: EVALUATION_RUN_LIMIT,
    })
    const scores = await scoreAll(settings, found)
    const values = scores.map(({ score }) => score)
    return records.write({ org, actor, subject: '' }, (changes) => {
      const id = rowId('er')
      for (const each of scores) {
        const evaluation = evaluationRow(each, { org, scorer, run: id, at: changes.now })
        changes.make('evaluation', evaluation.id, evaluation)
      }
      const run: EvaluationRun = {
        id,
        org_id: org,
        name: asked.name,
        scorer_id: scorer.id,
        scorer_name: scorer.name,
        status: 'completed',
        action_filters: asked.action_filters,
        total_actions: found.length,
        scored: scores.length,
        avg_score: meanOrNull(values, 4),
        distribution: scoreDistribution(values),
        created_at: new Date(now).toISOString(),
        completed_at: changes.now,
      }
      changes.make('evaluation_run', id, run)
      return run
    })
  }

  async #settings(type: string, config: ScorerRow['config']): Promise<Scoring> {
    const read = await scorerOf(type, config)
    if ('problem' in read) throw new Fault('input.invalid', read.problem)
    if (read.settings.type === 'llm_judge')
      throw new Fault('input.invalid', 'llm_judge needs a model, and the deck has none', {
        hint: 'Use regex, contains or numeric_range, or report scores with POST /evaluations.',
      })
    return read.settings
  }
}

/** Reads a scorer. The engine for patterns is loaded when the first one is read. */
async function scorerOf(type: string, config: ScorerRow['config']): Promise<ReadScorer> {
  const { RE2JS } = await import('re2js')
  return readScorer(type, config, RE2JS)
}

/** Actions that have no such value are left out. */
async function scoreAll(settings: Scoring, actions: readonly RecordedAction[]): Promise<Score[]> {
  const scores: Score[] = []
  let since = performance.now()
  for (const action of actions) {
    if (performance.now() - since > AT_ONCE_MS) {
      await setImmediate()
      since = performance.now()
    }
    const scored = scoreAction(settings, { ...action })
    if (scored !== null) scores.push({ action, ...scored })
  }
  return scores
}

function evaluationRow(
  { action, score, label }: Score,
  { org, scorer, run, at }: { org: string; scorer: ScorerRow; run: string; at: string },
): ScoredEvaluation {
  return {
    id: rowId('ev'),
    org_id: org,
    action_id: action.action_id,
    agent_id: action.agent_id,
    scorer_name: scorer.name,
    score,
    label,
    reasoning: null,
    evaluated_by: `scorer:${scorer.id}`,
    metadata: null,
    run_id: run,
    created_at: at,
  }
}

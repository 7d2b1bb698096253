import { route, type NoFields, type JsonRecord } from '../core/route.ts'
import type { DeletedAnswer } from './rows.ts'

/** Evaluations and feedback. */
export const evaluationRoutes = {
  /** Scores an action from 0 to 1. */
  createScore: route<
    {
      action_id: string
      scorer_name: string
      score: number
      label?: string
      reasoning?: string
      evaluated_by?: string
      metadata?: object
    },
    { id: string; action_id: string; scorer_name: string; score: number }
  >()('POST evaluations', 'action_id scorer_name score:number'),
  /** Scores of actions. */
  getScores: route<
    {
      action_id?: string
      scorer_name?: string
      evaluated_by?: string
      min_score?: number
      max_score?: number
      agent_id?: string
      limit?: number
      offset?: number
    },
    { scores: JsonRecord[]; total: number }
  >()('GET evaluations'),
  /** Defines a scorer; needs an admin key. Errors: 403; 409 for a name that is taken; 400. */
  createScorer: route<
    { name: string; scorer_type: string; config?: object; description?: string },
    { id: string; name: string; scorer_type: string; warning?: string }
  >()('POST evaluations/scorers', 'name scorer_type config:object? description?'),
  /** All scorers, and whether a model can judge. */
  getScorers: route<NoFields, { scorers: JsonRecord[]; llm_available: boolean }>()(
    'GET evaluations/scorers',
  ),
  /** Changes a scorer. Errors: 404; 400. */
  updateScorer: route<
    { name?: string; scorer_type?: string; config?: object; description?: string },
    JsonRecord
  >()('PATCH evaluations/scorers/:scorer_id'),
  /** Deletes a scorer. Errors: 404. */
  deleteScorer: route<NoFields, DeletedAnswer>()('DELETE evaluations/scorers/:scorer_id'),
  /** Scores recent actions with a scorer. */
  createEvalRun: route<
    { name: string; scorer_id: string; action_filters?: object },
    { id: string; name: string; status?: string }
  >()('POST evaluations/runs', 'name scorer_id action_filters:object?'),
  /** Runs, newest first. */
  getEvalRuns: route<
    { status?: string; limit?: number; offset?: number },
    { runs: JsonRecord[] }
  >()('GET evaluations/runs'),
  /** One run with the distribution of its scores. Errors: 404. */
  getEvalRun: route<
    NoFields,
    {
      run: JsonRecord
      distribution: { bucket: string; count: number; avg_score: number }[]
    }
  >()('GET evaluations/runs/:run_id'),
  /** Scores over all: by scorer, trends, distribution. */
  getEvalStats: route<
    { agent_id?: string; scorer_name?: string; days?: number },
    {
      overall: JsonRecord
      by_scorer: JsonRecord[]
      trends: JsonRecord[]
      distribution: JsonRecord[]
    }
  >()('GET evaluations/stats'),
  /**
   * Records what a person thinks: `rating` from 1 to 5, or a `comment`. Errors: 400 with neither.
   */
  submitFeedback: route<
    {
      rating?: number
      comment?: string
      action_id?: string
      agent_id?: string
      category?: string
      tags?: readonly string[]
      metadata?: object
      source?: string
    },
    { id: string; sentiment: string; tags: string[] }
  >()('POST feedback', '', { fill: () => ({ source: 'sdk' }) }),
  /** Feedback, newest first. */
  listFeedback: route<
    {
      action_id?: string
      agent_id?: string
      category?: string
      sentiment?: string
      resolved?: boolean
      limit?: number
      offset?: number
    },
    { feedback: JsonRecord[]; total: number }
  >()('GET feedback'),
  /** One entry. Errors: 404. */
  getFeedback: route<NoFields, JsonRecord>()('GET feedback/:feedback_id'),
  /** Marks feedback as resolved. Errors: 404. */
  resolveFeedback: route<{ resolved_by?: string }, JsonRecord>()(
    'PATCH feedback/:feedback_id',
    '',
    { fill: () => ({ resolved_by: 'sdk' }) },
  ),
  /** Deletes feedback. Errors: 404. */
  deleteFeedback: route<NoFields, DeletedAnswer>()('DELETE feedback/:feedback_id'),
  /** Feedback over all: by category, by agent, ratings, tags. */
  getFeedbackStats: route<{ agent_id?: string }, JsonRecord>()('GET feedback/stats'),
}

import { route, type NoFields, type JsonRecord } from '../core/route.ts'
import { AS_AGENT, asAgent } from './fill.ts'

/** What past outcomes suggest for actions of one type. */
export interface ActionRecommendation {
  id: string
  agent_id: string
  action_type: string
  sample_size: number
  top_sample_size?: number
  success_rate: number
  avg_score: number
  /** 35 to 95. */
  confidence: number
  hints: {
    preferred_risk_cap?: number | null
    prefer_reversible?: boolean | null
    confidence_floor?: number | null
    expected_duration_ms?: number | null
    expected_cost_estimate?: number | null
  }
  guidance: string | string[] | null
  active: boolean | 0 | 1
}

/** An action with the hints of a recommendation applied. */
export interface AdaptedAction {
  readonly action: JsonRecord
  readonly recommendation: ActionRecommendation | null
  readonly adapted_fields: readonly string[]
}

interface VelocityAnswer {
  velocity: JsonRecord[]
}
interface CurvesAnswer {
  curves: JsonRecord[]
}

/** Decisions, lessons, recommendations and how they change over time. */
export const learningRoutes = {
  /** Writes down a decision to learn from. */
  recordDecision: route<
    {
      decision: string
      agent_id?: string
      context?: unknown
      reasoning?: string
      outcome?: string
      confidence?: number
    },
    { decision: JsonRecord }
  >()('POST learning', 'decision', AS_AGENT),
  /** What was learned for an action type, and warnings of drift. */
  getLessons: route<
    { action_type?: string; limit?: number; agent_id?: string },
    {
      lessons: {
        action_type: string
        confidence: number
        success_rate: number
        hints: JsonRecord
        guidance: string
        sample_size: number
      }[]
      drift_warnings: { metric: string; severity: string; z_score: number; direction: string }[]
      agent_id: string
    }
  >()('GET learning/lessons', '', AS_AGENT),
  /** How fast scores improve, by window. */
  getLearningVelocity: route<
    { lookback_days?: number; agent_id?: string; limit?: number },
    VelocityAnswer
  >()('GET learning/analytics/velocity', 'lookback_days:number?', {
    fill: (identity) => ({ ...asAgent(identity), lookback_days: 30 }),
  }),
  /** Computes velocity anew. */
  computeLearningVelocity: route<
    { agent_id?: string; lookback_days?: number; period?: string },
    { agents_computed: number; results: JsonRecord[] }
  >()('POST learning/analytics/velocity'),
  /** Scores by week for each action type. */
  getLearningCurves: route<
    { lookback_days?: number; agent_id?: string; action_type?: string; limit?: number },
    CurvesAnswer
  >()('GET learning/analytics/curves', 'lookback_days:number?', {
    fill: (identity) => ({ ...asAgent(identity), lookback_days: 60 }),
  }),
  /** Computes curves anew. */
  computeLearningCurves: route<
    { agent_id?: string; lookback_days?: number },
    { curves_computed: number; results: JsonRecord[] }
  >()('POST learning/analytics/curves'),
  /** Learning as a whole: by agent, by action type, velocity, recommendations. */
  getLearningAnalyticsSummary: route<{ agent_id?: string }, JsonRecord>()(
    'GET learning/analytics/summary',
  ),
  /** The levels of maturity and what each needs. */
  getMaturityLevels: route<NoFields, JsonRecord>()('GET learning/analytics/maturity'),
  /**
   * Recommendations for this agent, the most confident first. A fetch is counted unless
   * `track_events` is false.
   */
  getRecommendations: route<
    {
      action_type?: string
      limit?: number
      agent_id?: string
      include_inactive?: boolean
      track_events?: boolean
      include_metrics?: boolean
      lookback_days?: number
    },
    {
      recommendations: ActionRecommendation[]
      metrics?: JsonRecord
      lookback_days: number
      total: number
      lastUpdated: string
    }
  >()('GET learning/recommendations', 'action_type? limit:number?', {
    fill: (identity) => ({ ...asAgent(identity), track_events: true }),
  }),
  /** What recommendations brought: adoption, lift, differences of cost and duration. */
  getRecommendationMetrics: route<
    {
      action_type?: string
      limit?: number
      agent_id?: string
      lookback_days?: number
      include_inactive?: boolean
    },
    { metrics: JsonRecord[]; summary: JsonRecord }
  >()('GET learning/recommendations/metrics', 'action_type? limit:number?', AS_AGENT),
  /** Reports what became of recommendations: one event by name, or a list of up to 100. */
  recordRecommendationEvents: route<
    {
      events?: readonly unknown[]
      event_type?: 'fetched' | 'applied' | 'overridden' | 'outcome'
      recommendation_id?: string
      agent_id?: string
      action_id?: string
      event_key?: string
      details?: object
    },
    { created: unknown[]; created_count: number }
  >()('POST learning/recommendations/events', 'events:list?'),
  /** Switches a recommendation on or off; needs an admin or service key. Errors: 403; 404. */
  setRecommendationActive: route<{ active: boolean }, { recommendation: ActionRecommendation }>()(
    'PATCH learning/recommendations/:recommendation_id',
    'active:flag',
  ),
  /** Computes recommendations anew; needs an admin or service key. Errors: 403. */
  rebuildRecommendations: route<
    {
      action_type?: string
      lookback_days?: number
      min_samples?: number
      episode_limit?: number
      action_id?: string
      agent_id?: string
    },
    {
      scored_episode: unknown
      episodes_scanned: number
      recommendations: ActionRecommendation[]
      total: number
      rebuilt_at: string
    }
  >()('POST learning/recommendations', 'action_type?', AS_AGENT),
}

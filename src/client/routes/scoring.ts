import { route, type NoFields, type JsonRecord } from '../core/route.ts'
import type { DeletedAnswer } from './rows.ts'

interface ScoringDimension {
  id: string
  name: string
  description?: string | null
  weight: number
  data_source: string
  data_config?: JsonRecord | null
  scale?: JsonRecord[] | null
  sort_order?: number
}

interface ScoringProfile {
  id: string
  name: string
  description?: string | null
  action_type: string | null
  composite_method: 'weighted_average' | 'minimum' | 'geometric_mean' | (string & {})
  status: string
  metadata?: JsonRecord | null
  dimensions?: ScoringDimension[] | null
}

interface ProfileScore {
  id: string
  profile_id: string
  profile_name: string
  action_id: string | null
  composite_score: number
  composite_method: string
  dimensions: {
    dimension_id: string
    dimension_name: string
    weight: number
    raw_value: unknown
    score: number | null
    label: string
  }[]
}

interface RiskTemplate {
  id: string
  name: string
  description?: string | null
  action_type: string | null
  base_risk: number
  rules: { condition: string; add: number }[]
  status: string
}

interface ProfileFields {
  description?: string
  action_type?: string
  composite_method?: string
  metadata?: object
  status?: string
}
interface DimensionFields {
  description?: string
  weight?: number
  data_source?: string
  data_config?: object
  scale?: readonly unknown[]
  sort_order?: number
}
interface TemplateFields {
  description?: string
  action_type?: string
  base_risk?: number
  rules?: readonly unknown[]
  status?: string
}
interface ListFields {
  action_type?: string
  status?: string
  limit?: number
  offset?: number
}

/** Scoring profiles, risk templates and their calibration. */
export const scoringRoutes = {
  /** Makes a profile, with `dimensions` if given. Errors: 400. */
  createScoringProfile: route<
    { name: string; dimensions?: readonly unknown[] } & ProfileFields,
    ScoringProfile
  >()('POST scoring/profiles', 'name'),
  /** Profiles with their dimensions; active ones unless `status` is given. */
  listScoringProfiles: route<ListFields, { profiles: ScoringProfile[] }>()('GET scoring/profiles'),
  /** One profile. Errors: 404. */
  getScoringProfile: route<NoFields, ScoringProfile>()('GET scoring/profiles/:profile_id'),
  /** Changes a profile. Errors: 404; 400. */
  updateScoringProfile: route<{ name?: string } & ProfileFields, ScoringProfile>()(
    'PATCH scoring/profiles/:profile_id',
  ),
  /** Deletes a profile with its dimensions. Errors: 404. */
  deleteScoringProfile: route<NoFields, DeletedAnswer>()('DELETE scoring/profiles/:profile_id'),
  /** Adds a dimension to a profile. Errors: 404; 400. */
  addScoringDimension: route<{ name: string } & DimensionFields, ScoringDimension>()(
    'POST scoring/profiles/:profile_id/dimensions',
    'name',
  ),
  /** Changes a dimension. Errors: 404; 400. */
  updateScoringDimension: route<{ name?: string } & DimensionFields, ScoringDimension>()(
    'PATCH scoring/profiles/:profile_id/dimensions/:dimension_id',
  ),
  /** Deletes a dimension. Errors: 404. */
  deleteScoringDimension: route<NoFields, DeletedAnswer>()(
    'DELETE scoring/profiles/:profile_id/dimensions/:dimension_id',
  ),
  /** Scores one action. Errors: 404; 400 when no dimension has a value. */
  scoreWithProfile: route<{ profile_id: string; action: object }, ProfileScore>()(
    'POST scoring/score',
    'profile_id action:object',
  ),
  /** Scores many; what cannot be scored is `{ action_id, error }`. Errors: 404. */
  batchScoreWithProfile: route<
    { profile_id: string; actions: readonly unknown[] },
    {
      results: (ProfileScore | { action_id: string; error: string })[]
      summary: { total: number; scored: number; avg_score: number | null }
    }
  >()('POST scoring/score', 'profile_id actions:list'),
  /** Scores given before. */
  getProfileScores: route<
    { profile_id?: string; agent_id?: string; action_id?: string; limit?: number; offset?: number },
    { scores: ProfileScore[] }
  >()('GET scoring/score'),
  /** Average, range and spread of a profile's scores. */
  getProfileScoreStats: route<
    { profile_id: string },
    {
      total_scores: number
      avg_score: number | null
      min_score: number | null
      max_score: number | null
      stddev_score: number | null
      unique_agents: number
      unique_actions: number
    }
  >()('GET scoring/score', 'profile_id', { fixed: { view: 'stats' } }),
  /** Makes a risk template: `rules` of `{ condition, add }`. Errors: 400. */
  createRiskTemplate: route<{ name: string } & TemplateFields, RiskTemplate>()(
    'POST scoring/risk-templates',
    'name',
  ),
  /** Risk templates. */
  listRiskTemplates: route<ListFields, { templates: RiskTemplate[] }>()(
    'GET scoring/risk-templates',
  ),
  /** Changes a risk template. Errors: 404; 400. */
  updateRiskTemplate: route<{ name?: string } & TemplateFields, RiskTemplate>()(
    'PATCH scoring/risk-templates/:template_id',
  ),
  /** Deletes a risk template. Errors: 404. */
  deleteRiskTemplate: route<NoFields, DeletedAnswer>()(
    'DELETE scoring/risk-templates/:template_id',
  ),
  /** Suggests scales from past actions; `status` is `insufficient_data` below ten of them. */
  autoCalibrate: route<
    {
      action_type?: string
      agent_id?: string
      lookback_days?: number
      metrics?: readonly string[]
    },
    {
      status: 'ok' | 'insufficient_data' | (string & {})
      count: number
      message?: string
      suggestions: JsonRecord[]
    }
  >()('POST scoring/calibrate'),
}

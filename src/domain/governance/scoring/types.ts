export const COMPOSITE_METHODS = ['weighted_average', 'minimum', 'geometric_mean'] as const
export type CompositeMethod = (typeof COMPOSITE_METHODS)[number]

export const DATA_SOURCES = [
  'duration_ms',
  'cost_estimate',
  'tokens_total',
  'risk_score',
  'confidence',
  'eval_score',
  'metadata_field',
  'custom_function',
] as const
export type DataSource = (typeof DATA_SOURCES)[number]

export const SCALE_OPERATORS = ['lt', 'lte', 'gt', 'gte', 'eq', 'between', 'contains'] as const
export type ScaleOperator = (typeof SCALE_OPERATORS)[number]

/** One step of a scale: the score of values that fit. */
export interface ScaleStep {
  label: string
  operator: ScaleOperator
  /** For `between` a list of two, both included. */
  value: unknown
  score: number
}

export interface ScoringDimension {
  id: string
  name: string
  weight: number
  data_source: string
  data_config: Readonly<Record<string, unknown>> | null
  scale: readonly ScaleStep[] | null
}

export interface ScoringProfile {
  id: string
  name: string
  composite_method: CompositeMethod
  dimensions: readonly ScoringDimension[] | null
}

/** An action as a client hands it in for scoring: any fields. */
export type ScoredAction = Readonly<Record<string, unknown>>

export interface DimensionScore extends ScaledValue {
  dimension_id: string
  dimension_name: string
  weight: number
}

/** A value, and what its scale makes of it. */
interface ScaledValue {
  raw_value: unknown
  score: number | null
  label: string
}

export interface ProfileScore {
  profile_id: string
  profile_name: string
  action_id: string | null
  composite_score: number
  composite_method: CompositeMethod
  dimensions: readonly DimensionScore[]
}

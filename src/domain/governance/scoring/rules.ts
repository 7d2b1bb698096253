import { meanOf, roundTo } from '../statistics.ts'
import type {
  CompositeMethod,
  DimensionScore,
  ProfileScore,
  ScaleOperator,
  ScaleStep,
  ScoredAction,
  ScoringDimension,
  ScoringProfile,
} from './types.ts'
import { dimensionValue, numericValue, textValue } from './values.ts'

const UNSCALED = 50

/** The score of a value on a scale: the first step that fits, else the lowest score. */
export function scaleScore(
  scale: readonly ScaleStep[] | null,
  value: unknown,
): { score: number | null; label: string } {
  if (value === undefined || value === null) return { score: null, label: 'no_data' }
  if (scale === null || scale.length === 0) return { score: UNSCALED, label: 'unscaled' }
  const step = scale.find(
    ({ operator, value: limit }) =>
      Object.hasOwn(OPERATORS, operator) && OPERATORS[operator](value, limit),
  )
  if (step !== undefined) return { score: step.score, label: step.label }
  return { score: leastScore(scale), label: 'default' }
}

function leastScore(scored: readonly { score: number }[]): number {
  return scored.reduce((least, { score }) => Math.min(least, score), Infinity)
}

type Comparison = (value: unknown, limit: unknown) => boolean

const OPERATORS: Readonly<Record<ScaleOperator, Comparison>> = {
  lt: (value, limit) => numericValue(value) < numericValue(limit),
  lte: (value, limit) => numericValue(value) <= numericValue(limit),
  gt: (value, limit) => numericValue(value) > numericValue(limit),
  gte: (value, limit) => numericValue(value) >= numericValue(limit),
  eq: (value, limit) => {
    const text = textValue(value)
    return text !== undefined && text === textValue(limit)
  },
  between: (value, limit) => {
    if (!Array.isArray(limit)) return false
    const number = numericValue(value)
    return number >= numericValue(limit[0]) && number <= numericValue(limit[1])
  },
  contains: (value, limit) => {
    const [text, part] = [textValue(value), textValue(limit)]
    if (text === undefined || part === undefined) return false
    return text.toLowerCase().includes(part.toLowerCase())
  },
}

function dimensionScore(dimension: ScoringDimension, action: ScoredAction): DimensionScore {
  const value = dimensionValue(dimension, action)
  return {
    dimension_id: dimension.id,
    dimension_name: dimension.name,
    weight: dimension.weight,
    raw_value: value ?? null,
    ...scaleScore(dimension.scale, value),
  }
}

/** The composite of scored dimensions, or null if none is scored or none has weight. */
export function compositeScore(
  method: CompositeMethod,
  dimensions: readonly Pick<DimensionScore, 'score' | 'weight'>[],
): number | null {
  const scored = dimensions.flatMap(({ score, weight }) =>
    score === null ? [] : [{ score, weight }],
  )
  if (scored.length === 0) return null
  if (method === 'minimum') return leastScore(scored)
  const weights = scored.reduce((sum, { weight }) => sum + weight, 0)
  if (weights <= 0) return null
  if (method === 'weighted_average')
    return roundTo(
      scored.reduce((sum, { score, weight }) => sum + (score * weight) / weights, 0),
      2,
    )
  if (scored.some(({ score }) => score <= 0)) return 0
  return roundTo(
    scored.reduce((product, { score, weight }) => product * score ** (weight / weights), 1),
    2,
  )
}

/** Scores an action by a profile, or says why it cannot. */
export function scoreByProfile(
  profile: ScoringProfile,
  action: ScoredAction,
): ProfileScore | { error: string } {
  const dimensions = (profile.dimensions ?? []).map((each) => dimensionScore(each, action))
  const composite = compositeScore(profile.composite_method, dimensions)
  if (composite === null) return { error: 'No dimension of the profile could be scored' }
  const id = action['action_id'] ?? action['id']
  return {
    profile_id: profile.id,
    profile_name: profile.name,
    action_id: typeof id === 'string' ? id : null,
    composite_score: composite,
    composite_method: profile.composite_method,
    dimensions,
  }
}

export type BatchScore = ProfileScore | { action_id: string | null; error: string }

/** Scores several actions; one that cannot be scored does not fail the others. */
export function scoreBatch(
  profile: ScoringProfile,
  actions: readonly ScoredAction[],
): { results: BatchScore[]; summary: { total: number; scored: number; avg_score: number | null } } {
  const results = actions.map((action): BatchScore => {
    const score = scoreByProfile(profile, action)
    const id = action['action_id'] ?? action['id']
    return 'error' in score ? { action_id: typeof id === 'string' ? id : null, ...score } : score
  })
  const scores = results.flatMap((each) => ('error' in each ? [] : [each.composite_score]))
  return {
    results,
    summary: {
      total: actions.length,
      scored: scores.length,
      avg_score: scores.length === 0 ? null : roundTo(meanOf(scores), 2),
    },
  }
}

import type { DataSource, ScoredAction, ScoringDimension } from './types.ts'

const MAX_PATH = 200

/** What stands at a dotted path of an object, or undefined. Only its own fields count. */
export function atPath(value: unknown, path: string): unknown {
  if (path === '' || path.length > MAX_PATH) return undefined
  let at = value
  for (const key of path.split('.')) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, key)) return undefined
    at = (at as Record<string, unknown>)[key]
  }
  return at
}

/** A number, or a text of one; anything else is not a number. */
export function numericValue(value: unknown): number {
  if (typeof value === 'number') return value
  return typeof value === 'string' && value.trim() !== '' ? Number(value) : Number.NaN
}

/** A value as text. Lists and objects have none. */
export function textValue(value: unknown): string | undefined {
  return typeof value === 'object' && value !== null ? undefined : String(value)
}

/** What a value of an action is measured by; undefined where there is none. */
export function dimensionValue(dimension: ScoringDimension, action: ScoredAction): unknown {
  const source = dimension.data_source as DataSource
  if (source === 'custom_function') return undefined
  if (source === 'metadata_field') {
    const field = dimension.data_config?.['field']
    return typeof field === 'string' ? atPath(action['metadata'], field) : undefined
  }
  if (source === 'tokens_total') return tokensOf(action)
  return numberOf(action, source)
}

/** A number of an action, or of its metadata. */
function numberOf(action: ScoredAction, key: string): number | undefined {
  return [atPath(action, key), atPath(action['metadata'], key)]
    .map(numericValue)
    .find((value) => Number.isFinite(value))
}

const TOKEN_PAIRS = [
  ['prompt_tokens', 'completion_tokens'],
  ['tokens_in', 'tokens_out'],
] as const

function tokensOf(action: ScoredAction): number | undefined {
  for (const [sent, received] of TOKEN_PAIRS) {
    const [one, other] = [numberOf(action, sent), numberOf(action, received)]
    if (one !== undefined || other !== undefined) return (one ?? 0) + (other ?? 0)
  }
  return numberOf(action, 'tokens_total')
}

/** Why a dimension cannot be used, or undefined. */
export function whyNoDimension(
  dimension: Pick<ScoringDimension, 'data_source' | 'data_config' | 'weight'>,
): string | undefined {
  if (dimension.data_source === 'custom_function')
    return 'custom_function is not supported: code of a request is never run. Use metadata_field and compute the value where the action is reported.'
  if (
    dimension.data_source === 'metadata_field' &&
    typeof dimension.data_config?.['field'] !== 'string'
  )
    return 'data_config.field is required for metadata_field'
  return dimension.weight >= 0 ? undefined : 'weight must not be negative'
}

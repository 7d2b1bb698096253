export const COST_SENSITIVITIES = ['low', 'balanced', 'high-quality'] as const
export const LATENCY_SENSITIVITIES = ['low', 'medium', 'high'] as const

/** Keys in camelCase, as the wire has them here. Unknown keys are kept. */
export type StrategyConfig = Readonly<Record<string, unknown>>

/** A stored strategy, as far as others refer to it. */
export interface ModelStrategy {
  strategy_id: string
  name: string
  config: StrategyConfig
}

/** The configuration after a change: given keys replace, null removes. */
export function mergedStrategyConfig(
  config: StrategyConfig,
  change: StrategyConfig,
): StrategyConfig {
  return Object.fromEntries(
    Object.entries({ ...config, ...change }).filter(([, value]) => value !== null),
  )
}

/** What is wrong with a configuration, one line each. */
export function strategyProblems(config: StrategyConfig): string[] {
  return [
    ...modelProblems(config['primary'], 'config.primary'),
    ...fallbackProblems(config['fallback']),
    ...choice(config, 'costSensitivity', COST_SENSITIVITIES),
    ...choice(config, 'latencySensitivity', LATENCY_SENSITIVITIES),
    ...amount(config, 'maxBudgetUsd', () => true),
    ...amount(config, 'maxRetries', Number.isInteger),
    ...providers(config, 'allowedProviders'),
    ...providers(config, 'disallowedProviders'),
  ]
}

function modelProblems(value: unknown, at: string): string[] {
  const { provider, model } =
    typeof value === 'object' && value !== null ? ({ ...value } as StrategyConfig) : {}
  const fits =
    typeof provider === 'string' && provider !== '' && typeof model === 'string' && model !== ''
  return fits ? [] : [`${at} must have provider and model`]
}

function fallbackProblems(value: unknown): string[] {
  if (value === undefined) return []
  if (!Array.isArray(value)) return ['config.fallback must be a list']
  return value.flatMap((each, i) => modelProblems(each, `config.fallback[${i}]`))
}

function choice(config: StrategyConfig, key: string, allowed: readonly string[]): string[] {
  const value = config[key]
  const fits = value === undefined || (allowed as readonly unknown[]).includes(value)
  return fits ? [] : [`config.${key} must be one of ${allowed.join(', ')}`]
}

function amount(config: StrategyConfig, key: string, also: (value: number) => boolean): string[] {
  const value = config[key]
  const fits = value === undefined || (typeof value === 'number' && value >= 0 && also(value))
  return fits ? [] : [`config.${key} must be a number that is not negative`]
}

function providers(config: StrategyConfig, key: string): string[] {
  const value = config[key]
  const fits =
    value === undefined || (Array.isArray(value) && value.every((each) => typeof each === 'string'))
  return fits ? [] : [`config.${key} must be a list of texts`]
}

import type { Decision } from '../../policy/types.ts'
import { API_POLICY_TYPES, GREEN_LEVELS, type ApiPolicyType, type PolicySettings } from './types.ts'

export const MAX_RULES_LENGTH = 4000
const DECISIONS: readonly Decision[] = ['allow', 'warn', 'require_approval', 'block']

/** The settings, or what is wrong with them. */
export type ReadSettings = { settings: PolicySettings } | { problems: readonly string[] }

/** Whether a policy could be read, and is of a type. */
export function isOfType(read: ReadSettings, type: PolicySettings['type']): boolean {
  return 'settings' in read && read.settings.type === type
}

/**
 * Reads the rules of a policy. Unknown keys are ignored: packs keep their tests there. Whether a
 * webhook's address is public is found out where it is called.
 */
export function readPolicySettings(type: string, rules: string): ReadSettings {
  if (!isPolicyType(type))
    return { problems: [`policy_type must be one of ${API_POLICY_TYPES.join(', ')}`] }
  if (rules.length > MAX_RULES_LENGTH)
    return { problems: [`rules must be at most ${MAX_RULES_LENGTH} characters`] }
  const keys = new RuleKeys(parsed(rules))
  if (!keys.isObject) return { problems: ['rules must be a JSON object'] }
  const settings = READERS[type](keys)
  return keys.problems.length === 0 ? { settings } : { problems: keys.problems }
}

function isPolicyType(type: string): type is ApiPolicyType {
  return (API_POLICY_TYPES as readonly string[]).includes(type)
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** The keys of a policy's rules; what is wrong with them is collected. */
class RuleKeys {
  readonly problems: string[] = []
  readonly isObject: boolean
  readonly #values: Readonly<Record<string, unknown>>

  constructor(value: unknown) {
    this.isObject = typeof value === 'object' && value !== null && !Array.isArray(value)
    this.#values = this.isObject ? (value as Record<string, unknown>) : {}
  }

  number(key: string, fallback: number, [low, high]: readonly [number, number]): number {
    const value = this.#given(key)
    if (value === undefined) return fallback
    if (typeof value === 'number' && value >= low && value <= high) return value
    this.problems.push(`rules.${key} must be a number from ${low} to ${high}`)
    return fallback
  }

  choice<T extends string>(key: string, fallback: T, allowed: readonly T[]): T {
    const value = this.#given(key)
    if (value === undefined) return fallback
    if ((allowed as readonly unknown[]).includes(value)) return value as T
    this.problems.push(`rules.${key} must be one of ${allowed.join(', ')}`)
    return fallback
  }

  text(key: string): string {
    const value = this.#given(key)
    if (typeof value === 'string' && value.trim() !== '') return value
    this.problems.push(`rules.${key} is required and must be text`)
    return ''
  }

  yes(key: string, fallback: boolean): boolean {
    const value = this.#given(key)
    if (value === undefined) return fallback
    if (typeof value !== 'boolean') this.problems.push(`rules.${key} must be true or false`)
    return value === true
  }

  /** A list of texts. `least`: how many there must be. */
  list(key: string, fallback: readonly string[], least = 0): readonly string[] {
    const value = this.#given(key) ?? fallback
    const fits = Array.isArray(value) && value.every((each) => typeof each === 'string')
    if (fits && value.length >= least) return value
    this.problems.push(
      `rules.${key} must be a ${least > 0 ? 'list of at least one text' : 'list of texts'}`,
    )
    return fallback
  }

  action(fallback: Decision): Decision {
    return this.choice('action', fallback, DECISIONS)
  }

  has(key: string): boolean {
    return this.#given(key) !== undefined
  }

  #given(key: string): unknown {
    return Object.hasOwn(this.#values, key) ? (this.#values[key] ?? undefined) : undefined
  }
}

const READERS: Readonly<Record<ApiPolicyType, (keys: RuleKeys) => PolicySettings>> = {
  risk_threshold: (keys) => ({
    type: 'risk_threshold',
    threshold: keys.number('threshold', 80, [0, 100]),
    action: keys.action('block'),
  }),
  require_approval: (keys) => ({
    type: 'require_approval',
    actionTypes: keys.list('action_types', [], 1),
    action: keys.action('require_approval'),
  }),
  block_action_type: (keys) => ({
    type: 'block_action_type',
    actionTypes: keys.list('action_types', [], 1),
    allowlist: keys.list('allowlist', []),
    action: keys.action('block'),
  }),
  rate_limit: (keys) => ({
    type: 'rate_limit',
    maxActions: keys.number('max_actions', 50, [1, 1_000_000]),
    windowMinutes: keys.number('window_minutes', 60, [1, 10_080]),
    action: keys.action('warn'),
  }),
  webhook_check: (keys) => ({
    type: 'webhook_check',
    url: webhookUrl(keys),
    timeoutMs: keys.number('timeout_ms', 5000, [1000, 10_000]),
    onTimeout: keys.choice('on_timeout', 'allow', ['allow', 'block']),
  }),
  behavioral_anomaly: (keys) => ({
    type: 'behavioral_anomaly',
    similarityThreshold: keys.number('similarity_threshold', 0.75, [0, 1]),
    action: keys.action('require_approval'),
  }),
  semantic_check: (keys) => ({
    type: 'semantic_check',
    instruction: keys.text('instruction'),
    model: keys.has('model') ? keys.text('model') : null,
    fallback: keys.choice('fallback', 'allow', ['allow', 'block', 'require_approval']),
    action: keys.action('block'),
  }),
  permission_escalation: (keys) => ({
    type: 'permission_escalation',
    enforce: keys.yes('enforce', true),
    action: keys.action('block'),
  }),
  green_contract: (keys) => ({
    type: 'green_contract',
    actionTypes: keys.list('action_types', []),
    requiredLevel: keys.choice('required_level', 'merge_ready', GREEN_LEVELS),
    action: keys.action('block'),
  }),
  branch_freshness: (keys) => ({
    type: 'branch_freshness',
    actionTypes: keys.list('action_types', []),
    freshness: keys.list('freshness', ['stale', 'diverged']),
    maxCommitsBehind: keys.number('max_commits_behind', 0, [0, 1_000_000]),
    action: keys.action('block'),
  }),
}

function webhookUrl(keys: RuleKeys): string {
  const url = keys.text('url')
  const https = URL.canParse(url) && new URL(url).protocol === 'https:'
  if (url !== '' && !https) keys.problems.push('rules.url must be an https address')
  return url
}

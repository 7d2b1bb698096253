import { invalidArgument } from './errors.ts'
import type { PrivateKeySource } from './keys.ts'
import type { JsonRecord } from './route.ts'
import type { GuardAnswer } from '../routes/rows.ts'
import type { AdaptedAction } from '../routes/learning.ts'

export type AdviceMode = 'off' | 'warn' | 'enforce'

export interface ClientOptions {
  /** Where the API is, without `/api`. */
  readonly baseUrl: string
  /** Not needed where the server knows from the connection who asks. */
  readonly apiKey?: string | null
  readonly agentId: string
  readonly agentName?: string | null
  readonly swarmId?: string | null
  /** The action that all actions of this client are part of, unless they name another. */
  readonly parentActionId?: string | null
  /**
   * Asks the guard before each `createAction`. `warn` says what it thinks and goes on; `enforce`
   * throws `GuardBlockedError` for a block, and for what needs approval unless `hitlMode` waits for
   * that.
   */
  readonly guardMode?: AdviceMode | null
  readonly guardCallback?: ((decision: GuardAnswer) => void) | null
  /**
   * `wait`: `createAction` returns when an operator has allowed a held action, and throws when it
   * was denied.
   */
  readonly hitlMode?: 'off' | 'wait' | null
  /** Asks for recommendations before each `createAction`; only `enforce` changes the action. */
  readonly autoRecommend?: AdviceMode | null
  /** Recommendations below this confidence (0 to 100) are not followed; 70 by default. */
  readonly recommendationConfidenceMin?: number | null
  readonly recommendationCallback?: ((result: AdaptedAction) => void) | null
  /** Signs each action. What cannot be signed is not sent. */
  readonly privateKey?: PrivateKeySource | null
  /** Milliseconds for one request; 30 s by default. */
  readonly timeoutMs?: number | null
  /** Milliseconds that an approval is waited for; five minutes by default. */
  readonly approvalTimeoutMs?: number | null
  /** How often a request is repeated when the server says `Retry-After`; 2 by default. */
  readonly retries?: number | null
  /** Ends all requests, waits and streams of this client. */
  readonly signal?: AbortSignal | null
  readonly fetch?: typeof globalThis.fetch | null
  /** Where warnings go; the console by default. */
  readonly warn?: ((message: string) => void) | null
}

/** Options after checking, with every default. */
export interface ClientSettings {
  readonly baseUrl: URL
  readonly apiKey: string | undefined
  readonly agentId: string
  readonly agentName: string | undefined
  readonly swarmId: string | undefined
  readonly parentActionId: string | undefined
  readonly guardMode: AdviceMode
  readonly guardCallback: (decision: GuardAnswer) => void
  readonly hitlMode: 'off' | 'wait'
  readonly autoRecommend: AdviceMode
  readonly recommendationConfidenceMin: number
  readonly recommendationCallback: (result: AdaptedAction) => void
  readonly privateKey: PrivateKeySource | undefined
  readonly timeoutMs: number
  readonly approvalTimeoutMs: number
  readonly retries: number
  readonly signal: AbortSignal | undefined
  readonly fetch: typeof globalThis.fetch
  readonly warn: (message: string) => void
}

const MODES = ['off', 'warn', 'enforce'] as const

/** Throws `INVALID_ARGUMENT` for an option that is missing or wrong. */
export function clientSettings(options: ClientOptions): ClientSettings {
  const ignore = (): void => undefined
  return {
    baseUrl: checkedUrl(options.baseUrl),
    apiKey: optionalText('apiKey', options.apiKey),
    agentId: neededText('agentId', options.agentId),
    agentName: optionalText('agentName', options.agentName),
    swarmId: optionalText('swarmId', options.swarmId),
    parentActionId: optionalText('parentActionId', options.parentActionId),
    guardMode: oneOf('guardMode', options.guardMode, MODES),
    guardCallback: options.guardCallback ?? ignore,
    hitlMode: oneOf('hitlMode', options.hitlMode, ['off', 'wait'] as const),
    autoRecommend: oneOf('autoRecommend', options.autoRecommend, MODES),
    ...numbersOf(options),
    recommendationCallback: options.recommendationCallback ?? ignore,
    privateKey: options.privateKey ?? undefined,
    signal: options.signal ?? undefined,
    // Called without a receiver: browsers refuse `fetch` as a method of something else.
    fetch: options.fetch ?? ((input, init) => globalThis.fetch(input, init)),
    warn: options.warn ?? ((message) => console.warn(message)),
  }
}

function numbersOf(
  options: ClientOptions,
): Pick<
  ClientSettings,
  'recommendationConfidenceMin' | 'timeoutMs' | 'approvalTimeoutMs' | 'retries'
> {
  const confidence = numeric('recommendationConfidenceMin', options.recommendationConfidenceMin, 70)
  return {
    recommendationConfidenceMin: Math.min(confidence, 100),
    timeoutMs: numeric('timeoutMs', options.timeoutMs, 30_000),
    approvalTimeoutMs: numeric('approvalTimeoutMs', options.approvalTimeoutMs, 300_000),
    retries: numeric('retries', options.retries, 2),
  }
}

/** Whether a key that is sent there can be read on the way. */
export function sendsInTheClear({ protocol, hostname }: URL): boolean {
  const loopback = /^(localhost|127(\.\d+){3}|\[::1\]|.+\.localhost)$/.test(hostname)
  return protocol === 'http:' && !loopback
}

function checkedUrl(text: unknown): URL {
  const url = URL.canParse(neededText('baseUrl', text)) ? new URL(text as string) : undefined
  if (url === undefined || !/^https?:\/\/[^@?#]+$/.test(url.href))
    throw invalidArgument('baseUrl has to be an http(s) address, without query')
  return url
}

function neededText(name: string, value: unknown): string {
  if (typeof value !== 'string' || value === '') throw invalidArgument(`${name} is required`)
  return value
}

function optionalText(name: string, value: unknown): string | undefined {
  return value === undefined || value === null || value === '' ? undefined : neededText(name, value)
}

function numeric(name: string, value: unknown, otherwise: number): number {
  const number = value ?? otherwise
  if (typeof number !== 'number' || !(number >= 0))
    throw invalidArgument(`${name} has to be a number, at least 0`)
  return number
}

function oneOf<T extends string>(name: string, value: unknown, words: readonly T[]): T {
  const word = (value ?? 'off') as T
  if (!words.includes(word)) throw invalidArgument(`${name} must be one of: ${words.join(', ')}`)
  return word
}

/** What the guard looks at of an action. */
export function guardContextOf(action: JsonRecord): JsonRecord {
  const { action_type, agent_id, risk_score, systems_touched, reversible, declared_goal } = action
  return { action_type, agent_id, risk_score, systems_touched, reversible, declared_goal }
}

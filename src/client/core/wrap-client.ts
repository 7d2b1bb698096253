import { isRecord } from './arguments.ts'
import { invalidArgument } from './errors.ts'
import { laterUsage, usageIn, type ModelUsage } from './llm-usage.ts'
import type { JsonRecord } from './route.ts'

export interface WrapOptions {
  /** Needed only where it cannot be seen which one it is. */
  readonly provider?: 'openai' | 'anthropic'
  /**
   * OpenAI tells tokens of a chat stream only when asked. `false` does not ask: for servers that
   * only resemble OpenAI. The extra event at the end is not shown to the program.
   */
  readonly streamUsage?: boolean
}

type Create = (this: unknown, ...args: unknown[]) => unknown
type Report = (usage: ModelUsage) => void

const WRAPPED = Symbol.for('clawdeck.wrapped')
const PATHS = {
  openai: ['chat.completions', 'responses', 'embeddings'],
  anthropic: ['messages', 'beta.messages'],
} as const

/**
 * Makes a client of OpenAI or Anthropic report the tokens of each call: the same client, with its
 * own types and promises. What it returns or throws does not change, and a report that fails is not
 * noticed.
 */
export function wrapLlmClient<T extends object>(
  client: T,
  report: Report,
  { provider, streamUsage = true }: WrapOptions = {},
): T {
  if (WRAPPED in client) return client
  const kind = provider ?? providerOf(client)
  if (kind === undefined)
    throw invalidArgument(
      'wrapClient: neither an OpenAI nor an Anthropic client; name the provider',
    )
  for (const path of PATHS[kind]) {
    const resource = at(client, path)
    if (resource === undefined || typeof resource['create'] !== 'function') continue
    const create = resource['create'] as Create
    const asks = streamUsage && path === 'chat.completions'
    resource['create'] = function (this: unknown, ...args: unknown[]): unknown {
      const added = asks && withStreamUsage(args)
      return tapped(create.apply(this ?? resource, added ? added : args), report, added !== false)
    }
  }
  Object.defineProperty(client, WRAPPED, { value: true })
  return client
}

function providerOf(client: object): 'openai' | 'anthropic' | undefined {
  if (typeof at(client, 'messages')?.['create'] === 'function') return 'anthropic'
  if (typeof at(client, 'chat.completions')?.['create'] === 'function') return 'openai'
  return typeof at(client, 'responses')?.['create'] === 'function' ? 'openai' : undefined
}

function at(client: object, path: string): JsonRecord | undefined {
  return path.split('.').reduce<JsonRecord | undefined>((inside, name) => {
    const next = inside?.[name]
    return isRecord(next) ? next : undefined
  }, client as JsonRecord)
}

/**
 * The arguments with the wish for tokens added; `false` where the program decided itself, or does
 * not stream.
 */
function withStreamUsage([params, ...rest]: unknown[]): unknown[] | false {
  if (!isRecord(params) || params['stream'] !== true) return false
  const options = params['stream_options']
  if (isRecord(options) && options['include_usage'] !== undefined) return false
  return [{ ...params, stream_options: { ...(options as object), include_usage: true } }, ...rest]
}

/**
 * Both packages return a promise of their own kind, which reads the body only when it is awaited.
 */
function tapped(result: unknown, report: Report, hidesUsage: boolean): unknown {
  const tap = (answer: unknown): unknown => {
    if (isStream(answer)) return tappedStream(answer, report, hidesUsage)
    const usage = usageIn(answer)
    if (usage !== undefined) report(usage)
    return answer
  }
  const promise = result as { _thenUnwrap?: unknown; then?: unknown } | null | undefined
  if (typeof promise?._thenUnwrap === 'function')
    return (result as { _thenUnwrap(transform: typeof tap): unknown })._thenUnwrap(tap)
  if (typeof promise?.then === 'function') return (result as Promise<unknown>).then(tap)
  return tap(result)
}

function isStream(value: unknown): value is AsyncIterable<unknown> & JsonRecord {
  return isRecord(value) && Symbol.asyncIterator in value
}

/** The same stream, with its events looked at as they pass. */
function tappedStream(
  stream: AsyncIterable<unknown> & JsonRecord,
  report: Report,
  hidesUsage: boolean,
): unknown {
  // Their streams make every iterator with a field of that name, also for `tee`.
  const name = typeof stream['iterator'] === 'function' ? 'iterator' : Symbol.asyncIterator
  const original = Reflect.get(stream, name) as Create
  const iterate = (): AsyncGenerator => {
    const iterator = original.call(stream) as AsyncIterator<unknown>
    return passing({ [Symbol.asyncIterator]: () => iterator }, report, hidesUsage)
  }
  Object.defineProperty(stream, name, { value: iterate, configurable: true, writable: true })
  return stream
}

async function* passing(
  events: AsyncIterable<unknown>,
  report: Report,
  hidesUsage: boolean,
): AsyncGenerator {
  let usage: ModelUsage | undefined
  try {
    for await (const event of events) {
      usage = laterUsage(usage, usageIn(event))
      if (!(hidesUsage && isUsageOnly(event))) yield event
    }
  } finally {
    // Also when the program stops reading early.
    if (usage !== undefined) report(usage)
  }
}

function isUsageOnly(event: unknown): boolean {
  if (!isRecord(event) || !isRecord(event['usage'])) return false
  return Array.isArray(event['choices']) && event['choices'].length === 0
}

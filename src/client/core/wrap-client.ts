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

/** Hears what comes of one call of a model. */
export interface WatchedCall {
  ended(usage: ModelUsage | undefined): void
  failed?(error: unknown): void
}

/** Hears of each call, with what it asks. */
export type WatchCalls = (params: JsonRecord) => WatchedCall

type Create = (this: unknown, ...args: unknown[]) => unknown

const WRAPPED = Symbol.for('clawdeck.wrapped')
const PATHS = {
  openai: ['chat.completions', 'responses', 'embeddings'],
  anthropic: ['messages', 'beta.messages'],
} as const

/**
 * Makes a client of OpenAI or Anthropic tell of each call: the same client, with its own types and
 * promises. What it returns or throws does not change.
 */
export function wrapLlmClient<T extends object>(
  client: T,
  watch: WatchCalls,
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
      const call = watch(isRecord(args[0]) ? args[0] : {})
      return tapped(create.apply(this ?? resource, added ? added : args), call, added !== false)
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
function tapped(result: unknown, call: WatchedCall, hidesUsage: boolean): unknown {
  const tap = (answer: unknown): unknown => {
    if (isStream(answer)) return tappedStream(answer, call, hidesUsage)
    call.ended(usageIn(answer))
    return answer
  }
  const promise = result as {
    _thenUnwrap?: unknown
    responsePromise?: Promise<unknown>
    then?: unknown
  }
  const failed = (error: unknown): void => call.failed?.(error)
  if (typeof promise?._thenUnwrap === 'function') {
    // Listening to the promise itself would read the body, which the program may want raw.
    void promise.responsePromise?.catch(failed)
    return (result as { _thenUnwrap(transform: typeof tap): unknown })._thenUnwrap(tap)
  }
  if (typeof promise?.then !== 'function') return tap(result)
  void (result as Promise<unknown>).then(undefined, failed)
  return (result as Promise<unknown>).then(tap)
}

function isStream(value: unknown): value is AsyncIterable<unknown> & JsonRecord {
  return isRecord(value) && Symbol.asyncIterator in value
}

/** The same stream, with its events looked at as they pass. */
function tappedStream(
  stream: AsyncIterable<unknown> & JsonRecord,
  call: WatchedCall,
  hidesUsage: boolean,
): unknown {
  // Their streams make every iterator with a field of that name, also for `tee`.
  const name = typeof stream['iterator'] === 'function' ? 'iterator' : Symbol.asyncIterator
  const original = Reflect.get(stream, name) as Create
  const iterate = (): AsyncGenerator => {
    const iterator = original.call(stream) as AsyncIterator<unknown>
    return passing({ [Symbol.asyncIterator]: () => iterator }, call, hidesUsage)
  }
  Object.defineProperty(stream, name, { value: iterate, configurable: true, writable: true })
  return stream
}

async function* passing(
  events: AsyncIterable<unknown>,
  call: WatchedCall,
  hidesUsage: boolean,
): AsyncGenerator {
  let usage: ModelUsage | undefined
  try {
    for await (const event of events) {
      usage = laterUsage(usage, usageIn(event))
      if (!(hidesUsage && isUsageOnly(event))) yield event
    }
  } catch (error) {
    call.failed?.(error)
    throw error
  } finally {
    // Also when the program stops reading early, or the stream broke: what was used was used.
    call.ended(usage)
  }
}

function isUsageOnly(event: unknown): boolean {
  if (!isRecord(event) || !isRecord(event['usage'])) return false
  return Array.isArray(event['choices']) && event['choices'].length === 0
}

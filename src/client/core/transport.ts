import { isRecord, type CallRequest } from './arguments.ts'
import { DeckClientError, GuardBlockedError, type BlockingDecision } from './errors.ts'
import { jsonText, parsedJson } from './json.ts'
import type { RouteShape } from './route.ts'

/** Where requests go, and how long one may take. */
export interface TransportOptions {
  readonly baseUrl: URL
  readonly apiKey: string | undefined
  readonly timeoutMs: number
  /** How often a request is repeated that the server put off with 429, or a GET with 503. */
  readonly retries: number
  readonly signal: AbortSignal | undefined
  readonly fetch: typeof globalThis.fetch
}

/** What a file in an answer is called and holds. */
export interface DownloadedFile {
  readonly data: Uint8Array
  readonly filename: string
  /** The whole Content-Type. */
  readonly mimeType: string
}

/** No server may make a caller sleep longer than this before a request is repeated. */
const MAX_RETRY_AFTER_SECONDS = 60

/** Sends requests and reads answers; every failure is a `DeckClientError`. */
export class ClientTransport {
  readonly #options: TransportOptions

  constructor(options: TransportOptions) {
    this.#options = options
  }

  urlOf(path: string): string {
    return `${this.#options.baseUrl.href.replace(/\/$/, '')}${path}`
  }

  async call(request: CallRequest, gives: RouteShape['gives'] = 'json'): Promise<unknown> {
    const text = jsonText(request.body)
    for (let attempt = 0; ; attempt++) {
      try {
        return await this.#once(request, text, gives)
      } catch (error) {
        const pause = attempt < this.#options.retries ? pauseSeconds(request, error) : undefined
        if (pause === undefined) throw error
        await sleepUnless(pause * 1000, this.#options.signal)
      }
    }
  }

  /** An answer whose body is still to come. It ends with `signal`; there is no time limit. */
  async open(
    path: string,
    headers: Record<string, string>,
    signal: AbortSignal,
  ): Promise<Response> {
    const request = { method: 'GET', path, body: undefined }
    const response = await this.#fetch(request, undefined, { headers, signal })
    if (!response.ok) throw failure(response, await response.text().catch(() => ''))
    return response
  }

  async #once(
    request: CallRequest,
    text: string | undefined,
    gives: RouteShape['gives'],
  ): Promise<unknown> {
    const { timeoutMs, signal } = this.#options
    const limit = new AbortController()
    const timer = setTimeout(() => limit.abort(new TimeLimit()), timerMs(timeoutMs))
    const stop = (): void => limit.abort(signal?.reason)
    signal?.addEventListener('abort', stop)
    if (signal?.aborted === true) stop()
    try {
      const response = await this.#fetch(request, text, { signal: limit.signal })
      if (!response.ok) throw failure(response, await response.text())
      if (gives === 'file') return await fileOf(response, request.path)
      const answer = await response.text()
      return gives === 'text' ? answer : parsed(response, answer)
    } catch (error) {
      throw error instanceof DeckClientError
        ? error
        : this.#unanswered(error, request, limit.signal)
    } finally {
      clearTimeout(timer)
      signal?.removeEventListener('abort', stop)
    }
  }

  #fetch(
    { method, path }: CallRequest,
    body: string | undefined,
    { headers: extra, signal }: { headers?: Record<string, string>; signal: AbortSignal },
  ): Promise<Response> {
    const headers: Record<string, string> = { accept: 'application/json', ...extra }
    if (this.#options.apiKey !== undefined) headers['x-api-key'] = this.#options.apiKey
    if (body !== undefined) headers['content-type'] = 'application/json'
    // The API never redirects; following would carry the key to wherever the answer points.
    const init: RequestInit = { method, headers, signal, redirect: 'error', cache: 'no-store' }
    if (body !== undefined) init.body = body
    return this.#options.fetch(this.urlOf(path), init)
  }

  #unanswered(cause: unknown, { method, path }: CallRequest, signal: AbortSignal): DeckClientError {
    const what = `${method} ${path.split('?')[0]}`
    if (signal.reason instanceof TimeLimit)
      return new DeckClientError(`${what}: no answer within ${this.#options.timeoutMs} ms`, {
        code: 'TIMEOUT',
        cause,
      })
    if (signal.aborted) return new DeckClientError(`${what}: aborted`, { code: 'ABORTED', cause })
    return new DeckClientError(`${what}: ${deepest(cause)}`, { code: 'NETWORK', cause })
  }
}

class TimeLimit extends Error {}

/** `fetch` hides why it failed in the cause. */
function deepest(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return error.cause instanceof Error && error.cause.message !== ''
    ? error.cause.message
    : error.message
}

function pauseSeconds({ method }: CallRequest, error: unknown): number | undefined {
  if (!(error instanceof DeckClientError)) return undefined
  const putOff = error.status === 429 || (error.status === 503 && method === 'GET')
  if (!putOff || error.retryAfterSeconds === undefined) return undefined
  return error.retryAfterSeconds <= MAX_RETRY_AFTER_SECONDS ? error.retryAfterSeconds : undefined
}

/** Timers end at once for what is longer than they can count, and for what is no number. */
export function timerMs(ms: number): number {
  return ms < 2 ** 31 ? ms : 2 ** 31 - 1
}

/** Resolves early when the signal ends: what follows has to look at it. */
export function sleepUnless(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted === true) return resolve()
    const done = (): void => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, timerMs(ms))
    signal?.addEventListener('abort', done)
  })
}

/** Throws once the signal has ended a wait. */
export function throwIfAborted(signal: AbortSignal | undefined, waitedFor: string): void {
  if (signal?.aborted === true)
    throw new DeckClientError(`No longer waiting for ${waitedFor}`, { code: 'ABORTED' })
}

function parsed(response: Response, text: string): unknown {
  const value = parsedJson(text)
  if (value !== undefined) return value
  throw new DeckClientError(`The answer is not JSON: ${excerpt(text)}`, {
    code: 'INVALID_RESPONSE',
    status: response.status,
  })
}

/** The error that an answer stands for: a block by policy, or what the server says. */
function failure(response: Response, text: string): DeckClientError {
  const json = parsedJson(text)
  const body = isRecord(json) ? json : {}
  const { decision, code } = body
  if (response.status === 403 && isRecord(decision) && decision['decision'] === 'block')
    return new GuardBlockedError(decision as unknown as BlockingDecision, body)
  const said = [body['reason'], body['error']].find((part) => typeof part === 'string')
  return new DeckClientError(
    (said as string | undefined) ??
      `The server answered ${response.status} ${excerpt(text)}`.trim(),
    {
      code: typeof code === 'string' ? code : `HTTP_${response.status}`,
      status: response.status,
      details: body['details'],
      body: json,
      retryAfterSeconds: secondsOf(response.headers.get('retry-after')),
    },
  )
}

function excerpt(text: string): string {
  return JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}…` : text)
}

/** `Retry-After` is a number of seconds or a date. */
function secondsOf(header: string | null): number | undefined {
  if (header === null) return undefined
  const seconds = Number(header)
  if (!Number.isNaN(seconds)) return seconds
  const at = Date.parse(header)
  return Number.isNaN(at) ? undefined : Math.max(0, Math.ceil((at - Date.now()) / 1000))
}

async function fileOf(response: Response, path: string): Promise<DownloadedFile> {
  const disposition = response.headers.get('content-disposition') ?? ''
  return {
    data: new Uint8Array(await response.arrayBuffer()),
    filename: /filename="([^"]+)"/.exec(disposition)?.[1] ?? path.split('id=')[1] ?? 'attachment',
    mimeType: response.headers.get('content-type') ?? 'application/octet-stream',
  }
}

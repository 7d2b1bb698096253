import { DeckClientError } from './errors.ts'
import { parsedJson } from './json.ts'
import { SseReader } from './sse.ts'
import { sleepUnless, type ClientTransport } from './transport.ts'

export interface EventStreamOptions {
  /** Connects again when the connection ends, from the last event on. On by default. */
  readonly reconnect?: boolean
  /** Failed attempts in a row before the stream gives up. Without limit by default. */
  readonly maxRetries?: number
  /** Milliseconds before the first new attempt; doubled each time, at most 30 s. */
  readonly retryInterval?: number
  /** Begins after this event. Without it, only what happens from now on is told. */
  readonly lastEventId?: string
  readonly signal?: AbortSignal
}

/** An event as it came. `data` is its subject, without an envelope. */
export interface ClientEvent {
  readonly type: string
  readonly data: unknown
  /** The cursor: `lastEventId` of a later stream. */
  readonly id: string | undefined
}

type Listener = (data: never, event: ClientEvent) => void

/** The server says something every 15 s; a connection that is silent for longer is dead. */
const SILENCE_MS = 45_000
const MAX_PAUSE_MS = 30_000
const MAX_QUEUED = 10_000
/** Answers that another attempt would not change. */
const FINAL = new Set([400, 401, 403, 404, 405, 406, 410, 501])

/**
 * The event stream of the server (`GET /api/stream`), resumed by cursor. Listen with `on`, or
 * iterate. Besides the events of the server: `open` (connected, from here on nothing is missed),
 * `reconnecting` `{ attempt, error }`, `error` (it has ended for good), `close`.
 */
export class ClientEventStream implements AsyncIterable<ClientEvent> {
  /** Whether a connection is open now. */
  live = false
  readonly closed: Promise<void>
  readonly #transport: ClientTransport
  readonly #options: EventStreamOptions
  readonly #listeners = new Map<string, Set<Listener>>()
  readonly #end = new AbortController()
  readonly #reader = new SseReader()
  #attempt = 0

  constructor(transport: ClientTransport, options: EventStreamOptions = {}) {
    this.#transport = transport
    this.#options = options
    this.#reader.lastEventId = options.lastEventId
    options.signal?.addEventListener('abort', () => this.close(), { signal: this.#end.signal })
    if (options.signal?.aborted === true) this.close()
    this.closed = this.#run().finally(() => {
      this.close()
      this.#emit('close', undefined)
    })
  }

  /**
   * Hears events of a type; `*` hears all that the server sends. What a listener throws is ignored.
   */
  on<T = Record<string, unknown>>(
    type: string,
    listener: (data: T, event: ClientEvent) => void,
  ): this {
    const listeners = this.#listeners.get(type) ?? new Set<Listener>()
    this.#listeners.set(type, listeners.add(listener as Listener))
    return this
  }

  off(type: string, listener: (data: never, event: ClientEvent) => void): this {
    this.#listeners.get(type)?.delete(listener)
    return this
  }

  close(): void {
    this.#end.abort()
  }

  /**
   * Events until `close`. Throws when the stream ends for good, or when 10,000 events wait to be
   * read.
   */
  async *[Symbol.asyncIterator](): AsyncGenerator<ClientEvent> {
    const queue: ClientEvent[] = []
    let failure: unknown
    let ring = (): void => undefined
    const hear = (_: unknown, event: ClientEvent): void => {
      queue.push(event)
      if (queue.length > MAX_QUEUED) this.close()
      ring()
    }
    const fail = (error: unknown): void => void (failure = error)
    const ended = (): void => ring()
    this.on('*', hear).on('error', fail).on('close', ended)
    try {
      for (;;) {
        for (let next = queue.shift(); next !== undefined; next = queue.shift()) yield next
        if (failure !== undefined) throw failure
        if (this.#end.signal.aborted) return
        await new Promise<void>((resolve) => (ring = resolve))
      }
    } finally {
      this.off('*', hear).off('error', fail).off('close', ended).close()
    }
  }

  async #run(): Promise<void> {
    while (!this.#end.signal.aborted) {
      const error = await this.#connect().catch((reason: unknown) => reason)
      if (this.#end.signal.aborted) return
      if (this.#isOver(error)) return
      this.#attempt++
      this.#emit('reconnecting', { attempt: this.#attempt, error })
      await sleepUnless(this.#pause(), this.#end.signal)
    }
  }

  /** Says so when no other attempt follows. */
  #isOver(error: unknown): boolean {
    const { reconnect = true, maxRetries = Infinity } = this.#options
    const final = error instanceof DeckClientError && FINAL.has(error.status ?? 0)
    if (!final && reconnect && this.#attempt < maxRetries) return false
    this.#emit('error', final ? error : streamEnded(error))
    return true
  }

  #pause(): number {
    const first = this.#reader.retryMs ?? this.#options.retryInterval ?? 3000
    return Math.min(first * 2 ** Math.min(this.#attempt - 1, 10), MAX_PAUSE_MS)
  }

  async #connect(): Promise<void> {
    const silence = new AbortController()
    const stop = (): void => silence.abort()
    this.#end.signal.addEventListener('abort', stop)
    let timer = setTimeout(stop, SILENCE_MS)
    try {
      const response = await this.#transport.open(...this.#request(), silence.signal)
      if (!/^text\/event-stream\b/i.test(response.headers.get('content-type') ?? ''))
        throw noStream()
      this.#attempt = 0
      this.live = true
      this.#reader.reset()
      this.#emit('open', undefined)
      const decoder = new TextDecoder()
      const chunks = response.body?.getReader()
      for (let part = await chunks?.read(); part?.done === false; part = await chunks?.read()) {
        clearTimeout(timer)
        timer = setTimeout(stop, SILENCE_MS)
        this.#read(decoder.decode(part.value, { stream: true }))
      }
    } finally {
      this.live = false
      clearTimeout(timer)
      this.#end.signal.removeEventListener('abort', stop)
      silence.abort()
    }
  }

  /** Pages of another origin may not send the header, but the query says the same. */
  #request(): [path: string, headers: Record<string, string>] {
    const { lastEventId } = this.#reader
    const headers = { accept: 'text/event-stream' }
    if (lastEventId === undefined) return ['/api/stream', headers]
    return 'location' in globalThis
      ? [`/api/stream?${new URLSearchParams({ lastEventId })}`, headers]
      : ['/api/stream', { ...headers, 'last-event-id': lastEventId }]
  }

  #read(text: string): void {
    for (const { event, data, id } of this.#reader.read(text)) {
      const told = { type: event, data: parsedJson(data) ?? data, id }
      this.#tell(event, told)
      this.#tell('*', told)
    }
  }

  #emit(type: string, data: unknown): void {
    this.#tell(type, { type, data, id: this.#reader.lastEventId })
  }

  #tell(name: string, event: ClientEvent): void {
    for (const listener of this.#listeners.get(name) ?? []) {
      try {
        listener(event.data as never, event)
      } catch {
        // A listener is a guest of the stream: its mistakes do not end it for others.
      }
    }
  }
}

function streamEnded(cause: unknown): DeckClientError {
  return new DeckClientError('The event stream has ended', { code: 'STREAM_ENDED', cause })
}

function noStream(): DeckClientError {
  return new DeckClientError('The server has no event stream at /api/stream', {
    code: 'INVALID_RESPONSE',
    status: 406,
  })
}

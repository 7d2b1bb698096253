import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import type { Readable } from 'node:stream'
import { errno, Fault } from '../../base/fault.ts'
import { http } from '../../base/http.ts'
import { plain } from '../../base/text.ts'

const VERSION = '/v4.0.0'
const LARGEST_ANSWER = 16 * 1024 * 1024
const LARGEST_LINE = 1024 * 1024
const PATIENCE = 10_000

export interface CallOptions {
  body?: unknown
  timeoutMs?: number
  signal?: AbortSignal
  /** Asking twice does no harm: the question may be repeated to an engine that was started again. */
  repeat?: boolean
}

/**
 * The libpod REST API over its Unix socket. Answers are bounded; what the engine refuses is a Fault that carries its
 * own words and, for callers who need to tell apart, the HTTP status (`statusOf`).
 */
export class PodmanClient {
  readonly socketPath: string
  readonly #agent = new (http().Agent)({ keepAlive: true, maxSockets: 16 })

  constructor(socketPath: string) {
    this.socketPath = socketPath
  }

  /** One question, one JSON answer (`undefined` where the answer is empty). */
  async call(method: string, path: string, options: CallOptions = {}): Promise<unknown> {
    const answer = await this.#send(method, path, options)
    const text = await bodyOf(answer)
    if ((answer.statusCode ?? 500) >= 400)
      throw refused(method, path, answer.statusCode ?? 500, text)
    return text === '' || answer.statusCode === 304 ? undefined : parse(text)
  }

  /** Newline-delimited JSON, each as it arrives, until the engine ends it or the signal aborts. */
  async *lines(
    method: string,
    path: string,
    options: { signal: AbortSignal; upload?: Readable; contentType?: string },
  ): AsyncGenerator<unknown> {
    const answer = await this.#open(method, path, options)
    try {
      for await (const line of splitLines(answer)) yield parse(line)
    } catch (cause) {
      if (!options.signal.aborted) throw unavailable(this.socketPath, cause)
    } finally {
      answer.destroy()
    }
  }

  /** An answer as raw bytes, as they arrive. */
  async *bytes(
    method: string,
    path: string,
    options: { signal: AbortSignal },
  ): AsyncGenerator<Buffer> {
    const answer = await this.#open(method, path, options)
    try {
      yield* answer as AsyncIterable<Buffer>
    } catch (cause) {
      if (!options.signal.aborted) throw unavailable(this.socketPath, cause)
    } finally {
      answer.destroy()
    }
  }

  /** Takes the connection over after a question that upgrades: the raw, two-way socket of an exec. */
  hijack(path: string, body: unknown): Promise<Socket> {
    const data = Buffer.from(JSON.stringify(body))
    return new Promise((resolve, reject) => {
      const ask = http().request({
        socketPath: this.socketPath,
        method: 'POST',
        path: VERSION + path,
        agent: false,
        headers: {
          Host: 'd',
          Connection: 'Upgrade',
          Upgrade: 'tcp',
          'Content-Type': 'application/json',
          'Content-Length': data.length,
        },
      })
      ask.setTimeout(PATIENCE, () => ask.destroy(new Error('no answer in time')))
      ask.on('upgrade', (_answer, socket, head) => {
        socket.setTimeout(0)
        if (head.length > 0) socket.unshift(head)
        resolve(socket as Socket)
      })
      ask.on('response', (answer) => {
        bodyOf(answer).then(
          (text) => reject(refused('POST', path, answer.statusCode ?? 500, text)),
          reject,
        )
      })
      ask.on('error', (cause) => reject(unavailable(this.socketPath, cause)))
      ask.end(data)
    })
  }

  /** Whether the engine answers within `ms`. */
  async ping(ms: number): Promise<boolean> {
    try {
      const answer = await this.#send('GET', '/libpod/_ping', { timeoutMs: ms })
      await bodyOf(answer)
      return answer.statusCode === 200
    } catch {
      return false
    }
  }

  close(): void {
    this.#agent.destroy()
  }

  #send(method: string, path: string, options: CallOptions): Promise<IncomingMessage> {
    const data = options.body === undefined ? undefined : Buffer.from(JSON.stringify(options.body))
    return new Promise((resolve, reject) => {
      const ask = http().request(
        {
          socketPath: this.socketPath,
          method,
          path: VERSION + path,
          agent: this.#agent,
          ...(options.signal ? { signal: options.signal } : {}),
          headers: {
            Host: 'd',
            ...(data ? { 'Content-Type': 'application/json', 'Content-Length': data.length } : {}),
          },
        },
        resolve,
      )
      ask.setTimeout(options.timeoutMs ?? PATIENCE, () =>
        ask.destroy(new Error('no answer in time')),
      )
      ask.on('error', (cause) => reject(unavailable(this.socketPath, cause)))
      ask.end(data)
    })
  }

  async #open(
    method: string,
    path: string,
    options: { signal: AbortSignal; upload?: Readable; contentType?: string },
  ): Promise<IncomingMessage> {
    const answer = await new Promise<IncomingMessage>((resolve, reject) => {
      const ask = http().request(
        {
          socketPath: this.socketPath,
          method,
          path: VERSION + path,
          agent: false,
          signal: options.signal,
          headers: {
            Host: 'd',
            ...(options.contentType ? { 'Content-Type': options.contentType } : {}),
          },
        },
        resolve,
      )
      ask.on('error', (cause) => reject(unavailable(this.socketPath, cause)))
      if (options.upload) options.upload.on('error', (cause) => ask.destroy(cause)).pipe(ask)
      else ask.end()
    })
    if ((answer.statusCode ?? 500) >= 400)
      throw refused(method, path, answer.statusCode ?? 500, await bodyOf(answer))
    return answer
  }
}

/** The HTTP status with which the engine refused, or undefined for any other failure. */
export function statusOf(thrown: unknown): number | undefined {
  return thrown instanceof Fault && thrown.cause instanceof Refusal
    ? thrown.cause.status
    : undefined
}

class Refusal extends Error {
  readonly status: number
  constructor(status: number, message: string) {
    super(message)
    this.status = status
  }
}

function refused(method: string, path: string, status: number, text: string): Fault {
  const words = plain(wordsOf(text) || `HTTP ${status}`, 600)
  const cause = new Refusal(status, `${method} ${path}: ${status} ${words}`)
  if (status === 404) return new Fault('not.found', `Podman does not know it: ${words}`, { cause })
  return new Fault('backend.failed', `Podman refused: ${words}`, { cause })
}

function wordsOf(text: string): string {
  try {
    const said: unknown = JSON.parse(text)
    if (
      typeof said === 'object' &&
      said !== null &&
      'message' in said &&
      typeof said.message === 'string'
    )
      return said.message
  } catch {
    /* not JSON: its own words then */
  }
  return text.trim()
}

function unavailable(socketPath: string, cause: unknown): Fault {
  if (cause instanceof Fault) return cause
  const why = errno(cause) ?? (cause instanceof Error ? cause.message : String(cause))
  return new Fault('backend.unavailable', `Podman does not answer at ${socketPath} (${why})`, {
    cause,
    hint: 'Run `clawdeck doctor`. Running agents are not touched by this.',
  })
}

async function bodyOf(answer: IncomingMessage): Promise<string> {
  const parts: Buffer[] = []
  let size = 0
  for await (const part of answer as AsyncIterable<Buffer>) {
    size += part.length
    if (size > LARGEST_ANSWER) {
      answer.destroy()
      throw new Fault(
        'backend.failed',
        `Podman answered with more than ${LARGEST_ANSWER / 1024 / 1024} MiB`,
      )
    }
    parts.push(part)
  }
  return Buffer.concat(parts).toString('utf8')
}

async function* splitLines(answer: IncomingMessage): AsyncGenerator<string> {
  answer.setEncoding('utf8')
  let rest = ''
  for await (const part of answer as AsyncIterable<string>) {
    rest += part
    if (rest.length > LARGEST_LINE)
      throw new Fault('backend.failed', 'Podman sent a line without end')
    const lines = rest.split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) if (line.trim() !== '') yield line
  }
  if (rest.trim() !== '') yield rest
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new Fault(
      'backend.failed',
      `Podman answered with something that is not JSON: ${plain(text, 120)}`,
      { cause },
    )
  }
}

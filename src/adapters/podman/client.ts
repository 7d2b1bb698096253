import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import type { Readable } from 'node:stream'
import { errno, Fault } from '../../base/fault.ts'
import { http } from '../../base/http.ts'
import { plain } from '../../base/text.ts'

const VERSION = '/v4.0.0'
const MAX_ANSWER_BYTES = 16 * 1024 * 1024
const MAX_LINE_CHARS = 1024 * 1024
const TIMEOUT_MS = 10_000

export interface CallOptions {
  body?: unknown
  timeoutMs?: number
  signal?: AbortSignal
  /** The call is idempotent, so it may be repeated after the engine was restarted. */
  repeat?: boolean
}

/**
 * The libpod REST API over its Unix socket. The size of answers is bounded. A refusal is a Fault
 * with the engine's own message; `statusOf` gives its HTTP status.
 */
export class PodmanClient {
  readonly socketPath: string
  readonly #agent = new (http().Agent)({ keepAlive: true, maxSockets: 16 })

  constructor(socketPath: string) {
    this.socketPath = socketPath
  }

  /** Sends a request and returns the JSON of the answer, undefined if it is empty. */
  async call(method: string, path: string, options: CallOptions = {}): Promise<unknown> {
    const answer = await this.#send(method, path, options)
    const text = await bodyOf(answer)
    if ((answer.statusCode ?? 500) >= 400)
      throw refused(method, path, answer.statusCode ?? 500, text)
    return text === '' || answer.statusCode === 304 ? undefined : parse(text)
  }

  /** Newline-delimited JSON values as they arrive, until the engine ends or the signal aborts. */
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

  /** The raw bytes of an answer as they arrive. */
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

  /** Upgrades the connection and returns the raw, two-way socket of an exec. */
  hijack(path: string, body: unknown): Promise<Socket> {
    const data = Buffer.from(JSON.stringify(body))
    return new Promise((resolve, reject) => {
      const request = http().request({
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
      request.setTimeout(TIMEOUT_MS, () => request.destroy(new Error('no answer in time')))
      request.on('upgrade', (_answer, socket, head) => {
        socket.setTimeout(0)
        if (head.length > 0) socket.unshift(head)
        resolve(socket as Socket)
      })
      request.on('response', (answer) => {
        bodyOf(answer).then(
          (text) => reject(refused('POST', path, answer.statusCode ?? 500, text)),
          reject,
        )
      })
      request.on('error', (cause) => reject(unavailable(this.socketPath, cause)))
      request.end(data)
    })
  }

  /** Whether the engine answers within `timeoutMs`. */
  async ping(timeoutMs: number): Promise<boolean> {
    try {
      const answer = await this.#send('GET', '/libpod/_ping', { timeoutMs })
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
      const request = http().request(
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
      request.setTimeout(options.timeoutMs ?? TIMEOUT_MS, () =>
        request.destroy(new Error('no answer in time')),
      )
      request.on('error', (cause) => reject(unavailable(this.socketPath, cause)))
      request.end(data)
    })
  }

  async #open(
    method: string,
    path: string,
    options: { signal: AbortSignal; upload?: Readable; contentType?: string },
  ): Promise<IncomingMessage> {
    const answer = await new Promise<IncomingMessage>((resolve, reject) => {
      const request = http().request(
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
      request.on('error', (cause) => reject(unavailable(this.socketPath, cause)))
      if (options.upload)
        options.upload.on('error', (cause) => request.destroy(cause)).pipe(request)
      else request.end()
    })
    if ((answer.statusCode ?? 500) >= 400)
      throw refused(method, path, answer.statusCode ?? 500, await bodyOf(answer))
    return answer
  }
}

/** The HTTP status of an engine's refusal, or undefined for any other error. */
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
  const message = plain(messageOf(text) || `HTTP ${status}`, 600)
  const cause = new Refusal(status, `${method} ${path}: ${status} ${message}`)
  if (status === 404) return new Fault('not.found', `Podman found nothing: ${message}`, { cause })
  return new Fault('backend.failed', `Podman refused: ${message}`, { cause })
}

function messageOf(text: string): string {
  try {
    const answer: unknown = JSON.parse(text)
    if (
      typeof answer === 'object' &&
      answer !== null &&
      'message' in answer &&
      typeof answer.message === 'string'
    )
      return answer.message
  } catch {
    /* not JSON: the text itself is the message */
  }
  return text.trim()
}

function unavailable(socketPath: string, cause: unknown): Fault {
  if (cause instanceof Fault) return cause
  const why = errno(cause) ?? (cause instanceof Error ? cause.message : String(cause))
  return new Fault('backend.unavailable', `Podman does not answer at ${socketPath} (${why})`, {
    cause,
    hint: 'Run `clawdeck doctor`. Running agents are not affected.',
  })
}

async function bodyOf(answer: IncomingMessage): Promise<string> {
  const parts: Buffer[] = []
  let size = 0
  for await (const part of answer as AsyncIterable<Buffer>) {
    size += part.length
    if (size > MAX_ANSWER_BYTES) {
      answer.destroy()
      throw new Fault(
        'backend.failed',
        `Podman answered with more than ${MAX_ANSWER_BYTES / 1024 / 1024} MiB`,
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
    if (rest.length > MAX_LINE_CHARS)
      throw new Fault('backend.failed', 'Podman sent a line that is too long')
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

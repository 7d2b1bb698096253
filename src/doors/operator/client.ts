import type * as Http from 'node:http'
import { connect } from 'node:net'
import type { Duplex } from 'node:stream'
import { errno, Fault, type FaultJson } from '../../base/fault.ts'
import { http } from '../../base/http.ts'
import type { StreamLine, WorldFrame } from '../../commands/wire.ts'
import type { Link } from './link.ts'

/** A line to the supervisor over its Unix socket. Connects anew for each sentence; nothing is opened before the first. */
export function openLink(socketPath: string, door: 'cli' | 'console'): Link {
  const alive = new AbortController()
  const call = (
    method: string,
    path: string,
    body: string | undefined,
    signal?: AbortSignal,
  ): Promise<Http.IncomingMessage> =>
    send(socketPath, {
      method,
      path,
      body,
      door,
      signal: signal === undefined ? alive.signal : AbortSignal.any([signal, alive.signal]),
    })
  return {
    async do(id, input) {
      const response = await call(
        'POST',
        `/v1/do/${encodeURIComponent(id)}`,
        JSON.stringify(input ?? {}),
      )
      const text = await textOf(response)
      if (response.statusCode !== 200) throw faultOf(text, response.statusCode)
      return text === '' ? undefined : JSON.parse(text)
    },
    stream: (id, input, signal) =>
      items(
        () => call('POST', `/v1/do/${encodeURIComponent(id)}`, JSON.stringify(input ?? {}), signal),
        signal,
      ),
    world: (signal) => frames(() => call('GET', '/v1/world', undefined, signal)),
    attach: (shell, size) =>
      upgrade(
        socketPath,
        `/v1/shells/${encodeURIComponent(shell)}/attach?columns=${size.columns}&rows=${size.rows}`,
        door,
      ),
    close: () => alive.abort(),
  }
}

interface Call {
  method: string
  path: string
  body: string | undefined
  door: string
  signal: AbortSignal
}

function send(
  socketPath: string,
  { method, path, body, door, signal }: Call,
): Promise<Http.IncomingMessage> {
  return new Promise((resolve, reject) => {
    const headers = {
      'x-clawdeck-door': door,
      ...(body === undefined
        ? {}
        : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }),
    }
    // With a connection of its own no agent is made, which would compile the rules of host names at the first request.
    const request = http().request({
      createConnection: () => connect(socketPath),
      method,
      path,
      headers,
      signal,
    })
    request.on('response', resolve).on('error', (error) => reject(lost(error)))
    request.end(body)
  })
}

async function textOf(response: Http.IncomingMessage): Promise<string> {
  response.setEncoding('utf8')
  let text = ''
  try {
    for await (const chunk of response) text += chunk as string
  } catch (error) {
    throw lost(error)
  }
  return text
}

async function* lines(response: Http.IncomingMessage): AsyncGenerator<unknown> {
  response.setEncoding('utf8')
  let rest = ''
  for await (const chunk of response) {
    const parts = (chunk as string).split('\n')
    parts[0] = rest + (parts[0] ?? '')
    rest = parts.pop() ?? ''
    for (const part of parts) if (part !== '') yield JSON.parse(part)
  }
}

async function* items(
  open: () => Promise<Http.IncomingMessage>,
  signal: AbortSignal,
): AsyncGenerator<unknown> {
  try {
    const response = await open()
    if (response.statusCode !== 200) throw faultOf(await textOf(response), response.statusCode)
    for await (const value of lines(response)) {
      const line = value as StreamLine
      if ('end' in line) return
      if ('fault' in line) throw revive(line.fault)
      yield line.item
    }
    throw new Fault(
      'supervisor.unavailable',
      'the supervisor went away before the answer was complete',
      { hint: 'Run the command again.' },
    )
  } catch (error) {
    if (!signal.aborted) throw lost(error)
  }
}

async function* frames(open: () => Promise<Http.IncomingMessage>): AsyncGenerator<WorldFrame> {
  const response = await open()
  if (response.statusCode !== 200) throw faultOf(await textOf(response), response.statusCode)
  try {
    for await (const frame of lines(response)) yield frame as WorldFrame
  } catch (error) {
    // A cut connection is how a supervisor that was killed says goodbye: the mirror ends, and its owner calls again.
    if (!CUT.has(errno(error) ?? '')) throw error
  }
}

function upgrade(socketPath: string, path: string, door: string): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    const request = http().request({
      createConnection: () => connect(socketPath),
      path,
      headers: { connection: 'Upgrade', upgrade: 'clawdeck-pty', 'x-clawdeck-door': door },
    })
    request.on('upgrade', (_response, socket, head) => {
      if (head.length > 0) socket.unshift(head)
      resolve(socket)
    })
    request.on('response', (response) => {
      textOf(response).then((text) => reject(faultOf(text, response.statusCode)), reject)
    })
    request.on('error', (error) => reject(lost(error)))
    request.end()
  })
}

const CUT = new Set(['ECONNRESET', 'EPIPE', 'ABORT_ERR', 'ERR_STREAM_PREMATURE_CLOSE'])
const AWAY = new Set([...CUT, 'ENOENT', 'ECONNREFUSED', 'ENOTSOCK'])

function lost(error: unknown): unknown {
  const code = errno(error)
  if (error instanceof Fault || code === undefined) return error
  if (code === 'EACCES')
    return new Fault('supervisor.unavailable', "the supervisor's socket is not yours to use", {
      cause: error,
      hint: 'Run as the user who owns the deck home, or set CLAWDECK_HOME.',
    })
  if (!AWAY.has(code)) return error
  return new Fault('supervisor.unavailable', 'the supervisor is not there', {
    cause: error,
    hint: 'Start it with `clawdeck supervisor start`; `clawdeck supervisor logs` says why it went.',
  })
}

function faultOf(text: string, status: number | undefined): Fault {
  try {
    return revive((JSON.parse(text) as { fault: FaultJson }).fault)
  } catch {
    return new Fault('bug', `the supervisor answered ${status ?? 'nothing'} without a fault`, {
      hint: 'It may be of another version: `clawdeck supervisor stop`, then try again.',
    })
  }
}

function revive(fault: FaultJson): Fault {
  return new Fault(fault.code, fault.message, fault.hint === undefined ? {} : { hint: fault.hint })
}

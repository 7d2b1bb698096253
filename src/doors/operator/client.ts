import type * as Http from 'node:http'
import { connect } from 'node:net'
import type { Duplex } from 'node:stream'
import { errno, Fault, type FaultJson } from '../../base/fault.ts'
import { http } from '../../base/http.ts'
import type { StreamLine, WorldFrame } from '../../commands/wire.ts'
import type { Link } from './link.ts'

/**
 * A link over the supervisor's Unix socket. Each call makes a connection of its own. With a key or
 * session it is that of its operator.
 */
export function openLink(
  socketPath: string,
  door: 'cli' | 'console',
  credential: Credential = environmentKey,
): Link {
  const calls = callsTo(socketPath, door, credential)
  return {
    ...calls.at('/v1/do'),
    world: (signal) => frames(() => calls.call('GET', '/v1/world', undefined, signal)),
    attach: async (shell, size) =>
      upgrade(
        socketPath,
        `/v1/shells/${encodeURIComponent(shell)}/attach?columns=${size.columns}&rows=${size.rows}`,
        await calls.identify(),
      ),
    close: calls.close,
  }
}

/** What a device says before it is trusted, at the door for paired devices. */
export function openPairingDoor(socketPath: string): Pick<Link, 'do' | 'stream'> {
  return callsTo(socketPath, 'cli', () => undefined).at('/v1/pair')
}

/** Calls at one socket, each with a connection of its own. */
function callsTo(socketPath: string, door: string, credential: Credential) {
  const closing = new AbortController()
  const identify = async (): Promise<Identity> => {
    const secret = await credential()
    return {
      'x-clawdeck-door': door,
      ...(secret === undefined ? {} : { authorization: `Bearer ${secret}` }),
    }
  }
  const call = async (
    method: string,
    path: string,
    body: string | undefined,
    signal?: AbortSignal,
  ): Promise<Http.IncomingMessage> =>
    send(socketPath, {
      method,
      path,
      body,
      identity: await identify(),
      signal: signal === undefined ? closing.signal : AbortSignal.any([signal, closing.signal]),
    })
  return {
    identify,
    call,
    close: () => closing.abort(),
    /** Acts, or what else is answered, at addresses that begin so. */
    at: (prefix: string): Pick<Link, 'do' | 'stream'> => {
      const post = (id: string, input: unknown, signal?: AbortSignal) =>
        call('POST', `${prefix}/${encodeURIComponent(id)}`, JSON.stringify(input ?? {}), signal)
      return {
        async do(id, input) {
          const response = await post(id, input)
          const text = await textOf(response)
          if (response.statusCode !== 200) throw faultIn(text, response.statusCode)
          return text === '' ? undefined : JSON.parse(text)
        },
        stream: (id, input, signal) => items(() => post(id, input, signal), signal),
      }
    },
  }
}

/** The key or session to be sent, if there is one. */
export type Credential = () => string | undefined | Promise<string | undefined>

function environmentKey(): string | undefined {
  return process.env['CLAWDECK_KEY'] === '' ? undefined : process.env['CLAWDECK_KEY']
}

/** What says which door is used, and by whom. */
type Identity = Readonly<Record<string, string>>

interface Call {
  method: string
  path: string
  body: string | undefined
  identity: Identity
  signal: AbortSignal
}

function send(
  socketPath: string,
  { method, path, body, identity, signal }: Call,
): Promise<Http.IncomingMessage> {
  return new Promise((resolve, reject) => {
    const headers = {
      ...identity,
      ...(body === undefined
        ? {}
        : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }),
    }
    // With createConnection no http.Agent is made, which would compile host name patterns first.
    const request = http().request({
      createConnection: () => connect(socketPath),
      method,
      path,
      headers,
      signal,
    })
    request.on('response', resolve).on('error', (error) => reject(explained(error)))
    request.end(body)
  })
}

async function textOf(response: Http.IncomingMessage): Promise<string> {
  response.setEncoding('utf8')
  let text = ''
  try {
    for await (const chunk of response) text += chunk as string
  } catch (error) {
    throw explained(error)
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
    if (response.statusCode !== 200) throw faultIn(await textOf(response), response.statusCode)
    for await (const value of lines(response)) {
      const line = value as StreamLine
      if ('end' in line) return
      if ('fault' in line) throw Fault.fromJson(line.fault)
      yield line.item
    }
    throw new Fault(
      'supervisor.unavailable',
      'the supervisor ended before the answer was complete',
      { hint: 'Run the command again.' },
    )
  } catch (error) {
    if (!signal.aborted) throw explained(error)
  }
}

async function* frames(open: () => Promise<Http.IncomingMessage>): AsyncGenerator<WorldFrame> {
  const response = await open()
  if (response.statusCode !== 200) throw faultIn(await textOf(response), response.statusCode)
  try {
    for await (const frame of lines(response)) yield frame as WorldFrame
  } catch (error) {
    // The supervisor was killed. The caller reconnects.
    if (!DISCONNECTED.has(errno(error) ?? '')) throw error
  }
}

function upgrade(socketPath: string, path: string, identity: Identity): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    const request = http().request({
      createConnection: () => connect(socketPath),
      path,
      headers: { connection: 'Upgrade', upgrade: 'clawdeck-pty', ...identity },
    })
    request.on('upgrade', (_response, socket, head) => {
      if (head.length > 0) socket.unshift(head)
      resolve(socket)
    })
    request.on('response', (response) => {
      textOf(response).then((text) => reject(faultIn(text, response.statusCode)), reject)
    })
    request.on('error', (error) => reject(explained(error)))
    request.end()
  })
}

const DISCONNECTED = new Set(['ECONNRESET', 'EPIPE', 'ABORT_ERR', 'ERR_STREAM_PREMATURE_CLOSE'])
const NOT_RUNNING = new Set([...DISCONNECTED, 'ENOENT', 'ECONNREFUSED', 'ENOTSOCK'])

/** A connection error as a Fault; anything else unchanged. */
function explained(error: unknown): unknown {
  const code = errno(error)
  if (error instanceof Fault || code === undefined) return error
  if (code === 'EACCES')
    return new Fault('supervisor.unavailable', "you may not use the supervisor's socket", {
      cause: error,
      hint: 'Run as the user who owns the deck home, or set CLAWDECK_HOME.',
    })
  if (!NOT_RUNNING.has(code)) return error
  return new Fault('supervisor.unavailable', 'the supervisor is not running', {
    cause: error,
    hint: 'Start it with `clawdeck supervisor start`. `clawdeck supervisor logs` shows why it ended.',
  })
}

function faultIn(text: string, status: number | undefined): Fault {
  try {
    return Fault.fromJson((JSON.parse(text) as { fault: FaultJson }).fault)
  } catch {
    return new Fault('bug', `the supervisor answered ${status ?? 'nothing'} without a fault`, {
      hint: 'It may have another version. Run `clawdeck supervisor stop`, then try again.',
    })
  }
}

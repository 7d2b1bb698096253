import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer, type Server } from 'node:https'
import { Fault } from '../../base/fault.ts'
import type { Caller } from '../../commands/act.ts'
import type { Watch } from '../../commands/deck.ts'
import { HIGH_RISK } from '../../domain/approvals/rules.ts'
import type { Device } from '../../domain/operators/pairing/types.ts'
import type { OperatorAccess } from '../../domain/operators/types.ts'
import type { DoorPlace } from '../../domain/doors/types.ts'
import { isStream, parseJson, sendFault, sendItems, sendJson } from '../../wire/answers.ts'
import { BodyTooLarge, readBody } from '../../wire/body.ts'
import { pairingAgent } from '../access/agent-pairing.ts'
import { answerOutsideAgent, type OutsideAgents } from '../access/agents.ts'
import { pairingAnswers } from '../access/pairing.ts'
import type { Sessions } from '../access/sessions.ts'
import { bearerOf, callerAs } from '../operator/caller.ts'
import type { DoorParts } from '../operator/door.ts'
import type { PageCertificate } from './certificate.ts'
import { limitByAddress } from './connections.ts'
import { readPageFiles, STRICT_HEADERS } from './files.ts'
import { follow } from './follow.ts'
import { authorities, foreign } from './origin.ts'
import type { Signed } from './page-wire.ts'
import type { Signatures } from './signatures.ts'
import { PRESENT_RATE, SESSION_RATE, Visitors } from './visitors.ts'

interface WebParts {
  operators: OperatorAccess
  sessions: Sessions
  signatures: Signatures
  agents: Omit<OutsideAgents, 'refused'>
  execute: DoorParts['execute']
  log: DoorParts['log']
  now: () => number
  /** The key id of the deck. */
  deck: string
  certificate: () => PageCertificate
  /** Where it listens. It is known once it does. */
  place: () => DoorPlace
  /** Notes a request that no page of this door made. */
  refused(why: string): void
}

/** A note of 2000 characters, and far more. */
const MAX_BODY_BYTES = 64 * 1024
const BODY_TIMEOUT_MS = 10_000
const MAX_CONNECTIONS = 256
/** A phone needs few. Others may come through one router or tunnel. */
const MAX_OF_ADDRESS = 64

/**
 * The door of the page for phones, and of agents outside of pods: HTTPS on an address that an owner
 * chose.
 */
export async function webDoor(parts: WebParts): Promise<Server> {
  const { key, cert } = parts.certificate()
  const files = await readPageFiles()
  const door = new WebDoor(parts, files)
  const server = createServer(
    { key, cert, headersTimeout: 10_000, requestTimeout: 30_000, maxHeaderSize: 8192 },
    (request, response) => {
      door.answer(request, response).catch((thrown: unknown) => {
        sendFault(response, thrown, parts.log)
      })
    },
  )
  server.maxConnections = MAX_CONNECTIONS
  limitByAddress(server, MAX_OF_ADDRESS, () => parts.refused('too many connections'))
  // A connection that speaks no TLS, or goes away in between, concerns nobody.
  server.on('tlsClientError', (_error, socket) => socket.destroy())
  return server
}

/** What is posted by a device: an input, and its signature where the act wants one. */
interface Post {
  input: unknown
  signed: Partial<Signed>
}

type Files = Awaited<ReturnType<typeof readPageFiles>>

class WebDoor {
  readonly #parts: WebParts
  readonly #files: Files
  readonly #presenting = new Visitors(PRESENT_RATE)
  readonly #opening = new Visitors(SESSION_RATE)
  readonly #pairing: ReturnType<typeof pairingAnswers>

  constructor(parts: WebParts, files: Files) {
    this.#parts = parts
    this.#files = files
    this.#pairing = pairingAnswers(parts)
  }

  async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    for (const [name, value] of Object.entries(STRICT_HEADERS)) response.setHeader(name, value)
    const path = (request.url ?? '/').split('?', 1)[0] ?? '/'
    // What an agent says is signed: it needs no browser that vouches for where it comes from.
    if (path.startsWith('/v1/agents/')) {
      const { agents, ...parts } = this.#parts
      if (
        pairingAgent(request) !== undefined &&
        this.#hasToWait(this.#presenting, request, response)
      )
        return
      await answerOutsideAgent({ ...agents, ...parts, door: 'web' }, request, response)
      return
    }
    const isData = path.startsWith('/v1/')
    const why = foreign(request.headers, authorities(this.#parts.place()), isData ? 'data' : 'file')
    if (why !== undefined) {
      this.#parts.refused(why)
      throw new Fault('refused', `this request came from ${why}`, {
        hint: 'Open the page by the address that `clawdeck access serve` shows.',
      })
    }
    if (isData) await this.#data(request, response, path)
    else this.#file(request, response, path)
  }

  #file({ method }: IncomingMessage, response: ServerResponse, path: string): void {
    const file = this.#files.get(path)
    if (file === undefined || (method !== 'GET' && method !== 'HEAD'))
      throw new Fault('usage', 'there is nothing at this address')
    response
      .writeHead(200, { 'content-type': file.type, 'content-length': file.body.length })
      .end(method === 'HEAD' ? undefined : file.body)
  }

  async #data(request: IncomingMessage, response: ServerResponse, path: string): Promise<void> {
    const [, , verb = '', word = ''] = path.split('/')
    if (request.method !== 'POST' || !/^application\/json\b/.test(typeOf(request)))
      throw new Fault('usage', 'JSON is posted here')
    const gone = new AbortController()
    response.once('close', () => gone.abort())
    if (verb === 'pair') await this.#pair(request, response, { word, signal: gone.signal })
    else await this.#said(request, response, { verb, word, signal: gone.signal })
  }

  /** Answers whoever tries too much, and says whether they did. */
  #hasToWait(visitors: Visitors, { socket }: IncomingMessage, response: ServerResponse): boolean {
    const wait = visitors.mayTry(socket.remoteAddress ?? '')
    if (wait === 0) return false
    this.#parts.refused('too many tries')
    const fault = new Fault('refused', 'too many tries', { hint: `Wait ${wait} s.` })
    response.setHeader('retry-after', wait)
    sendJson(response, 429, { fault })
    return true
  }

  /** What whoever is not known yet says. */
  async #pair(
    request: IncomingMessage,
    response: ServerResponse,
    { word, signal }: { word: string; signal: AbortSignal },
  ): Promise<void> {
    const visitors = word === 'present' ? this.#presenting : this.#opening
    if (this.#hasToWait(visitors, request, response)) return
    const answer = this.#pairing.get(word)
    if (answer === undefined) throw nothingHere()
    const guest: Caller = { actor: 'guest', door: 'web', role: 'guest', signal }
    const input = await bodyIn(request)
    await send(response, await answer(input, guest), signal)
  }

  /** What a device with a session says. */
  async #said(
    request: IncomingMessage,
    response: ServerResponse,
    { verb, word, signal: gone }: { verb: string; word: string; signal: AbortSignal },
  ): Promise<void> {
    const post = postIn(await bodyIn(request))
    // Only now: the trust may have ended while the body was on its way.
    const device = this.#deviceOf(request)
    const caller = this.#callerOf(device, post, gone)
    if (verb === 'nonce') sendJson(response, 200, this.#parts.signatures.nonce(device.id))
    else if (verb === 'follow') await this.#follow(response, caller, device)
    else if (verb === 'do' && word !== '')
      await send(response, await this.#parts.execute(word, post.input, caller), caller.signal)
    else throw nothingHere()
  }

  /** Fault `refused`. */
  #deviceOf(request: IncomingMessage): Device {
    const device = this.#parts.sessions.deviceOf(bearerOf(request) ?? '')
    if (device === undefined) {
      this.#parts.refused('no session')
      throw new Fault('refused', 'this session is not valid any more', {
        hint: 'Open another one with the key of this device, or ask an owner to pair it again.',
      })
    }
    return device
  }

  #callerOf(device: Device, { signed }: Post, gone: AbortSignal): Caller {
    const { operators, signatures } = this.#parts
    const operator = operators.active(device.operator)
    if (operator === undefined) throw new Fault('refused', `${device.operator} was removed`)
    return {
      ...callerAs(operator, operators, { gone, device: device.id, door: 'web' }),
      unsigned: (act, input) => signatures.missing(device, signed, act, input),
    }
  }

  async #follow(response: ServerResponse, caller: Caller, device: Device): Promise<void> {
    const { execute, operators, deck, certificate, now } = this.#parts
    const watch = (await execute('deck.watch', {}, caller)) as Watch
    const reader = {
      operator: device.operator,
      role: caller.role as 'owner' | 'operator' | 'viewer',
      agents: caller.agents === undefined ? null : [...caller.agents],
      device: device.id,
      deviceName: device.name,
      deck,
      fingerprint: certificate().fingerprint,
      highRisk: HIGH_RISK,
    }
    follow(response, { watch, reader, now, signal: caller.signal })
    operators.present(device.operator, 'web', caller.signal)
  }
}

function nothingHere(): Fault {
  return new Fault('usage', 'there is nothing at this address')
}

function typeOf({ headers }: IncomingMessage): string {
  return headers['content-type'] ?? ''
}

async function bodyIn(request: IncomingMessage): Promise<unknown> {
  const limits = { maxBytes: MAX_BODY_BYTES, timeoutMs: BODY_TIMEOUT_MS }
  return parseJson(
    await readBody(request, limits).catch((thrown: unknown) => {
      throw thrown instanceof BodyTooLarge
        ? new Fault('input.invalid', `the request is larger than ${MAX_BODY_BYTES >> 10} KiB`)
        : thrown
    }),
  )
}

/** Fault `input.invalid`. */
function postIn(body: unknown): Post {
  const { input = {}, nonce, signature } = (body ?? {}) as Record<string, unknown>
  return {
    input,
    signed: {
      ...(typeof nonce === 'string' ? { nonce } : {}),
      ...(typeof signature === 'string' ? { signature } : {}),
    },
  }
}

async function send(response: ServerResponse, answer: unknown, signal: AbortSignal): Promise<void> {
  if (isStream(answer)) await sendItems(response, answer, signal)
  else sendJson(response, 200, answer ?? null)
}

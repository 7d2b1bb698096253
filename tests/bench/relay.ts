import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import {
  createServer,
  request as requestPlain,
  type IncomingMessage,
  type ServerResponse,
  type RequestOptions,
} from 'node:http'
import { request as requestSecure } from 'node:https'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { openCertificate } from '../../src/doors/web/certificate.ts'

const PROGRAM = fileURLToPath(new URL('bare-relay.ts', import.meta.url))

/** A bare relay in a process of its own: what telling others, and being told, takes at least. */
export class Relay implements AsyncDisposable {
  readonly #child: ChildProcess
  readonly #port: number
  readonly #isSecure: boolean
  readonly #folder: string
  readonly #receiver: ReturnType<typeof createServer>
  #received: (body: string) => void = () => undefined
  #polled: (response: ServerResponse) => void = () => undefined
  #told: (line: string) => void = () => undefined
  #count = 0

  private constructor(parts: {
    child: ChildProcess
    port: number
    isSecure: boolean
    folder: string
    receiver: ReturnType<typeof createServer>
  }) {
    this.#child = parts.child
    this.#port = parts.port
    this.#isSecure = parts.isSecure
    this.#folder = parts.folder
    this.#receiver = parts.receiver
    this.#receiver.on('request', (incoming: IncomingMessage, response) => {
      if (incoming.method === 'GET') {
        this.#polled(response)
        return
      }
      let body = ''
      incoming.setEncoding('utf8').on('data', (chunk: string) => {
        body += chunk
      })
      incoming.on('end', () => {
        this.#received(body)
        response.end()
      })
    })
  }

  static async open({ isSecure = false } = {}): Promise<Relay> {
    const folder = mkdtempSync('/tmp/cdb-relay-')
    if (isSecure) await openCertificate(folder, '127.0.0.1', Date.now())
    const receiver = createServer().listen(0, '127.0.0.1')
    await once(receiver, 'listening')
    const target = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/`
    const pem = isSecure ? [join(folder, 'web.pem')] : []
    const child = fork(PROGRAM, [folder, target, ...pem])
    const [port] = (await once(child, 'message')) as [number]
    return new Relay({ child, port, isSecure, folder, receiver })
  }

  get pid(): number {
    return this.#child.pid ?? 0
  }

  /** One more that is told; the first of them says when. */
  async follow(): Promise<void> {
    const isFirst = this.#count++ === 0
    const lines = createInterface(await this.#get('/follow'))
    // It ends with the relay.
    lines.on('error', () => undefined)
    lines.on('line', (line) => {
      if (isFirst) this.#told(line)
    })
  }

  /** Milliseconds until a follower has what was posted. */
  tell(body: string): Promise<number> {
    return this.#until(`/tell`, body, (heard) => {
      this.#told = heard
    })
  }

  /** Milliseconds until it was posted on so often. */
  send(body: string, times = 1): Promise<number> {
    let left = times
    return this.#until(`/send/${times}`, body, (heard) => {
      this.#received = () => {
        if (--left === 0) heard()
      }
    })
  }

  /** Milliseconds until whoever waits is answered. */
  async release(body: string): Promise<number> {
    const held = await this.#get('/hold')
    return this.#until('/release', body, (heard) => held.once('end', heard).resume())
  }

  /** Milliseconds until whoever waits is answered with what was polled for. */
  async poll(body: string): Promise<number> {
    const held = await this.#get('/hold')
    const polled = new Promise<ServerResponse>((resolve) => {
      this.#polled = resolve
    })
    this.#request('/poll', { method: 'POST' })
      .on('response', (response: IncomingMessage) => response.resume())
      .end()
    const polling = await polled
    const ended = once(held.resume(), 'end')
    const began = performance.now()
    polling.end(body)
    await ended
    return performance.now() - began
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.disconnect()
    this.#receiver.closeAllConnections()
    this.#receiver.close()
    await once(this.#child, 'exit')
    rmSync(this.#folder, { recursive: true, force: true })
  }

  async #until(path: string, body: string, listen: (heard: () => void) => void): Promise<number> {
    const heard = new Promise<number>((resolve) => listen(() => resolve(performance.now())))
    const began = performance.now()
    const headers = { 'content-length': Buffer.byteLength(body) }
    const sending = this.#request(path, { method: 'POST', headers })
    sending.on('response', (response) => response.resume())
    sending.end(body)
    return (await heard) - began
  }

  async #get(path: string): Promise<IncomingMessage> {
    const sending = this.#request(path, {})
    sending.on('error', () => undefined)
    sending.end()
    const [response] = (await once(sending, 'response')) as [IncomingMessage]
    response.on('error', () => undefined)
    return response
  }

  #request(path: string, options: RequestOptions) {
    const where = { host: '127.0.0.1', port: this.#port, path, agent: false, ...options }
    return this.#isSecure
      ? requestSecure({ ...where, agent: false, rejectUnauthorized: false })
      : requestPlain({ ...where, agent: false })
  }
}

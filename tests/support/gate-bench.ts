import { once } from 'node:events'
import { createServer as createHttpServer, type IncomingMessage } from 'node:http'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import { expect } from 'vitest'
import type { EgressRefusal } from '../../src/domain/egress/types.ts'
import { openGate, type Gate } from '../../src/gate/gate.ts'
import { GATE_LIMITS } from '../../src/gate/types.ts'

const LIMITS = { ...GATE_LIMITS, headMs: 400, sweepMs: 50, helloMs: 400, waiting: 4 }

/** A gate on loopback whose judge passes everything, except what a test says. */
export class GateBench {
  gate!: Gate
  gatePort = 0
  webPort = 0
  /** What arrived at the web server. */
  readonly arrived: { method: string; url: string; host: string; body: string }[] = []
  readonly refusals: { text: string; code: string }[] = []
  readonly decided: string[] = []
  blocked: (text: string) => boolean = () => false
  readonly #servers: { close(): unknown; closeAllConnections?(): void }[] = []

  async open(): Promise<void> {
    const web = createHttpServer((request, response) => {
      void this.#answer(request).then((text) => response.end(text))
    })
    web.on('upgrade', (_request, socket: Socket) => {
      socket.write(
        'HTTP/1.1 101 Switching Protocols\r\nupgrade: echo\r\nconnection: upgrade\r\n\r\n',
      )
      socket.pipe(socket)
    })
    this.webPort = await this.#listen(web)
    const blocked: EgressRefusal = { code: 'policy.blocked', reason: 'no', next: 'no' }
    this.gate = openGate({
      agent: 'a1',
      now: Date.now,
      limits: LIMITS,
      judge: {
        decide: async ({ text }) => {
          this.decided.push(text)
          return this.blocked(text)
            ? { refusal: blocked }
            : { pass: { basis: { by: 'policy', ids: [] }, maxBytes: Infinity } }
        },
        within: (text) => (this.blocked(text) ? blocked : undefined),
        whyNotAddress: (_host, address) =>
          address === '127.0.0.1' ? undefined : `${address} is refused`,
        resolve: async (host) => (host === 'web.test' ? ['10.9.9.9', '127.0.0.1'] : []),
        refused: (text, { code }) => this.refusals.push({ text, code }),
      },
    })
    const front = createServer({ allowHalfOpen: true }, (socket) =>
      this.gate.server.emit('connection', socket),
    )
    this.gatePort = await this.#listen(front)
  }

  async #answer(request: IncomingMessage): Promise<string> {
    let body = ''
    for await (const part of request) body += String(part)
    const { method = '', url = '', headers } = request
    this.arrived.push({ method, url, host: headers.host ?? '', body })
    return `seen ${method} ${url}`
  }

  async #listen(server: ReturnType<typeof createServer>): Promise<number> {
    this.#servers.push(server)
    await once(server.listen(0, '127.0.0.1'), 'listening')
    return (server.address() as AddressInfo).port
  }

  close(): void {
    this.gate.close()
    for (const server of this.#servers) {
      server.closeAllConnections?.()
      server.close()
    }
  }

  clear(): void {
    this.arrived.length = 0
    this.refusals.length = 0
    this.decided.length = 0
    this.blocked = () => false
  }

  /** Sends bytes, and answers all that comes back until the gate ends the connection. */
  async send(...parts: (string | Buffer)[]): Promise<string> {
    const socket = connect(this.gatePort, '127.0.0.1')
    let text = ''
    socket.setEncoding('latin1')
    socket.on('data', (part: string) => {
      text += part
    })
    socket.on('error', () => undefined)
    for (const part of parts) socket.write(part)
    await once(socket, 'close')
    return text
  }

  /** A tunnel to the web server. */
  async tunnel(authority = `web.test:${this.webPort}`): Promise<Socket> {
    const socket = connect(this.gatePort, '127.0.0.1')
    socket.on('error', () => undefined)
    socket.write(`CONNECT ${authority} HTTP/1.1\r\nHost: ${authority}\r\n\r\n`)
    const [head] = (await once(socket, 'data')) as [Buffer]
    expect(head.toString()).toContain(' 200 ')
    return socket
  }
}

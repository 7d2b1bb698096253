import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { getCACertificates, setDefaultCACertificates } from 'node:tls'
import { openCertificate } from '../../src/doors/web/certificate.ts'
import { tempFolder } from './journal.ts'
import { until } from './until.ts'

export interface Received {
  headers: IncomingMessage['headers']
  text: string
  json: { delivery: string; event: { seq: number; type: string; body: Record<string, unknown> } }
}

/** Answers 200 unless a test says otherwise. */
export type Behaviour = (request: IncomingMessage, response: ServerResponse) => void

/** One for the whole process: authorities that are added later are not trusted. */
let trusted: Promise<{ key: string; cert: string }> | undefined

async function trustedCertificate(onEnd: (act: () => unknown) => void) {
  const made = await openCertificate(tempFolder(onEnd), '127.0.0.1', Date.now())
  setDefaultCACertificates([...getCACertificates('default'), made.cert])
  return made
}

/** A real HTTP server that webhooks are sent to. */
export class Receiver {
  readonly received: Received[] = []
  /** How it answers, once it has read a message. */
  behaviour: Behaviour = (_request, response) => void response.end('thanks')
  readonly #isSecure: boolean
  readonly #server

  constructor(tls?: { key: string; cert: string }) {
    this.#isSecure = tls !== undefined
    const take = (request: IncomingMessage, response: ServerResponse) =>
      this.#take(request, response)
    this.#server = tls === undefined ? createServer(take) : createTlsServer(tls, take)
  }

  static async open(onEnd: (act: () => unknown) => void): Promise<Receiver> {
    const receiver = new Receiver()
    await receiver.listen(0)
    onEnd(() => receiver.close())
    return receiver
  }

  /** One that is reached by https, with a certificate that this process trusts from now on. */
  static async secure(onEnd: (act: () => unknown) => void): Promise<Receiver> {
    const receiver = new Receiver(await (trusted ??= trustedCertificate(onEnd)))
    await receiver.listen(0)
    onEnd(() => receiver.close())
    return receiver
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }
  get url(): string {
    return `${this.#isSecure ? 'https' : 'http'}://127.0.0.1:${this.port}/hook`
  }

  #take(request: IncomingMessage, response: ServerResponse): void {
    let text = ''
    request.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk
    })
    request.on('end', () => {
      this.received.push({ headers: request.headers, text, json: JSON.parse(text) })
      this.behaviour(request, response)
    })
  }

  async listen(port: number): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(port, '127.0.0.1', resolve))
  }

  async close(): Promise<void> {
    if (!this.#server.listening) return
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  /** What came of these types of events, once there are so many. */
  async got(count: number, type?: string): Promise<Received[]> {
    const found = () =>
      this.received.filter(({ json }) => type === undefined || json.event.type === type)
    await until(
      `${count} messages arrive (${type ?? 'of any type'})`,
      () => found().length >= count,
    )
    return found()
  }
}

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { until } from './until.ts'

export interface Received {
  headers: IncomingMessage['headers']
  text: string
  json: { delivery: string; event: { seq: number; type: string; body: Record<string, unknown> } }
}

/** Answers 200 unless a test says otherwise. */
export type Behaviour = (request: IncomingMessage, response: ServerResponse) => void

/** A real HTTP server that webhooks are sent to. */
export class Receiver {
  readonly received: Received[] = []
  /** How it answers, once it has read a message. */
  behaviour: Behaviour = (_request, response) => void response.end('thanks')
  readonly #server = createServer((request, response) => {
    let text = ''
    request.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk
    })
    request.on('end', () => {
      this.received.push({ headers: request.headers, text, json: JSON.parse(text) })
      this.behaviour(request, response)
    })
  })

  static async open(onEnd: (act: () => unknown) => void): Promise<Receiver> {
    const receiver = new Receiver()
    await receiver.listen(0)
    onEnd(() => receiver.close())
    return receiver
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }
  get url(): string {
    return `http://127.0.0.1:${this.port}/hook`
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

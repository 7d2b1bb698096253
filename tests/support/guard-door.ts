import { Agent, request as httpRequest, type Server } from 'node:http'
import { connect, type AddressInfo } from 'node:net'
import { afterEach, beforeEach } from 'vitest'
import { DOOR_LIMITS } from '../../src/doors/guard/door-limits.ts'
import { guardDoor, type InTurn } from '../../src/doors/guard/guard-door.ts'
import { MemoryGuard } from './memory-guard.ts'

export interface DoorReply {
  status: number
  text: string
  json: Record<string, never> & { decision?: string; error?: { message: string; code: string } }
}

/** The guard door of the agent `scout` on a local port, new for each test. */
export class DoorFixture {
  guard = new MemoryGuard()
  server!: Server
  port = 0
  readonly #pool = new Agent({ keepAlive: true })

  constructor() {
    beforeEach(async () => {
      this.guard = new MemoryGuard()
      await this.open()
    })
    afterEach(async () => {
      this.server.closeAllConnections()
      await new Promise((resolve) => {
        this.server.close(resolve)
      })
    })
  }

  /** Opens a door with other limits, or with turns, in place of the current one. */
  async reopen(limits: Partial<typeof DOOR_LIMITS>, inTurn?: InTurn): Promise<void> {
    this.server.close()
    await this.open(limits, inTurn)
  }

  async open(limits: Partial<typeof DOOR_LIMITS> = {}, inTurn?: InTurn): Promise<void> {
    this.server = guardDoor(this.guard, 'scout', {
      limits: { ...DOOR_LIMITS, ...limits },
      ...(inTurn === undefined ? {} : { inTurn }),
    }).server
    await new Promise<void>((resolve) => {
      this.server.listen(0, '127.0.0.1', resolve)
    })
    this.port = (this.server.address() as AddressInfo).port
  }

  send(
    method: string,
    path: string,
    body?: string | Buffer,
    signal?: AbortSignal,
  ): Promise<DoorReply> {
    const options = { port: this.port, host: '127.0.0.1', method, path, agent: this.#pool }
    return new Promise((resolve, reject) => {
      const call = httpRequest(
        { ...options, ...(signal === undefined ? {} : { signal }) },
        (response) => {
          let text = ''
          response
            .setEncoding('utf8')
            .on('data', (part: string) => {
              text += part
            })
            .on('end', () => {
              const isJson = response.headers['content-type'] === 'application/json'
              resolve({
                status: response.statusCode ?? 0,
                text,
                json: isJson ? JSON.parse(text) : {},
              })
            })
        },
      )
      call.on('error', reject)
      call.end(body)
    })
  }

  ask(question: unknown, wait = ''): Promise<DoorReply> {
    return this.send('POST', `/v1/ask${wait}`, JSON.stringify(question))
  }

  /** Sends bytes on a connection of its own, and returns all that comes back. */
  raw(text: string): Promise<string> {
    return new Promise((resolve) => {
      let received = ''
      const socket = connect(this.port, '127.0.0.1', () => socket.write(text))
      socket
        .on('data', (part) => {
          received += String(part)
        })
        .on('close', () => resolve(received))
        .on('error', () => undefined)
    })
  }
}

import type { Agent } from 'node:http'
import type { Socket } from 'node:net'
import { http } from '../base/http.ts'
import { dial, type DialContext } from './dial.ts'

interface AgentOptions {
  /** A connection that is there already: the first that is used. */
  ready?: Socket
  /** Learns of each connection that is made. */
  made?: (socket: Socket) => void
}

/** An HTTP agent whose connections go to addresses that were looked at, and are used again. */
export function diallingAgent(
  context: Omit<DialContext, 'signal'>,
  { ready, made }: AgentOptions = {},
): Agent {
  const { Agent: HttpAgent } = http()
  const agent = new HttpAgent({ keepAlive: true, ...(ready && { maxSockets: 1 }) })
  const { signal } = new AbortController()
  let first = ready
  agent.createConnection = (options, done) => {
    const socket = first
    first = undefined
    // It was paused when it was taken from whoever read it before.
    if (socket !== undefined && !socket.destroyed) return socket.resume()
    const { host = '', port } = options as { host?: string; port?: number }
    const where = { host, port: Number(port), isAddress: /^[0-9.]+$|:/.test(host) }
    void dial(where, { ...context, signal }).then((dialled) => {
      if ('refusal' in dialled) {
        const failure = new Error(dialled.refusal.reason)
        done?.(Object.assign(failure, { refusal: dialled.refusal }), undefined as never)
        return
      }
      made?.(dialled.socket)
      done?.(null, dialled.socket)
    })
    return undefined
  }
  return agent
}

/** Connections to hosts that wait for a next request, until they are forgotten. */
export class KeptConnections {
  readonly #make: () => Agent
  #agent: Agent

  constructor(context: Omit<DialContext, 'signal'>) {
    this.#make = () => diallingAgent(context)
    this.#agent = this.#make()
  }

  get agent(): Agent {
    return this.#agent
  }

  /** Those that are in use go on. */
  forget(): void {
    const before = this.#agent
    this.#agent = this.#make()
    for (const sockets of Object.values(before.freeSockets))
      for (const socket of sockets ?? []) socket.destroy()
  }
}

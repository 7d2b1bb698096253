import type { Socket } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import type { PodTerminal, PodTerminals } from '../../ports/pods.ts'
import { statusOf } from './client.ts'
import type { Pods } from './pods.ts'
import { createSession, endSession, exitCodeOf, KILLED, type RunningSession } from './session.ts'

const RESIZES = 50
const RESIZES_WITHIN = 5_000

/** PTYs in running pods, over the engine's exec with a terminal. */
export function podmanTerminals(pods: Pods): PodTerminals {
  return {
    async open(agent, argv, size, env = {}) {
      const session = await createSession(pods, {
        agent,
        argv,
        tty: true,
        stdin: true,
        env: { TERM: 'xterm-256color', ...env },
      })
      const socket = await (
        await pods.engine.client()
      ).hijack(`/libpod/exec/${session.id}/start`, {
        Detach: false,
        Tty: true,
        h: size.rows,
        w: size.columns,
      })
      socket.pause()
      return new PodmanTerminal(pods, agent, session, socket)
    },
    async reap(agent, handle) {
      const [id = '', mark = ''] = handle.split(':')
      if (/^[0-9a-f]{64}$/.test(id) && /^[0-9a-f]{16}$/.test(mark))
        await endSession(pods, agent, { id, mark })
    },
  }
}

class PodmanTerminal implements PodTerminal {
  readonly handle: string
  readonly #pods: Pods
  readonly #agent: string
  readonly #session: RunningSession
  readonly #socket: Socket
  readonly #ended: Promise<number>
  #wanted: { columns: number; rows: number } | undefined
  #held: Uint8Array[] | undefined

  constructor(pods: Pods, agent: string, session: RunningSession, socket: Socket) {
    this.handle = `${session.id}:${session.mark}`
    this.#pods = pods
    this.#agent = agent
    this.#session = session
    this.#socket = socket
    this.#ended = new Promise((resolve) => {
      socket.on('error', () => undefined)
      socket.once('end', () => socket.end())
      socket.once('close', () => {
        this.#settle().then(resolve, () => resolve(KILLED))
      })
    })
  }

  onData(take: (data: Uint8Array) => void): void {
    this.#socket.on('data', take)
    this.#socket.resume()
  }

  onExit(take: (exitCode: number) => void): void {
    void this.#ended.then(take)
  }

  write(data: Uint8Array): void {
    if (this.#held) this.#held.push(data)
    else if (this.#socket.writable) this.#socket.write(data)
  }

  resize(columns: number, rows: number): void {
    this.#wanted = { columns, rows }
    if (!this.#held) void this.#resize()
  }

  pause(): void {
    this.#socket.pause()
  }

  resume(): void {
    this.#socket.resume()
  }

  async kill(): Promise<void> {
    await endSession(this.#pods, this.#agent, this.#session)
    // What the terminal still had to say has no taker any more.
    this.#socket.destroy()
    await this.#ended
  }

  /**
   * One request at a time, and of many sizes only the last. A resize goes another way than what is typed, so that what
   * is typed after it waits for it (but not for an engine that hangs).
   */
  async #resize(): Promise<void> {
    this.#held = []
    for (let tries = 0; this.#wanted && tries < RESIZES && !this.#socket.destroyed; tries++) {
      const { columns, rows } = this.#wanted
      this.#wanted = undefined
      const path = `/libpod/exec/${this.#session.id}/resize?h=${rows}&w=${columns}`
      await this.#pods.engine
        .call('POST', path, { timeoutMs: RESIZES_WITHIN })
        .catch(async (thrown: unknown) => {
          // Just opened, the engine may not know the terminal yet.
          if (statusOf(thrown) !== 409 && statusOf(thrown) !== 500) return
          this.#wanted ??= { columns, rows }
          await wait(10)
        })
    }
    this.#wanted = undefined
    const held = this.#held
    this.#held = undefined
    for (const data of held) this.write(data)
  }

  /** The connection is closed: by the end of the program, or by a break, after which nothing may be left in the pod. */
  async #settle(): Promise<number> {
    await endSession(this.#pods, this.#agent, this.#session).catch(() => undefined)
    return exitCodeOf(this.#pods, this.#session)
  }
}

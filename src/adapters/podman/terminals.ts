import type { Socket } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import type { PodTerminal, PodTerminals } from '../../ports/pods.ts'
import { statusOf } from './client.ts'
import type { Pods } from './pods.ts'
import {
  createExecSession,
  execExitCode,
  EXIT_CODE_KILLED,
  killExecSession,
  type RunningExecSession,
} from './exec-session.ts'

const MAX_RESIZE_TRIES = 50
const RESIZE_TIMEOUT_MS = 5_000

/** PTYs in running pods, as execs with a terminal. */
export function podmanTerminals(pods: Pods): PodTerminals {
  return {
    async open(agent, argv, size, env = {}) {
      const session = await createExecSession(pods, {
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
        await killExecSession(pods, agent, { id, mark })
    },
  }
}

class PodmanTerminal implements PodTerminal {
  readonly handle: string
  readonly #pods: Pods
  readonly #agent: string
  readonly #session: RunningExecSession
  readonly #socket: Socket
  readonly #exited: Promise<number>
  #wantedSize: { columns: number; rows: number } | undefined
  /** What is typed during a resize. */
  #queuedInput: Uint8Array[] | undefined

  constructor(pods: Pods, agent: string, session: RunningExecSession, socket: Socket) {
    this.handle = `${session.id}:${session.mark}`
    this.#pods = pods
    this.#agent = agent
    this.#session = session
    this.#socket = socket
    this.#exited = new Promise((resolve) => {
      socket.on('error', () => undefined)
      socket.once('end', () => socket.end())
      socket.once('close', () => {
        this.#afterClose().then(resolve, () => resolve(EXIT_CODE_KILLED))
      })
    })
  }

  onData(take: (data: Uint8Array) => void): void {
    this.#socket.on('data', take)
    this.#socket.resume()
  }

  onExit(take: (exitCode: number) => void): void {
    void this.#exited.then(take)
  }

  write(data: Uint8Array): void {
    if (this.#queuedInput) this.#queuedInput.push(data)
    else if (this.#socket.writable) this.#socket.write(data)
  }

  resize(columns: number, rows: number): void {
    this.#wantedSize = { columns, rows }
    if (!this.#queuedInput) void this.#resize()
  }

  pause(): void {
    this.#socket.pause()
  }

  resume(): void {
    this.#socket.resume()
  }

  async kill(): Promise<void> {
    await killExecSession(this.#pods, this.#agent, this.#session)
    // Nobody reads the rest of the output.
    this.#socket.destroy()
    await this.#exited
  }

  /**
   * Sends one request at a time, and of several sizes only the last. Resizes take another
   * connection than input, so later input waits for them, but not for an engine that hangs.
   */
  async #resize(): Promise<void> {
    this.#queuedInput = []
    for (let tries = 0; this.#wantedSize && tries < MAX_RESIZE_TRIES; tries++) {
      if (this.#socket.destroyed) break
      const size = this.#wantedSize
      this.#wantedSize = undefined
      await this.#sendSize(size)
    }
    this.#wantedSize = undefined
    const queued = this.#queuedInput
    this.#queuedInput = undefined
    for (const data of queued) this.write(data)
  }

  async #sendSize({ columns, rows }: { columns: number; rows: number }): Promise<void> {
    const path = `/libpod/exec/${this.#session.id}/resize?h=${rows}&w=${columns}`
    try {
      await this.#pods.engine.call('POST', path, { timeoutMs: RESIZE_TIMEOUT_MS })
    } catch (thrown) {
      // The engine may not know a terminal yet that was just opened.
      if (statusOf(thrown) !== 409 && statusOf(thrown) !== 500) return
      this.#wantedSize ??= { columns, rows }
      await wait(10)
    }
  }

  /**
   * The connection closed because the program ended, or was lost: then nothing may be left in the
   * pod.
   */
  async #afterClose(): Promise<number> {
    await killExecSession(this.#pods, this.#agent, this.#session).catch(() => undefined)
    return execExitCode(this.#pods, this.#session)
  }
}

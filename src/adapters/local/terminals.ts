import { randomBytes } from 'node:crypto'
import { spawn, type IPty } from 'node-pty'
import { Fault } from '../../base/fault.ts'
import type { PodTerminal, PodTerminals } from '../../ports/pods.ts'
import { shellExitCode } from './exec.ts'
import type { LocalPods } from './pods.ts'

/** PTYs in running pods. The handle is the mark in the environment of all their processes. */
export function localTerminals(pods: LocalPods): PodTerminals {
  return {
    async open(agent, argv, size, env = {}) {
      const mark = randomBytes(8).toString('hex')
      const {
        command,
        env: full,
        cwd,
      } = await pods.commandInside(agent, argv, {
        env: { TERM: 'xterm-256color', ...env },
        mark,
        terminal: true,
      })
      try {
        const pty = spawn(command[0] ?? '', command.slice(1), {
          name: 'xterm-256color',
          cols: size.columns,
          rows: size.rows,
          cwd,
          env: full,
          encoding: null,
        })
        return new LocalTerminal(pty, mark, () => pods.killSession(agent, mark))
      } catch (cause) {
        throw new Fault(
          'backend.failed',
          `A terminal cannot be opened in ${agent}: ${cause instanceof Error ? cause.message : String(cause)}`,
          { cause },
        )
      }
    },
    async reap(agent, handle) {
      if (/^[0-9a-f]{16}$/.test(handle)) await pods.killSession(agent, handle)
    },
  }
}

class LocalTerminal implements PodTerminal {
  readonly handle: string
  readonly #pty: IPty
  readonly #killProcesses: () => Promise<void>
  readonly #exited: Promise<number>
  #open = true

  constructor(pty: IPty, mark: string, killProcesses: () => Promise<void>) {
    this.handle = mark
    this.#pty = pty
    this.#killProcesses = killProcesses
    // Nothing is read until onData is called. The kernel buffers what fits, then the program waits.
    pty.pause()
    this.#exited = new Promise((resolve) => {
      pty.onExit(({ exitCode, signal }) => {
        this.#open = false
        // A background job must not outlive its terminal.
        killProcesses().then(
          () => resolve(shellExitCode(exitCode, signal)),
          () => resolve(shellExitCode(exitCode, signal)),
        )
      })
    })
  }

  onData(take: (data: Uint8Array) => void): void {
    // Without an encoding the chunks are buffers, which the typings do not express.
    this.#pty.onData((data) => take(data as unknown as Uint8Array))
    this.#pty.resume()
  }

  onExit(take: (exitCode: number) => void): void {
    void this.#exited.then(take)
  }

  write(data: Uint8Array): void {
    if (this.#open) this.#pty.write(Buffer.from(data))
  }

  resize(columns: number, rows: number): void {
    if (!this.#open) return
    try {
      this.#pty.resize(Math.max(1, columns), Math.max(1, rows))
    } catch {
      /* it ended a moment ago; onExit reports it */
    }
  }

  pause(): void {
    if (this.#open) this.#pty.pause()
  }

  resume(): void {
    if (this.#open) this.#pty.resume()
  }

  async kill(): Promise<void> {
    if (this.#open) this.#pty.kill('SIGKILL')
    await this.#killProcesses()
    // Nobody needs the rest of the output, but unread it would keep the terminal open.
    this.#pty.resume()
    await this.#exited
  }
}

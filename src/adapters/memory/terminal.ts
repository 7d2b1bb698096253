import { newId } from '../../base/ids.ts'
import { LOGIN_SHELL, type PodTerminal } from '../../ports/pods.ts'
import { isShell, runArgv, runLine, ShellExit } from './shell.ts'
import type { CommandContext } from './command-context.ts'

const MAX_LINE_CHARS = 4096
/** Most unread output, in bytes. Older output is dropped. */
const MAX_UNREAD_BYTES = 1024 * 1024

/** A simulated terminal: a line editor with echo in front of the simulated shell. */
export class MemoryTerminal implements PodTerminal {
  readonly handle = newId('pty')
  readonly #context: CommandContext
  readonly #exited: Promise<number>
  #exit: (code: number) => void = () => undefined
  #size: { columns: number; rows: number }
  #take: ((data: Uint8Array) => void) | undefined
  #paused = false
  #unread: Buffer[] = []
  #line = ''
  #submitted: string[] = []
  #wake: (() => void) | undefined
  #running: AbortController | undefined
  #open = true

  constructor(
    context: CommandContext,
    argv: readonly string[],
    size: { columns: number; rows: number },
  ) {
    this.#size = size
    const show = (text: string): void => this.#show(text)
    this.#context = { ...context, out: show, err: show, size: () => this.#size }
    this.#exited = new Promise((resolve) => {
      this.#exit = resolve
    })
    context.signal.addEventListener('abort', () => this.#finish(129), { once: true })
    const life =
      isShell(argv[0]) && (argv[1] !== '-c' || argv[2] === LOGIN_SHELL[2])
        ? this.#shell()
        : this.#foreground((inner) => runArgv(inner, argv))
    life.then(
      (code) => this.#finish(code),
      () => this.#finish(1),
    )
  }

  onData(take: (data: Uint8Array) => void): void {
    this.#take = take
    this.#flush()
  }

  onExit(take: (exitCode: number) => void): void {
    void this.#exited.then(take)
  }

  write(data: Uint8Array): void {
    if (!this.#open) return
    // The line editor ignores arrow keys and other escape sequences.
    for (const key of Buffer.from(data)
      .toString('utf8')
      .replace(/\u001b(?:\[[0-?]*[ -/]*[@-~]|O.)/g, ''))
      this.#key(key)
  }

  resize(columns: number, rows: number): void {
    this.#size = { columns, rows }
  }

  pause(): void {
    this.#paused = true
  }

  resume(): void {
    this.#paused = false
    this.#flush()
  }

  async kill(): Promise<void> {
    this.#finish(137)
    await this.#exited
  }

  async #shell(): Promise<number> {
    const context = this.#context
    try {
      for (;;) {
        this.#prompt()
        while (this.#submitted.length === 0 && this.#open)
          await new Promise<void>((resolve) => {
            this.#wake = resolve
          })
        if (!this.#open) return 129
        const line = this.#submitted.shift() ?? ''
        await this.#foreground(async (inner) => {
          await runLine(inner, line)
          Object.assign(context, { cwd: inner.cwd, status: inner.status })
          return 0
        })
      }
    } catch (thrown) {
      if (thrown instanceof ShellExit) return thrown.code
      throw thrown
    }
  }

  /** Runs something that Ctrl-C and the end of the terminal abort. */
  async #foreground(run: (context: CommandContext) => Promise<number>): Promise<number> {
    this.#running = new AbortController()
    try {
      return await run({
        ...this.#context,
        signal: AbortSignal.any([this.#context.signal, this.#running.signal]),
      })
    } finally {
      this.#running = undefined
    }
  }

  #key(key: string): void {
    if (key === '\r' || key === '\n') {
      this.#show('\n')
      this.#submit(this.#line)
    } else if (key === '\u0003') {
      this.#show('^C\n')
      // As on a real terminal, this also discards what was typed ahead.
      this.#line = ''
      this.#submitted = []
      if (this.#running) this.#running.abort()
      else this.#prompt()
    } else if (key === '\u0004') {
      if (this.#line === '') this.#submit('exit')
    } else if (key === '\u007f' || key === '\b') {
      if (this.#line !== '') this.#show('\b \b')
      this.#line = [...this.#line].slice(0, -1).join('')
    } else if (key >= ' ' && this.#line.length < MAX_LINE_CHARS) {
      this.#line += key
      this.#show(key)
    }
  }

  #submit(line: string): void {
    this.#line = ''
    this.#submitted.push(line)
    this.#wake?.()
  }

  #prompt(): void {
    const { spec, cwd, status } = this.#context
    this.#show(
      `\u001b[1;36m${spec.agent}\u001b[0m \u001b[34m${cwd}\u001b[0m ${status === 0 ? '' : `\u001b[31m${status}\u001b[0m `}$ `,
    )
  }

  #show(text: string): void {
    if (!this.#open) return
    this.#unread.push(Buffer.from(text.replace(/\r?\n/g, '\r\n')))
    this.#flush()
    let size = this.#unread.reduce((sum, part) => sum + part.length, 0)
    while (size > MAX_UNREAD_BYTES) size -= this.#unread.shift()?.length ?? size
  }

  #flush(): void {
    while (this.#take && !this.#paused) {
      const part = this.#unread.shift()
      if (!part) return
      this.#take(part)
    }
  }

  #finish(code: number): void {
    if (!this.#open) return
    this.#open = false
    this.#running?.abort()
    this.#wake?.()
    this.#exit(code)
  }
}

import { newId } from '../../base/ids.ts'
import { LOGIN_SHELL, type PodTerminal } from '../../ports/pods.ts'
import { isShell, Leave, runArgv, runLine, type Place } from './shell.ts'

const LONGEST_LINE = 4096
/** What waits for a taker at most; a real PTY holds about this much before its writer waits. */
const MOST_WAITING = 1024 * 1024

/** An emulated terminal: a line editor with echo before the emulated shell. */
export class MemoryTerminal implements PodTerminal {
  readonly handle = newId('pty')
  readonly #place: Place
  readonly #ended: Promise<number>
  #end: (code: number) => void = () => undefined
  #size: { columns: number; rows: number }
  #take: ((data: Uint8Array) => void) | undefined
  #paused = false
  #waiting: Buffer[] = []
  #line = ''
  #typed: string[] = []
  #wake: (() => void) | undefined
  #running: AbortController | undefined
  #open = true

  constructor(place: Place, argv: readonly string[], size: { columns: number; rows: number }) {
    this.#size = size
    const show = (text: string): void => this.#show(text)
    this.#place = { ...place, out: show, err: show, size: () => this.#size }
    this.#ended = new Promise((resolve) => {
      this.#end = resolve
    })
    place.signal.addEventListener('abort', () => this.#finish(129), { once: true })
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
    void this.#ended.then(take)
  }

  write(data: Uint8Array): void {
    if (!this.#open) return
    // Arrow keys and the like mean nothing to this line editor.
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
    await this.#ended
  }

  async #shell(): Promise<number> {
    const place = this.#place
    try {
      for (;;) {
        this.#prompt()
        while (this.#typed.length === 0 && this.#open)
          await new Promise<void>((resolve) => {
            this.#wake = resolve
          })
        if (!this.#open) return 129
        const line = this.#typed.shift() ?? ''
        await this.#foreground(async (inner) => {
          await runLine(inner, line)
          Object.assign(place, { cwd: inner.cwd, status: inner.status })
          return 0
        })
      }
    } catch (thrown) {
      if (thrown instanceof Leave) return thrown.code
      throw thrown
    }
  }

  /** Runs something that Ctrl-C and the terminal's end stop. */
  async #foreground(run: (place: Place) => Promise<number>): Promise<number> {
    this.#running = new AbortController()
    try {
      return await run({
        ...this.#place,
        signal: AbortSignal.any([this.#place.signal, this.#running.signal]),
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
      // As on a real terminal, what was typed ahead goes too.
      this.#line = ''
      this.#typed = []
      if (this.#running) this.#running.abort()
      else this.#prompt()
    } else if (key === '\u0004') {
      if (this.#line === '') this.#submit('exit')
    } else if (key === '\u007f' || key === '\b') {
      if (this.#line !== '') this.#show('\b \b')
      this.#line = [...this.#line].slice(0, -1).join('')
    } else if (key >= ' ' && this.#line.length < LONGEST_LINE) {
      this.#line += key
      this.#show(key)
    }
  }

  #submit(line: string): void {
    this.#line = ''
    this.#typed.push(line)
    this.#wake?.()
  }

  #prompt(): void {
    const { spec, cwd, status } = this.#place
    this.#show(
      `\u001b[1;36m${spec.agent}\u001b[0m \u001b[34m${cwd}\u001b[0m ${status === 0 ? '' : `\u001b[31m${status}\u001b[0m `}$ `,
    )
  }

  #show(text: string): void {
    if (!this.#open) return
    this.#waiting.push(Buffer.from(text.replace(/\r?\n/g, '\r\n')))
    this.#flush()
    for (let size = this.#waiting.reduce((sum, part) => sum + part.length, 0); size > MOST_WAITING;)
      size -= this.#waiting.shift()?.length ?? size
  }

  #flush(): void {
    while (this.#take && !this.#paused) {
      const part = this.#waiting.shift()
      if (!part) return
      this.#take(part)
    }
  }

  #finish(code: number): void {
    if (!this.#open) return
    this.#open = false
    this.#running?.abort()
    this.#wake?.()
    this.#end(code)
  }
}

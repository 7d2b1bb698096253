import { EventEmitter } from 'node:events'
import { PassThrough } from 'node:stream'
import { Unicode11Addon } from '@xterm/addon-unicode11'
import headless from '@xterm/headless'
import { onTestFinished, vi } from 'vitest'
import { runConsole } from '../../src/doors/console/main.ts'
import type { ConsoleOptions } from '../../src/doors/console/options.ts'
import type { Link } from '../../src/doors/operator/link.ts'

const PATIENCE_MS = 60_000

/**
 * Stops the wall clock until the test ends; everything else goes on. What the console does for a moment only (it drops keys,
 * shows a message, counts seconds down) then lasts until `pass`, however slow the machine is.
 */
export function stopClock(): { pass(ms: number): void } {
  vi.useFakeTimers({ toFake: ['Date'] })
  onTestFinished(() => {
    vi.useRealTimers()
  })
  return {
    pass: (ms) => {
      vi.setSystemTime(Date.now() + ms)
    },
  }
}

/** An operator's terminal: the console runs in it, its screen is rebuilt from the bytes, and keys are pressed on it. */
export class Screen {
  readonly stdout: NodeJS.WriteStream
  readonly stdin: NodeJS.ReadStream
  readonly terminal: headless.Terminal
  /** Everything that was written. */
  bytes = ''
  /** Settles when the console was left. */
  over: Promise<void> = Promise.resolve()
  private failed: unknown
  private readonly changed = new EventEmitter().setMaxListeners(0)

  constructor(columns = 100, rows = 30) {
    this.terminal = new headless.Terminal({
      cols: columns,
      rows,
      allowProposedApi: true,
      scrollback: 0,
      convertEol: true,
    })
    // By default an emoji takes one column; real terminals give it two.
    this.terminal.loadAddon(new Unicode11Addon())
    this.terminal.unicode.activeVersion = '11'
    const out = new EventEmitter()
    const write = (chunk: string | Uint8Array, ...rest: unknown[]): boolean => {
      const done = rest.find((r) => typeof r === 'function') as (() => void) | undefined
      this.bytes += typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString()
      this.terminal.write(chunk, () => {
        this.changed.emit('frame')
        done?.()
      })
      return true
    }
    this.stdout = Object.assign(out, {
      columns,
      rows,
      isTTY: true,
      writable: true,
      write,
    }) as unknown as NodeJS.WriteStream
    const input = new PassThrough()
    this.stdin = Object.assign(input, {
      isTTY: true,
      isRaw: false,
      setRawMode: () => input,
      ref: () => input,
      unref: () => input,
    }) as unknown as NodeJS.ReadStream
  }

  /** Starts the console on this terminal. */
  open(link: Link, options: Partial<ConsoleOptions> = {}): this {
    this.over = runConsole(link, {
      home: { themes: '/nonexistent' },
      env: { TERM: 'xterm-256color', COLORTERM: 'truecolor', CLAWDECK_QUIET: '' },
      stdin: this.stdin,
      stdout: this.stdout,
      demo: false,
      ...options,
    })
    this.over.catch((error: unknown) => {
      this.failed = error
      this.changed.emit('frame')
    })
    return this
  }

  /** The rows of the screen as text. */
  lines(): string[] {
    const buffer = this.terminal.buffer.active
    return Array.from(
      { length: this.terminal.rows },
      (_, y) => buffer.getLine(buffer.viewportY + y)?.translateToString(true) ?? '',
    )
  }

  text(): string {
    return this.lines().join('\n')
  }

  /** Presses keys one after the other: names as in the registry (`enter`, `esc`, `down`), or letters. */
  press(...keys: string[]): this {
    for (const key of keys) (this.stdin as unknown as PassThrough).write(NAMED[key] ?? key)
    return this
  }

  type(text: string): this {
    for (const letter of text) (this.stdin as unknown as PassThrough).write(letter)
    return this
  }

  resize(columns: number, rows: number): void {
    this.terminal.resize(columns, rows)
    Object.assign(this.stdout, { columns, rows })
    this.stdout.emit('resize')
  }

  /** Waits until what is on the screen answers `is` with true. */
  async until(is: (screen: string) => boolean, what = 'the screen to change'): Promise<this> {
    const end = performance.now() + PATIENCE_MS
    while (!is(this.text())) {
      if (this.failed !== undefined) throw this.failed
      const left = end - performance.now()
      if (left <= 0)
        throw new Error(`waited in vain for ${what}; on the screen was:\n${this.text()}`)
      await this.frame(left)
    }
    return this
  }

  expect(words: string | RegExp): Promise<this> {
    return this.until(
      (text) => (typeof words === 'string' ? text.includes(words) : words.test(text)),
      String(words),
    )
  }

  expectGone(words: string | RegExp): Promise<this> {
    return this.until(
      (text) => (typeof words === 'string' ? !text.includes(words) : !words.test(text)),
      `${String(words)} to go`,
    )
  }

  /** Waits for one row that holds all of these. */
  expectRow(...words: (string | RegExp)[]): Promise<this> {
    return this.until(
      (text) =>
        text
          .split('\n')
          .some((line) =>
            words.every((w) => (typeof w === 'string' ? line.includes(w) : w.test(line))),
          ),
      `a row with ${words.map(String).join(' and ')}`,
    )
  }

  /** Takes the terminal away, which ends the console whatever is on its screen, and waits for its end. */
  async close(): Promise<void> {
    this.stdout.emit('error', new Error('the terminal is gone'))
    await this.over
    this.terminal.dispose()
  }

  private frame(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(done, Math.min(ms, 200))
      const { changed } = this
      function done(): void {
        clearTimeout(timer)
        changed.off('frame', done)
        resolve()
      }
      changed.on('frame', done)
    })
  }
}

const NAMED: Record<string, string> = {
  enter: '\r',
  esc: '\u001b',
  up: '\u001b[A',
  down: '\u001b[B',
  left: '\u001b[D',
  right: '\u001b[C',
  tab: '\t',
  'shift-tab': '\u001b[Z',
  space: ' ',
  backspace: '\u007f',
  'ctrl-c': '\u0003',
  'ctrl-u': '\u0015',
  pagedown: '\u001b[6~',
  pageup: '\u001b[5~',
  'ctrl-l': '\u000c',
}

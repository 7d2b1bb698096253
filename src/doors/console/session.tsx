import { once } from 'node:events'
import { setTimeout as pause } from 'node:timers/promises'
import { render, useApp, type Instance } from 'ink'
import type { ReactNode } from 'react'
import type { Link } from '../operator/link.ts'
import type { ConsoleContext } from './acts/context.ts'
import { chooseTemplate } from './acts/forms.ts'
import { watchArchive } from './acts/rules.ts'
import { App } from './app.tsx'
import type { Attention } from './attention.ts'
import { DeckPainter, isPainted } from './deck-painter.ts'
import { pressAll } from './keys/handler.ts'
import type { Key } from './keys/parse.ts'
import { InputRouter } from './keys/router.ts'
import type { ConsoleOptions } from './options.ts'
import { screenOut } from './screen-out.ts'
import type { ConsoleStore } from './store/state.ts'
import { setUi, toast } from './store/store.ts'
import type { startSync } from './sync.ts'
import type { TerminalHost } from './terminal-seam.ts'
import { terminalSize } from './terminal/size.ts'
import { TerminalTiles } from './terminals.ts'
import { nextTheme, reloadTheme } from './theme/choice.ts'
import { watchThemes } from './theme/load.ts'
import { noteShown } from './views/shown.ts'
import { Wizard } from './wizard.tsx'

const TICK_MS = 1000
const SYNC_BEGIN = '\u001b[?2026h'
const PASTE_ON = '\u001b[?2004h'
const PASTE_OFF = '\u001b[?2004l'

interface SessionParts {
  store: ConsoleStore
  link: Link
  sync: ReturnType<typeof startSync>
  attention: Attention
  options: ConsoleOptions
}

/** A process that is stopped is so at once. */
const STOPPING_MS = 200

/** One run of the console on a terminal: Ink, the painter, the keyboard, and how it all ends. */
export class ConsoleSession {
  /** The operator left to see the demo. */
  leftForDemo = false
  readonly #parts: SessionParts
  readonly #out: ReturnType<typeof screenOut>
  readonly #router: InputRouter
  readonly #painter: DeckPainter
  readonly #terminals: TerminalTiles
  readonly #context: ConsoleContext
  readonly #app: Instance
  readonly #ends = new DisposableStack()
  readonly #resizeCalls = new Set<() => void>()
  #suspendInk: TerminalHost['suspend'] | undefined
  #noting = false

  constructor(parts: SessionParts) {
    const { store, options } = parts
    this.#parts = parts
    this.#out = screenOut(options.stdout)
    this.#router = new InputRouter(options.stdin, (keys) => this.#press(keys))
    this.#painter = new DeckPainter(
      store,
      (bytes) => this.#write(bytes),
      () => {
        this.#write(SYNC_BEGIN)
        this.#app.clear()
      },
    )
    this.#out.onFrame(() => {
      this.#painter.framed()
      this.#noteSoon()
    })
    this.#terminals = new TerminalTiles(store, this.#terminalHost())
    this.#context = this.#makeContext()
    this.#app = this.#render()
    this.#listen()
    this.#write(PASTE_ON)
  }

  /** Resolves when the operator left, or the terminal is gone. */
  async untilExit(): Promise<void> {
    try {
      await this.#app.waitUntilExit()
    } finally {
      this.#ends.dispose()
      this.#router.close()
      this.#write(PASTE_OFF)
    }
  }

  #write(bytes: string): void {
    this.#parts.options.stdout.write(bytes)
  }

  #press(keys: readonly Key[]): void {
    this.#parts.sync.keyed()
    pressAll(this.#context, keys)
  }

  #makeContext(): ConsoleContext {
    const { store, link, sync, options } = this.#parts
    const { startSupervisor, openDemo } = options
    return {
      store,
      link,
      now: Date.now,
      quit: () => this.#ends.dispose(),
      redraw: () => {
        this.#painter.wiped()
        this.#app.clear()
        options.stdout.emit('resize')
      },
      terminals: this.#terminals,
      suspend: () => void this.#stopForShell(),
      pass: (text) => this.#router.pass(text),
      nextTheme: () => nextTheme(store, options),
      startSupervisor:
        startSupervisor &&
        (async () => {
          await startSupervisor()
          sync.retry()
        }),
      demo:
        openDemo &&
        (() => {
          this.leftForDemo = true
          this.#ends.dispose()
        }),
    }
  }

  #terminalHost(): TerminalHost {
    const { store, link, options } = this.#parts
    return {
      router: this.#router,
      stdout: options.stdout,
      link,
      columns: () => store.getState().ui.columns,
      rows: () => store.getState().ui.rows,
      onFrame: this.#out.onFrame,
      onResize: (call) => {
        this.#resizeCalls.add(call)
        return () => {
          this.#resizeCalls.delete(call)
        }
      },
      suspend: (during) => this.#suspend(during),
      toast: (text, tone) => toast(store, text, tone),
    }
  }

  /** Gives the terminal back to the shell that started this, until it is continued there. */
  async #stopForShell(): Promise<void> {
    await this.#suspend(async () => {
      this.#router.rest(true)
      const continued = once(process, 'SIGCONT')
      process.kill(0, 'SIGTSTP')
      // Where no shell could continue it, the system does not stop it either.
      await Promise.race([continued, pause(STOPPING_MS)])
      this.#router.rest(false)
    })
  }

  async #suspend(during: () => Promise<void>): Promise<void> {
    this.#write(PASTE_OFF)
    this.#painter.hold(true)
    try {
      await this.#suspendInk?.(during)
    } finally {
      this.#write(PASTE_ON)
      this.#painter.hold(false)
      this.#painter.framed()
    }
  }

  #render(): Instance {
    const { store } = this.#parts
    const choose = (name: string): void => chooseTemplate(this.#context, name)
    return render(
      <>
        <SuspendAccess
          take={(suspend) => {
            this.#suspendInk = suspend
          }}
        />
        <App
          store={store}
          wizard={(rect) => <Wizard rect={rect} store={store} choose={choose} />}
        />
      </>,
      {
        stdout: this.#out.stdout,
        stdin: this.#router.standIn as unknown as NodeJS.ReadStream,
        exitOnCtrlC: false,
        patchConsole: false,
        interactive: true,
        alternateScreen: true,
        incrementalRendering: true,
        maxFps: 1000,
        onRender: this.#out.rendered,
      },
    )
  }

  /** Everything that calls the console from outside, until the session ends. */
  #listen(): void {
    const { store, link, sync, attention, options } = this.#parts
    const { stdout, home } = options
    const ends = this.#ends
    const quit = (): void => ends.dispose()
    const resized = (): void => this.#resized()
    ends.defer(() => {
      // Ink writes its last frame when the terminal was given back already.
      this.#painter.hold(true)
      this.#app.unmount()
    })
    stdout.on('resize', resized)
    stdout.on('error', quit)
    ends.defer(() => {
      stdout.off('resize', resized)
      stdout.off('error', quit)
    })
    const tick = setInterval(() => everySecond(store), TICK_MS)
    ends.defer(() => clearInterval(tick))
    for (const signal of ['SIGTERM', 'SIGHUP'] as const) {
      process.once(signal, quit)
      ends.defer(() => {
        process.off(signal, quit)
      })
    }
    ends.defer(
      store.subscribe((state, before) => {
        this.#painter.changed()
        // A view over the panes is drawn by Ink, and noted with its frame.
        if (isPainted(state)) this.#noteSoon()
        if (state.ui !== before.ui) this.#terminals.place()
      }),
    )
    ends.defer(watchThemes(home.themes, () => reloadTheme(store, options)))
    ends.defer(watchArchive({ store, link }))
    ends.defer(lightRisks(store))
    ends.defer(() => sync.stop())
    ends.defer(() => attention.close())
    ends.defer(() => this.#terminals.closeAll())
  }

  /** Notes what was on the screen once the keys that arrived before have been pressed. */
  #noteSoon(): void {
    if (this.#noting) return
    this.#noting = true
    setImmediate(() => {
      this.#noting = false
      noteShown(this.#parts.store)
    })
  }

  #resized(): void {
    this.#painter.wiped()
    setUi(this.#parts.store, terminalSize(this.#parts.options.stdout))
    for (const call of this.#resizeCalls) call()
  }
}

/** Loads what finds risky parts of commands as soon as something waits. */
function lightRisks(store: ConsoleStore): () => void {
  const stop = store.subscribe(({ world }) => {
    if (world.waiting.length === 0) return
    stop()
    void import('./risky-parts.ts').then(({ riskyParts }) => setUi(store, { riskyParts }))
  })
  return stop
}

/** Moves the clock of the screen on, and removes messages that have been shown long enough. */
function everySecond(store: ConsoleStore): void {
  const now = Date.now()
  setUi(store, ({ toasts }) => ({
    now,
    ...(toasts.some((t) => t.until <= now) ? { toasts: toasts.filter((t) => t.until > now) } : {}),
  }))
}

/** Gives away Ink's function that suspends it, which only a component can get. */
function SuspendAccess({ take }: { take: (suspend: TerminalHost['suspend']) => void }): ReactNode {
  const { suspendTerminal } = useApp()
  take(async (during) => {
    await suspendTerminal(during)
  })
  return null
}

import { render, useApp } from 'ink'
import { setTimeout as pause } from 'node:timers/promises'
import type { ReactNode } from 'react'
import { asFault } from '../../base/fault.ts'
import type { Home } from '../../config/home.ts'
import type { Link } from '../operator/link.ts'
import type { Bridge } from './acts/bridge.ts'
import { chooseTemplate } from './acts/forms.ts'
import { watchArchive } from './acts/rules.ts'
import { App } from './app.tsx'
import { Attention, callingOf, type ConsoleChoice } from './attention.ts'
import { DeckPainter } from './deck-painter.ts'
import { pressAll } from './keys/handler.ts'
import { InputRouter } from './keys/router.ts'
import { runLinear, wantsLinear } from './linear/linear.ts'
import { screenOut } from './screen-out.ts'
import { makeStore, setUi, toast, type ConsoleStore } from './store/store.ts'
import { startSync } from './sync.ts'
import type { Rect, TerminalHost } from './terminal-seam.ts'
import { makeTerminals } from './terminals.ts'
import { loadTheme, themeNames, watchThemes } from './theme/load.ts'
import { colourDepth, makePainter, type Painter } from './theme/theme.ts'
import { TemplateList } from './wizard.tsx'

export interface ConsoleOptions {
  home: Pick<Home, 'themes'>
  env: NodeJS.ProcessEnv
  stdin: NodeJS.ReadStream
  stdout: NodeJS.WriteStream
  demo: boolean
  /** What the operator chose in `config.yaml`; `CLAWDECK_THEME` and `CLAWDECK_QUIET` win. */
  choice?: ConsoleChoice
  /** Starts the supervisor of this deck if it is not there. */
  startSupervisor?: () => Promise<void>
  /** Called after the operator left the console to see the demo; without it the console says how to start one. */
  openDemo?: () => Promise<void>
}

const TICK_MS = 1000
/** The first frame shows the deck itself, drawn once, unless the supervisor takes this long to tell of it. */
const PATIENCE_MS = 150
const SYNC_ON = '\u001b[?2026h'
const PASTE_ON = '\u001b[?2004h'
const PASTE_OFF = '\u001b[?2004l'

/** The console: takes the terminal until the operator leaves. Agents stay governed; the link is left open. */
export async function runConsole(link: Link, options: ConsoleOptions): Promise<void> {
  if (wantsLinear(options.env)) return runLinear(link, options)
  const { env, stdout, home, startSupervisor: start } = options
  const theme = env['CLAWDECK_THEME'] ?? options.choice?.theme ?? 'dark'
  const [look, problem] = firstPainter(options, theme)
  const store = makeStore({ ...sizeOf(stdout), now: Date.now(), painter: look, demo: options.demo })
  if (problem !== undefined) toast(store, problem, 'bad')
  const attention = new Attention(
    store,
    (bytes) => {
      stdout.write(bytes)
    },
    callingOf(options),
  )
  const sync = startSync(store, link, (frames) => attention.seen(frames))
  await Promise.race([sync.first, pause(PATIENCE_MS)])
  let leaveForDemo = false
  const ends: (() => void)[] = []
  const leave = (): void => {
    for (const end of ends.splice(0).reverse()) end()
  }
  const out = screenOut(stdout)
  const desk: { bridge?: Bridge; suspend?: TerminalHost['suspend'] } = {}
  const router = new InputRouter(options.stdin, (keys) => {
    sync.keyed()
    if (desk.bridge !== undefined) pressAll(desk.bridge, keys)
  })
  const resizes = new Set<() => void>()
  const host: TerminalHost = {
    router,
    stdout,
    link,
    columns: () => store.getState().ui.columns,
    rows: () => store.getState().ui.rows,
    onFrame: out.onFrame,
    onResize: (call) => {
      resizes.add(call)
      return () => {
        resizes.delete(call)
      }
    },
    suspend: async (during) => {
      stdout.write(PASTE_OFF)
      painter.hold(true)
      try {
        await desk.suspend?.(during)
      } finally {
        stdout.write(PASTE_ON)
        painter.hold(false)
        painter.framed()
      }
    },
    toast: (text, tone) => toast(store, text, tone),
  }
  const painter = new DeckPainter(
    store,
    (bytes) => {
      stdout.write(bytes)
    },
    () => {
      stdout.write(SYNC_ON)
      app.clear()
    },
  )
  out.onFrame(() => painter.framed())
  const terminals = makeTerminals(store, host)
  const grip = (suspend: TerminalHost['suspend']): void => {
    desk.suspend = suspend
  }
  const app = render(
    <>
      <Grip take={grip} />
      <App
        store={store}
        wizard={(rect) => (
          <Wizard
            rect={rect}
            store={store}
            choose={(name) => {
              if (desk.bridge !== undefined) chooseTemplate(desk.bridge, name)
            }}
          />
        )}
      />
    </>,
    {
      stdout: out.stdout,
      stdin: router.standIn as unknown as NodeJS.ReadStream,
      exitOnCtrlC: false,
      patchConsole: false,
      interactive: true,
      alternateScreen: true,
      incrementalRendering: true,
      maxFps: 1000,
      onRender: out.rendered,
    },
  )
  const redraw = (): void => {
    painter.wiped()
    app.clear()
    stdout.emit('resize')
  }
  desk.bridge = {
    store,
    link,
    now: Date.now,
    quit: leave,
    redraw,
    terminals,
    pass: (text) => router.pass(text),
    nextTheme: () => nextTheme(store, options),
    startSupervisor:
      start === undefined
        ? undefined
        : async () => {
            await start()
            sync.retry()
          },
    demo:
      options.openDemo === undefined
        ? undefined
        : () => {
            leaveForDemo = true
            leave()
          },
  }
  ends.push(
    () => app.unmount(),
    ...listen(store, options, {
      resized: () => {
        painter.wiped()
        setUi(store, sizeOf(stdout))
        for (const call of resizes) call()
      },
      leave,
      place: terminals.place,
      changed: () => painter.changed(),
    }),
    watchThemes(home.themes, () => rereadTheme(store, options)),
    watchArchive({ store, link }),
    () => sync.stop(),
    () => attention.close(),
    () => terminals.closeAll(),
  )
  stdout.write(PASTE_ON)
  try {
    await app.waitUntilExit()
  } finally {
    leave()
    router.close()
    stdout.write(PASTE_OFF)
  }
  if (leaveForDemo) await options.openDemo?.()
}

/** The things that call the console from outside: the terminal's size, the clock, signals. */
function listen(
  store: ConsoleStore,
  { stdout }: ConsoleOptions,
  on: { resized(): void; leave(): void; place(): void; changed(): void },
): (() => void)[] {
  stdout.on('resize', on.resized)
  stdout.on('error', on.leave)
  const tick = setInterval(() => {
    const now = Date.now()
    setUi(store, (ui) => ({
      now,
      ...(ui.toasts.some((t) => t.until <= now)
        ? { toasts: ui.toasts.filter((t) => t.until > now) }
        : {}),
    }))
  }, TICK_MS)
  process.once('SIGTERM', on.leave)
  process.once('SIGHUP', on.leave)
  const placing = store.subscribe((s, before) => {
    on.changed()
    if (s.ui !== before.ui) on.place()
  })
  return [
    () => {
      stdout.off('resize', on.resized)
      stdout.off('error', on.leave)
    },
    () => clearInterval(tick),
    () => process.off('SIGTERM', on.leave),
    () => process.off('SIGHUP', on.leave),
    placing,
  ]
}

function sizeOf(stdout: NodeJS.WriteStream): { columns: number; rows: number } {
  return { columns: stdout.columns || 80, rows: stdout.rows || 24 }
}

/** The theme of the program itself, which is always there. */
/** The chosen theme, or one that is always there and why. */
function firstPainter(options: ConsoleOptions, name: string): [painter: Painter, problem?: string] {
  try {
    return [painterOf(options, name)]
  } catch (thrown) {
    return [makePainter(loadTheme('dark', ''), colourDepth(options.env)), asFault(thrown).message]
  }
}

function painterOf({ env, home }: ConsoleOptions, name: string): Painter {
  return { ...makePainter(loadTheme(name, home.themes), colourDepth(env)), name }
}

function nextTheme(store: ConsoleStore, options: ConsoleOptions): void {
  const names = themeNames(options.home.themes)
  const name = names[(names.indexOf(store.getState().ui.painter.name) + 1) % names.length] ?? 'dark'
  changeTheme(store, options, name)
  toast(store, `Theme: ${name}`, 'info')
}

function rereadTheme(store: ConsoleStore, options: ConsoleOptions): void {
  changeTheme(store, options, store.getState().ui.painter.name)
}

function changeTheme(store: ConsoleStore, options: ConsoleOptions, name: string): void {
  try {
    setUi(store, { painter: painterOf(options, name) })
  } catch (thrown) {
    toast(store, asFault(thrown).message, 'bad')
  }
}

/** Takes hold of what only a component can reach. */
function Grip({ take }: { take: (suspend: TerminalHost['suspend']) => void }): ReactNode {
  const { suspendTerminal } = useApp()
  take(async (during) => {
    await suspendTerminal(during)
  })
  return null
}

function Wizard({
  rect,
  store,
  choose,
}: {
  rect: Rect
  store: ConsoleStore
  choose: (name: string) => void
}): ReactNode {
  const { ui } = store.getState()
  const top = ui.layers.at(-1)
  if (top?.kind !== 'wizard' || top.templates === null) return null
  return <TemplateList rect={rect} painter={ui.painter} templates={top.templates} choose={choose} />
}

import { openEmulator, resizeEmulator } from '../../../base/emulator.ts'
import type { Terminal } from '../../../base/emulator.ts'
import { plain } from '../../../base/text.ts'
import type { Shell } from '../../../domain/shells/types.ts'
import type {
  OpenPane,
  OpenPaneFunction,
  PaneEvents,
  Rect,
  TerminalHost,
} from '../terminal-seam.ts'
import { isHandedOver } from './handed-over.ts'
import { LeaveKey } from './leave-key.ts'
import { NO_MOUSE, historyKey, keysForPane, mouseReports } from './pane-keys.ts'
import { PanePainter } from './painter.ts'
import { connectPty } from './pty-connection.ts'
import type { PtyConnection } from './pty-connection.ts'
import { findShell } from './find-shell.ts'

const HISTORY = 1000
/** The least time between two frames; the first change after a pause is shown at once. */
const FRAME_MS = 16
/** A synchronised update that takes longer is shown unfinished. */
const SYNCHRONISED_MAX_MS = 150
/**
 * Bytes that the emulator has yet to read: above the first, the connection pauses until the second.
 */
const LAG_FULL = 2 << 20
const LAG_READY = 512 << 10

/** Resets an emulator that was in use to an empty screen and no modes, and keeps its scrollback. */
const CLEARED =
  '\x18\x1b[!p\x1b[?1;6;9;45;1000;1002;1003;1004;1006;1016;1049;2004;2026l\x1b[?7;25h\x1b[4l\x1b>\x1b(B\x0f\x1b[0m\x1b[r\x1b[H\x1b[2J'

/**
 * See `OpenPaneFunction`. The pane is drawn from cells, so no control sequence of the pod reaches
 * the operator's terminal.
 */
export const openPane: OpenPaneFunction = async (host, { agent, shell: id, rect, events }) => {
  const size = { columns: rect.width, rows: rect.height }
  const shell = await findShell(
    host.link,
    { agent, ...(id === undefined ? {} : { shell: id }) },
    size,
  )
  const [stream, screen] = await Promise.all([
    host.link.attach(shell.id, size),
    openEmulator(size, HISTORY),
  ])
  const pane = new Pane(host, shell, screen, events)
  pane.start((its) => connectPty(stream, its))
  pane.place(rect)
  return pane
}

type ConnectionEvents = Parameters<typeof connectPty>[1]

class Pane implements OpenPane {
  readonly shell: string
  readonly #host: TerminalHost
  readonly #screen: Terminal
  readonly #events: PaneEvents
  readonly #painter: PanePainter
  #covers: readonly Rect[] = []
  readonly #leave = new LeaveKey()
  readonly #stopFrames: () => void
  #connection: PtyConnection | undefined
  #focused = false
  #closed = false
  /** The shell has ended; its last screen stays until the pane is closed. */
  #ended = false
  #lag = 0
  #drawn = false
  #mouse = ''
  #painted = 0
  #pending: NodeJS.Immediate | NodeJS.Timeout | undefined

  constructor(host: TerminalHost, shell: Shell, screen: Terminal, events: PaneEvents) {
    this.shell = shell.id
    this.#host = host
    this.#screen = screen
    this.#events = events
    this.#painter = new PanePainter(screen)
    this.#stopFrames = host.onFrame(() => {
      this.#painter.forget()
      this.#paint()
    })
  }

  start(connect: (events: ConnectionEvents) => PtyConnection): void {
    this.#connection = connect({
      data: (bytes) => this.#feed(bytes),
      reset: (bytes) => {
        // Written, not reset: the emulator reads the bytes before it first.
        this.#screen.write(this.#drawn ? CLEARED : '\x1bc')
        this.#drawn = true
        this.#feed(bytes)
      },
      size: (columns, rows) =>
        this.#screen.write('', () => resizeEmulator(this.#screen, { columns, rows })),
      exit: (code) => this.#end(code, `ended with exit code ${code}`),
      lost: (why) => this.#end(null, `connection lost: ${plain(why, 200)}`),
    })
  }

  place(rect: Rect | null, covers: readonly Rect[] = []): void {
    if (this.#closed) return
    const before = this.#painter.rect
    if (
      isSameRect(rect, before) &&
      covers.length === this.#covers.length &&
      covers.every((c, i) => isSameRect(c, this.#covers[i] ?? null))
    )
      return
    this.#covers = covers
    this.#painter.place(rect, covers)
    if (
      rect &&
      !this.#ended &&
      (before === null || before.width !== rect.width || before.height !== rect.height)
    ) {
      resizeEmulator(this.#screen, { columns: rect.width, rows: rect.height })
      this.#connection?.resize(rect.width, rect.height)
    }
    this.#paintSoon()
  }

  focus(on: boolean): void {
    if (on === this.#focused || this.#closed || (on && this.#ended)) return
    this.#focused = on
    this.#host.router.route(on ? (bytes) => this.#keys(bytes) : null)
    this.#askForMouse()
    this.#paintSoon()
  }

  close(): void {
    if (this.#closed) return
    this.focus(false)
    this.#closed = true
    this.#connection?.close()
    this.#stopFrames()
    clearImmediate(this.#pending as NodeJS.Immediate)
    clearTimeout(this.#pending as NodeJS.Timeout)
    this.#screen.dispose()
  }

  #end(exitCode: number | null, note: string): void {
    if (this.#closed) return
    // The last output is read and painted before this is reported.
    this.#screen.write('', () => {
      if (this.#closed) return
      this.focus(false)
      this.#ended = true
      this.#paint()
      this.#events.ended(exitCode, note)
    })
  }

  #keys(bytes: Buffer): void {
    const { before, after } = this.#leave.scan(bytes)
    if (before.length > 0) this.#type(before)
    if (after === null) return
    this.focus(false)
    this.#events.left()
    if (after.length > 0) this.#host.router.feed(Buffer.from(after))
  }

  #type(bytes: Buffer): void {
    const lines = historyKey(bytes, this.#screen.rows)
    const { viewportY, baseY } = this.#screen.buffer.active
    if (lines !== 0) this.#screen.scrollLines(lines)
    else {
      if (viewportY !== baseY) this.#screen.scrollToBottom()
      this.#connection?.write(keysForPane(bytes, this.#screen, this.#painter.rect))
    }
    if (this.#screen.buffer.active.viewportY !== viewportY) this.#paintSoon()
  }

  #feed(bytes: Buffer): void {
    this.#lag += bytes.length
    if (this.#lag > LAG_FULL) this.#connection?.pause()
    // The emulator reads at the next timer tick, except right after input: an echo must not wait.
    if (this.#lag === bytes.length && bytes.length < 4096) this.#screen.input('', true)
    this.#screen.write(bytes, () => {
      this.#lag -= bytes.length
      if (this.#lag < LAG_READY) this.#connection?.resume()
      this.#askForMouse()
      this.#paintSoon()
    })
  }

  /** The mouse is reported only while this pane has the keys and its program wants it. */
  #askForMouse(): void {
    const wanted = this.#focused ? mouseReports(this.#screen) : ''
    if (wanted === this.#mouse) return
    this.#mouse = wanted
    this.#host.stdout.write(NO_MOUSE + wanted)
  }

  #paintSoon(): void {
    if (this.#pending !== undefined || this.#closed) return
    const rest = FRAME_MS - (performance.now() - this.#painted)
    const flush = () => {
      this.#pending = undefined
      this.#flush()
    }
    this.#pending = rest <= 0 ? setImmediate(flush) : setTimeout(flush, rest)
  }

  #flush(): void {
    const waited = performance.now() - this.#painted
    // A slow terminal gets fewer frames, not late ones.
    if (this.#host.stdout.writableNeedDrain)
      this.#host.stdout.once('drain', () => this.#paintSoon())
    else if (this.#screen.modes.synchronizedOutputMode && waited < SYNCHRONISED_MAX_MS)
      this.#pending = setTimeout(() => {
        this.#pending = undefined
        this.#flush()
      }, FRAME_MS)
    else this.#paint()
  }

  #paint(): void {
    if (this.#closed || isHandedOver(this.#host)) return
    const text = this.#painter.paint(this.#focused)
    if (text === '') return
    this.#painted = performance.now()
    this.#host.stdout.write(text)
  }
}

function isSameRect(a: Rect | null, b: Rect | null): boolean {
  return (
    a === b ||
    (a !== null &&
      b !== null &&
      a.x === b.x &&
      a.y === b.y &&
      a.width === b.width &&
      a.height === b.height)
  )
}

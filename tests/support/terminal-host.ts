import { EventEmitter } from 'node:events'
import { duplexPair } from 'node:stream'
import type { Terminal, TerminalSize } from '../../src/base/emulator.ts'
import type { HeldTerminal } from '../../src/domain/shells/held-terminal.ts'
import type { Shell } from '../../src/domain/shells/types.ts'
import type { TerminalHost } from '../../src/doors/console/terminal-seam.ts'
import type { Link } from '../../src/doors/operator/link.ts'
import { serveTerminal } from '../../src/doors/operator/serve-terminal.ts'

export function shellOf(agent: string, id = 'shl_1'): Shell {
  return {
    id,
    agent,
    title: 'sh',
    argv: ['sh'],
    columns: 80,
    rows: 24,
    state: 'open',
    openedAt: 1,
    openedBy: 'operator:console',
    endedAt: null,
    exitCode: null,
    note: '',
    handle: '',
  }
}

/** A link to held terminals of this process, by shell id, through a stream as a socket would be. */
export function linkTo(
  holders: Record<string, HeldTerminal>,
  shells: Shell[],
): Link & { asked: string[]; cut(): void } {
  const asked: string[] = []
  let latest: { destroy(): void } | undefined
  return {
    asked,
    cut: () => latest?.destroy(),
    async do(id, input) {
      asked.push(`${id} ${JSON.stringify(input)}`)
      return id === 'shell.list' ? shells : shells[0]
    },
    stream: () => {
      throw new Error('not here')
    },
    world: () => {
      throw new Error('not here')
    },
    async attach(id, size) {
      const [near, far] = duplexPair()
      latest = near
      serveTerminal(far, (viewer, its) => (holders[id] as HeldTerminal).attach(viewer, its), size)
      return near
    },
    close: () => undefined,
  }
}

/** The operator's terminal as an emulator, with a console's half of the seam around it. */
export function hostOn(screen: Terminal, link: Link, size: TerminalSize) {
  const written: string[] = []
  const fedBack: string[] = []
  let sink: ((bytes: Buffer) => void) | null = null
  const frames = new Set<() => void>()
  const stdout = Object.assign(new EventEmitter(), {
    ...size,
    writableNeedDrain: false,
    write: (text: string) => {
      written.push(text)
      screen.write(text)
      return true
    },
  })
  const host: TerminalHost = {
    link,
    stdout: stdout as unknown as NodeJS.WriteStream,
    router: {
      route: (next) => {
        sink = next
      },
      feed: (bytes) => fedBack.push(bytes.toString()),
    },
    columns: () => stdout.columns,
    rows: () => stdout.rows,
    onFrame: (call) => {
      frames.add(call)
      return () => frames.delete(call)
    },
    onResize: (call) => {
      stdout.on('resize', call)
      return () => stdout.off('resize', call)
    },
    suspend: (during) => during(),
    toast: () => undefined,
  }
  return {
    host,
    stdout,
    written,
    fedBack,
    type: (text: string) => {
      if (sink) sink(Buffer.from(text))
      return sink !== null
    },
    frame: () => {
      for (const call of frames) call()
    },
    listening: () => frames.size,
  }
}

import { afterEach } from 'vitest'
import type { Terminal, TerminalSize } from '../../src/base/emulator.ts'
import { holdTerminal, type HeldTerminal } from '../../src/domain/shells/held-terminal.ts'
import type { Viewer } from '../../src/domain/shells/types.ts'
import type { PodTerminal } from '../../src/ports/pods.ts'
import { emulatorWith, fed } from './screens.ts'
import { until } from './until.ts'

export const SIZE = { columns: 80, rows: 24 }

/** Holds terminals, and ends them after each test. */
export function heldFixture(): { hold(terminal: PodTerminal): Promise<HeldTerminal> } {
  const all: HeldTerminal[] = []
  afterEach(async () => {
    for (const held of all.splice(0)) await held.end()
  })
  return {
    async hold(terminal) {
      const held = await holdTerminal(terminal, SIZE)
      all.push(held)
      return held
    },
  }
}

/** A terminal whose program is played by the test, and the calls that it got. */
export function scriptedTerminal() {
  const calls: string[] = []
  let output: (data: Uint8Array) => void = () => undefined
  let exit: (code: number) => void = () => undefined
  const terminal: PodTerminal = {
    handle: 'test',
    onData: (take) => {
      output = take
    },
    onExit: (take) => {
      exit = take
    },
    write: (data) => calls.push(`write ${JSON.stringify(Buffer.from(data).toString())}`),
    resize: (columns, rows) => calls.push(`resize ${columns}x${rows}`),
    pause: () => calls.push('pause'),
    resume: () => calls.push('resume'),
    kill: async () => {
      calls.push('kill')
    },
  }
  return {
    terminal,
    calls,
    print: (text: string) => output(Buffer.from(text)),
    exit: (code: number) => exit(code),
  }
}

/** A viewer that is an emulator. It counts everything as unsent until `markSent`. */
export async function emulatedViewer(size: TerminalSize = SIZE) {
  const screen: Terminal = await emulatorWith(size, '')
  const events: string[] = []
  let waiting = 0
  const viewer: Viewer = {
    data: (bytes) => {
      waiting += bytes.length
      screen.write(bytes)
    },
    reset: (bytes) => {
      events.push('reset')
      waiting += bytes.length
      screen.write('\x1bc')
      screen.write(bytes)
    },
    size: (columns, rows) => {
      events.push(`size ${columns}x${rows}`)
      screen.write('', () => screen.resize(columns, rows))
    },
    exit: (code) => events.push(`exit ${code}`),
    waiting: () => waiting,
  }
  return {
    viewer,
    screen,
    events,
    markSent: () => {
      waiting = 0
    },
    waiting: () => waiting,
    settled: () => fed(screen, ''),
    /** Resolves when it was sent so many full screens, and has read them. */
    drawn: async (times = 1) => {
      await until('it is drawn', () => events.filter((what) => what === 'reset').length >= times)
      await fed(screen, '')
    },
  }
}

/** The screen that a new viewer is sent. */
export async function firstScreen(held: HeldTerminal): Promise<string> {
  const first = Promise.withResolvers<string>()
  const viewer: Viewer = {
    data: () => undefined,
    reset: (bytes) => first.resolve(Buffer.from(bytes).toString()),
    size: () => undefined,
    exit: () => undefined,
    waiting: () => 0,
  }
  const attachment = held.attach(viewer)
  try {
    return await first.promise
  } finally {
    attachment.close()
  }
}

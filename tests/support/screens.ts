import { spawn } from 'node-pty'
import { hiddenState, openEmulator, sgr } from '../../src/base/emulator.ts'
import type { Terminal, TerminalSize } from '../../src/base/emulator.ts'
import type { PodTerminal } from '../../src/ports/pods.ts'

/** Resolves when the emulator has read `data`. */
export function fed(terminal: Terminal, data: string | Uint8Array): Promise<void> {
  return new Promise((resolve) => terminal.write(data, resolve))
}

export async function emulatorWith(
  size: TerminalSize,
  data: string | Uint8Array,
): Promise<Terminal> {
  const terminal = await openEmulator(size, 1000)
  await fed(terminal, data)
  return terminal
}

/** Everything that can be seen on a screen, and what typing into it would depend on. */
export function seen(terminal: Terminal): Record<string, unknown> {
  const { active } = terminal.buffer
  const hidden = hiddenState(terminal)
  return {
    rows: cells(terminal),
    cursor: [active.cursorX, active.cursorY],
    buffer: active.type,
    modes: { ...terminal.modes },
    margins: [hidden.scrollTop, hidden.scrollBottom],
    cursorHidden: hidden.cursorHidden,
    mouse: hidden.mouseEncoding,
    pen: sgr(hidden.pen),
  }
}

/** The screen as rows of `style|characters` runs; an empty cell is written as ␣ where `exact` (but in the last column), else as a space. */
export function cells(terminal: Terminal, exact = true): string[] {
  const { active } = terminal.buffer
  return Array.from({ length: terminal.rows }, (_, y) =>
    lineCells(terminal, active.baseY + y, exact),
  )
}

export function lineCells(terminal: Terminal, y: number, exact = true): string {
  const line = terminal.buffer.active.getLine(y)
  let text = ''
  let style = ''
  for (let x = 0; x < terminal.cols; x++) {
    const cell = line?.getCell(x)
    if (cell === undefined || cell.getWidth() === 0) continue
    const next = exact && cell.getChars() === '' ? `0${background(sgr(cell))}` : sgr(cell)
    if (next !== style) {
      text += `{${next}}`
      style = next
    }
    text += cell.getChars() || (exact && x < terminal.cols - 1 ? '␣' : ' ')
  }
  return text
}

/** Of an empty cell only the background shows. */
function background(style: string): string {
  return /;(?:4[0-7]|10[0-7]|48;.*)$/.exec(style)?.[0] ?? ''
}

/** A real PTY on this machine, as a backend would answer it. */
export function localPty(argv: readonly string[], size: TerminalSize): PodTerminal {
  const pty = spawn(argv[0] as string, argv.slice(1), {
    cols: size.columns,
    rows: size.rows,
    encoding: null,
    name: 'xterm-256color',
    env: {
      PATH: process.env['PATH'] ?? '/usr/bin:/bin',
      TERM: 'xterm-256color',
      PS1: '$ ',
      LC_ALL: 'C.UTF-8',
    },
  })
  // Without this, what comes before `onData` would be lost.
  pty.pause()
  const gone = new Promise<void>((resolve) => pty.onExit(() => resolve()))
  let over = false
  pty.onExit(() => {
    over = true
  })
  return {
    handle: String(pty.pid),
    onData: (take) => {
      pty.onData((data) => take(data as unknown as Uint8Array))
      pty.resume()
    },
    onExit: (take) => {
      pty.onExit(({ exitCode }) => take(exitCode))
    },
    write: (data) => pty.write(Buffer.from(data) as unknown as string),
    resize: (columns, rows) => {
      if (!over) pty.resize(columns, rows)
    },
    pause: () => pty.pause(),
    resume: () => pty.resume(),
    kill: async () => {
      if (!over) pty.kill('SIGKILL')
      await gone
    },
  }
}

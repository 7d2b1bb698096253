import { spawn } from 'node-pty'
import { openEmulator, type Terminal } from '../../src/base/emulator.ts'

export const SIZE = { columns: 200, rows: 50 } as const

/** A program on a terminal of its own, and what an operator would see of it. */
export interface Screen {
  pid: number
  /** Bytes that the program has written so far. */
  bytes(): number
  /** Everything on the screen as text, a line a row. */
  text(): string
  /** When (on the clock of `performance.now()`) the bytes came that made the screen show this. */
  shows(what: (text: string) => boolean, patienceMs?: number): Promise<number>
  type(keys: string): void
  close(): Promise<void>
}

export async function openScreen(
  words: readonly string[],
  env: NodeJS.ProcessEnv,
  size: { columns: number; rows: number } = SIZE,
): Promise<Screen> {
  const emulator = await openEmulator(size, 0)
  const pty = spawn(words[0] as string, words.slice(1), {
    cols: size.columns,
    rows: size.rows,
    encoding: null,
    name: 'xterm-256color',
    env: env as Record<string, string>,
  })
  let bytes = 0
  let ended = false
  const gone = new Promise<void>((resolve) => {
    pty.onExit(() => {
      ended = true
      resolve()
    })
  })
  const watchers = new Set<(at: number) => void>()
  pty.onData((data) => {
    const at = performance.now()
    bytes += data.length
    emulator.write(data as unknown as Uint8Array, () => {
      for (const watch of watchers) watch(at)
    })
  })
  return {
    pid: pty.pid,
    bytes: () => bytes,
    text: () => textOf(emulator),
    shows: (what, patienceMs = 10_000) =>
      new Promise((resolve, reject) => {
        const settle = (act: () => void): void => {
          clearTimeout(timer)
          watchers.delete(watch)
          act()
        }
        const watch = (at: number): void => {
          if (what(textOf(emulator))) settle(() => resolve(at))
        }
        const timer = setTimeout(
          () =>
            settle(() =>
              reject(
                new Error(
                  ended
                    ? `the program ended: ${lastLine(emulator)}`
                    : `the screen did not show it: ${lastLine(emulator)}`,
                ),
              ),
            ),
          patienceMs,
        )
        watchers.add(watch)
        watch(performance.now())
      }),
    type: (keys) => pty.write(keys),
    async close() {
      if (!ended) pty.kill('SIGTERM')
      const timer = setTimeout(() => {
        if (!ended) pty.kill('SIGKILL')
      }, 3000)
      await gone
      clearTimeout(timer)
      emulator.dispose()
    },
  }
}

function textOf(emulator: Terminal): string {
  const { active } = emulator.buffer
  return Array.from(
    { length: emulator.rows },
    (_, y) => active.getLine(active.baseY + y)?.translateToString(true) ?? '',
  ).join('\n')
}

function lastLine(emulator: Terminal): string {
  return textOf(emulator).trim().split('\n').at(-1) ?? ''
}

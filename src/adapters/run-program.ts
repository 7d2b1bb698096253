import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { Fault } from '../base/fault.ts'
import { plain } from '../base/text.ts'
import type { RunProgram } from '../ports/programs.ts'

/** What a program of the operator's may need to reach their screen and their language. */
const ENVIRONMENT = [
  'PATH',
  'HOME',
  'USER',
  'LANG',
  'DISPLAY',
  'WAYLAND_DISPLAY',
  'XDG_RUNTIME_DIR',
  'DBUS_SESSION_BUS_ADDRESS',
]
const MAX_ERROR = 300

/** Runs programs in a process group of their own, so that what they started ends with them. */
export function programRunner(env: NodeJS.ProcessEnv): RunProgram {
  const given = Object.fromEntries(
    ENVIRONMENT.flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]]])),
  )
  return async ({ words: [program = '', ...args], input, timeoutMs, signal }) => {
    signal.throwIfAborted()
    const child = spawn(program, args, {
      env: given,
      cwd: '/',
      stdio: ['pipe', 'ignore', 'pipe'],
      detached: true,
    })
    const limit = AbortSignal.timeout(timeoutMs)
    const stop = AbortSignal.any([signal, limit])
    const kill = () => killGroup(child)
    stop.addEventListener('abort', kill, { once: true })
    try {
      const [code, killedBy, said] = await ended(child, input)
      if (limit.aborted) throw new Fault('timeout', `it was ended after ${timeoutMs / 1000} s`)
      if (code !== 0)
        throw new Fault('not.possible', `it ended with ${killedBy ?? code}${said && `: ${said}`}`)
    } finally {
      stop.removeEventListener('abort', kill)
      killGroup(child)
    }
  }
}

async function ended(
  child: ChildProcess,
  input: string,
): Promise<[code: number | null, signal: NodeJS.Signals | null, said: string]> {
  let said = ''
  child.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
    if (said.length < MAX_ERROR) said += chunk.slice(0, MAX_ERROR)
  })
  // A program that does not read its input is no failure.
  child.stdin?.on('error', () => undefined)
  child.stdin?.end(input)
  const [code, signal] = (await once(child, 'exit').catch((cause: unknown) => {
    throw new Fault('not.possible', `it cannot be started: ${String(cause)}`, { cause })
  })) as [number | null, NodeJS.Signals | null]
  return [code, signal, plain(said.trim(), MAX_ERROR)]
}

function killGroup({ pid }: ChildProcess): void {
  if (pid === undefined) return
  try {
    process.kill(-pid, 'SIGKILL')
  } catch {
    /* all of it has ended */
  }
}

import type { ChildProcess, spawn as Spawn } from 'node:child_process'
import { closeSync, openSync, readFileSync, statSync, watch } from 'node:fs'
import { connect } from 'node:net'
import { dirname } from 'node:path'
import { errno, Fault } from '../../base/fault.ts'
import type { Home } from '../../config/home.ts'

/** How a supervisor is started: the program and its words, up to `supervisor run`. */
export interface Launch { command: string; args: readonly string[]; demo?: boolean }

/** The exit code of a supervisor that found another one holding the lock. */
export const TAKEN_EXIT = 75

const READY_MS = 20_000
const YOUNG_AND_LEAN = ['--max-semi-space-size=2', '--max-old-space-size=256']

/**
 * Starts this deck's supervisor when none answers, and comes back when one does. Of several who try at once one
 * supervisor remains, and all use it. Fault `supervisor.unavailable` carries the end of its log.
 */
export async function ensureSupervisor(home: Home, env: NodeJS.ProcessEnv, launch: Launch, timeoutMs = READY_MS): Promise<'there' | 'started'> {
  if (await answers(home.socket)) return 'there'
  const [{ spawn }, { privateFolder }] = await Promise.all([import('node:child_process'), import('../../config/files.ts')])
  await Promise.all([home.root, home.run, dirname(home.supervisorLog)].map(privateFolder))
  const logged = sizeOf(home.supervisorLog)
  const ready = readiness(home, timeoutMs)
  const child = launchDetached(spawn, home, env, launch)
  try {
    await ready.wait(child)
  } catch (cause) {
    throw new Fault('supervisor.unavailable', cause instanceof Error ? cause.message : 'the supervisor did not start', {
      cause: new Error(logTail(home.supervisorLog, logged)), hint: 'See `clawdeck supervisor logs` and `clawdeck doctor`.',
    })
  } finally {
    ready.close()
    child.removeAllListeners()
    child.unref()
  }
  return 'started'
}

/** Whether someone listens on the socket. */
export function answers(socketPath: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const socket = connect(socketPath)
    socket.on('connect', () => { socket.destroy(); resolve(true) })
    socket.on('error', (error) => {
      if (errno(error) === 'EACCES') reject(new Fault('supervisor.unavailable', 'the supervisor\'s socket is not yours to use', { cause: error, hint: 'Run as the user who owns the deck home, or set CLAWDECK_HOME.' }))
      else resolve(false)
    })
  })
}

function launchDetached(spawn: typeof Spawn, home: Home, env: NodeJS.ProcessEnv, launch: Launch): ChildProcess {
  const log = openSync(home.supervisorLog, 'a', 0o600)
  try {
    return spawn(launch.command, [...YOUNG_AND_LEAN, ...launch.args, ...(launch.demo === true ? ['--demo'] : [])], {
      detached: true, cwd: home.root, stdio: ['ignore', log, log], env: { ...env, CLAWDECK_HOME: home.root },
    })
  } finally {
    closeSync(log)
  }
}

/** Watches the folder of the socket from before the start on, so that its appearance cannot be missed. */
function readiness(home: Home, timeoutMs: number): { wait(child: ChildProcess): Promise<void>; close(): void } {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  let again: NodeJS.Timeout | undefined
  const look = (): void => {
    clearTimeout(again)
    // The name of a socket appears a moment before anyone listens on it.
    answers(home.socket).then((yes) => { if (yes) resolve(); else if (sizeOf(home.socket) !== undefined) again = setTimeout(look, 10) }, reject)
  }
  const watcher = watch(home.run, look)
  const timer = setTimeout(() => reject(new Error(`the supervisor did not answer within ${timeoutMs / 1000} s`)), timeoutMs)
  return {
    wait(child) {
      child.on('error', (error) => reject(new Error(`the supervisor cannot be started: ${error.message}`)))
      child.on('exit', (code, signal) => {
        // Whoever holds the lock is about to answer.
        if (code !== TAKEN_EXIT) reject(new Error(`the supervisor ended at once (${signal ?? `exit ${code}`})`))
      })
      look()
      return promise
    },
    close() { watcher.close(); clearTimeout(timer); clearTimeout(again) },
  }
}

function sizeOf(path: string): number | undefined {
  return statSync(path, { throwIfNoEntry: false })?.size
}

function logTail(path: string, from: number | undefined): string {
  try {
    const lines = readFileSync(path).subarray(from ?? 0).toString('utf8').trim().split('\n')
    return lines.at(-1) || 'its log is empty'
  } catch (error) {
    return `its log cannot be read (${errno(error) ?? 'unknown reason'})`
  }
}

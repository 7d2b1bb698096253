import { spawn, type ChildProcess } from 'node:child_process'
import { closeSync, openSync, readFileSync, statSync, watch } from 'node:fs'
import { dirname } from 'node:path'
import { errno, Fault } from '../../base/fault.ts'
import { makePrivateFolder } from '../../config/files.ts'
import type { Home } from '../../config/home.ts'
import { isListening } from '../../wire/listening.ts'

/** How a supervisor is started: the program and its arguments, up to `supervisor run`. */
export interface Launch {
  command: string
  args: readonly string[]
  demo?: boolean
}

/** The exit code of a supervisor when another one holds the lock. */
export const LOCK_HELD_EXIT = 75

const READY_MS = 20_000
/** Small heaps: the supervisor runs all the time. */
const NODE_FLAGS = ['--max-semi-space-size=2', '--max-old-space-size=256']
/**
 * One pool of memory for all threads (glibc): those that mostly wait would each keep one, 5 MB in
 * all.
 */
const MALLOC = { MALLOC_ARENA_MAX: '1' }

/** Starts a supervisor in the background and waits until it, or another one, answers. */
export async function launchSupervisor(
  home: Home,
  env: NodeJS.ProcessEnv,
  launch: Launch,
  timeoutMs = READY_MS,
): Promise<void> {
  await Promise.all([home.root, home.run, dirname(home.supervisorLog)].map(makePrivateFolder))
  const logged = fileSize(home.supervisorLog)
  const ready = readiness(home, timeoutMs)
  const child = launchDetached(home, env, launch)
  try {
    await ready.wait(child)
  } catch (cause) {
    throw new Fault(
      'supervisor.unavailable',
      cause instanceof Error ? cause.message : 'the supervisor did not start',
      {
        cause: new Error(lastLogLine(home.supervisorLog, logged)),
        hint: 'Look at: clawdeck supervisor logs, clawdeck doctor',
      },
    )
  } finally {
    ready.close()
    child.removeAllListeners()
    child.unref()
  }
}

function launchDetached(home: Home, env: NodeJS.ProcessEnv, launch: Launch): ChildProcess {
  const log = openSync(home.supervisorLog, 'a', 0o600)
  try {
    return spawn(
      launch.command,
      [...NODE_FLAGS, ...launch.args, ...(launch.demo === true ? ['--demo'] : [])],
      {
        detached: true,
        cwd: home.root,
        stdio: ['ignore', log, log],
        env: { ...MALLOC, ...env, CLAWDECK_HOME: home.root },
      },
    )
  } finally {
    closeSync(log)
  }
}

/** Watches the folder of the socket from before the start, so that no change is missed. */
function readiness(
  home: Home,
  timeoutMs: number,
): { wait(child: ChildProcess): Promise<void>; close(): void } {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  let again: NodeJS.Timeout | undefined
  const look = (): void => {
    clearTimeout(again)
    // A socket exists a moment before anything listens on it.
    isListening(home.socket).then((yes) => {
      if (yes) resolve()
      else if (fileSize(home.socket) !== undefined) again = setTimeout(look, 10)
    }, reject)
  }
  const watcher = watch(home.run, look)
  const timer = setTimeout(
    () => reject(new Error(`the supervisor did not answer within ${timeoutMs / 1000} s`)),
    timeoutMs,
  )
  return {
    wait(child) {
      child.on('error', (error) =>
        reject(new Error(`the supervisor cannot be started: ${error.message}`)),
      )
      child.on('exit', (code, signal) => {
        // The supervisor that holds the lock is about to answer.
        if (code !== LOCK_HELD_EXIT)
          reject(new Error(`the supervisor ended at once (${signal ?? `exit code ${code}`})`))
      })
      look()
      return promise
    },
    close() {
      watcher.close()
      clearTimeout(timer)
      clearTimeout(again)
    },
  }
}

function fileSize(path: string): number | undefined {
  return statSync(path, { throwIfNoEntry: false })?.size
}

/** The last line that was logged after the first `from` bytes. */
function lastLogLine(path: string, from: number | undefined): string {
  try {
    const lines = readFileSync(path)
      .subarray(from ?? 0)
      .toString('utf8')
      .trim()
      .split('\n')
    return lines.at(-1) || 'its log is empty'
  } catch (error) {
    return `its log cannot be read (${errno(error) ?? 'unknown reason'})`
  }
}

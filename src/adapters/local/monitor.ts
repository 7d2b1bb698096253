import { spawn } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { Fault } from '../../base/fault.ts'
import { firstChild, identify, isAlive } from './identity.ts'
import type { Identity, PodRecord } from './record.ts'

/** Set in the environment of a pod's monitor and its helpers, not of the pod. */
export const MONITOR_MARK = 'CLAWDECK_MONITOR'
const LOG_FOLDER = 'logs'
/** A log of this size is rotated. The previous one is kept, older ones are dropped. */
const ROTATE_BYTES = 4 << 20
/** Bytes that are added to a log between two looks at its size: 64 blocks of 64 KiB. */
const BLOCKS = { bytes: 64 << 10, count: 64 }
/** The most that one stream of a pod takes on disk: the current log and the previous one. */
export const MAX_STREAM_BYTES = 2 * (ROTATE_BYTES + BLOCKS.bytes * BLOCKS.count)

/**
 * Stores its input in the file `$1` and, rotated, in `$1.1`, until it ends. A pod that writes more
 * than 10 MiB a second waits, so that it leaves the disk to the journal. When nothing can be
 * stored, as on a full disk, the input is dropped.
 */
const STORE = `store() {
  umask 077
  before=0
  while :; do
    got=$(dd bs=${BLOCKS.bytes} count=${BLOCKS.count} 2>&1 >>"$1") ||
      got=$(dd bs=${BLOCKS.bytes} count=1 2>&1 >/dev/null) || return
    case $got in "0+0 records in"*) return ;; esac
    size=$(wc -c <"$1") || size=0
    mebibytes=$(((size - before) / 1048576))
    [ "$mebibytes" -lt 1 ] || sleep "0.$mebibytes"
    before=$size
    [ "$size" -lt ${ROTATE_BYTES} ] || { mv -f "$1" "$1.1"; before=0; }
  done
}`

/** Runs the pod and writes down its exit code. */
const RUN = `echo $$ >runner
"$@"
echo $? >code`

/**
 * Publishes the exit code that was written down. Only builtins of the shell: a program would have
 * to be started first, while everybody waits for the code.
 */
const PUBLISH = 'read -r code <code && echo "$code" >exit'

/**
 * What a plain pod leaves running may keep its output open: then the code is published after a
 * second without waiting for the end of the output. All of a sandbox ends with its first process.
 */
const WAIT_A_SECOND = `{
  for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
    [ -e code ] && [ ! -e exit ] || exit 0
    sleep 0.05
  done
  ${PUBLISH}
} </dev/null >/dev/null 2>&1 &`

/**
 * Holds the pod's output and records its exit code, also while no supervisor runs. The pod has
 * pipes: it cannot reach the files, and shows nobody where they are.
 */
const MONITOR = `${STORE}
run=$1
shift
{
  { exec /bin/sh -c "$run" run "$@" 2>&3 3>&-; } | store ${LOG_FOLDER}/stdout.log 3>&-
} 3>&1 >/dev/null | store ${LOG_FOLDER}/stderr.log >/dev/null
${PUBLISH}`

const ENVIRONMENT = { PATH: '/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin', LC_ALL: 'C' }

/** The file with a stream of the pod whose folder this is. The previous one ends in `.1`. */
export function logFile(folder: string, stream: 'stdout' | 'stderr'): string {
  return join(folder, LOG_FOLDER, `${stream}.log`)
}

/**
 * Starts the monitor of a pod in a session of its own, so that it outlives us, with empty logs.
 * `start` identifies this start of the pod. Returns the monitor's pid.
 */
export function startMonitor(
  folder: string,
  { spec: { agent }, mode }: PodRecord,
  start: string,
  command: readonly string[],
): Promise<number> {
  mkdirSync(join(folder, LOG_FOLDER), { recursive: true, mode: 0o700 })
  for (const stream of ['stdout', 'stderr'] as const)
    for (const end of ['', '.1']) rmSync(logFile(folder, stream) + end, { force: true })
  for (const name of ['exit', 'code', 'runner']) rmSync(join(folder, name), { force: true })
  const run = mode === 'none' ? `${RUN}\n${WAIT_A_SECOND}` : RUN
  const child = spawn('/bin/sh', ['-c', MONITOR, 'monitor', run, ...command], {
    cwd: folder,
    env: { ...ENVIRONMENT, [MONITOR_MARK]: start },
    detached: true,
    stdio: 'ignore',
  })
  child.unref()
  return new Promise((resolve, reject) => {
    child.once('spawn', () => resolve(child.pid as number))
    child.once('error', (cause) =>
      reject(
        new Fault('backend.failed', `The pod of ${agent} cannot be started: ${cause.message}`, {
          cause,
        }),
      ),
    )
  })
}

/** The pod's processes, found as descendants of the one that the monitor runs it with. */
export function podProcesses(
  folder: string,
  { monitor, mode }: PodRecord,
): Pick<PodRecord, 'outer' | 'first'> {
  const outer = isAlive(monitor) ? childOf(runnerOf(folder)) : undefined
  return { outer, first: mode === 'none' ? outer : childOf(outer) }
}

function runnerOf(folder: string): Identity | undefined {
  try {
    return identify(Number.parseInt(readFileSync(join(folder, 'runner'), 'utf8'), 10))
  } catch {
    return undefined
  }
}

function childOf(parent: Identity | undefined): Identity | undefined {
  const pid = isAlive(parent) ? firstChild(parent.pid) : undefined
  return pid === undefined ? undefined : identify(pid)
}

import { closeSync, fstatSync, openSync, readdirSync, readSync } from 'node:fs'
import { join } from 'node:path'
import { Fault } from '../../base/fault.ts'
import type { PodFacts } from '../../ports/pods.ts'
import { isHeld } from '../held-processes.ts'
import { killMarked } from '../marked-processes.ts'
import { namespaceOf, processesByNamespace } from '../proc.ts'
import { isAlive } from './identity.ts'
import { logFile } from './monitor.ts'
import { environmentOf } from './payload.ts'
import { Records, type PodRecord } from './record.ts'
import { enterCommand, findTools, onOwnPty, type Tools } from './sandbox.ts'

/** Set in the environment of all processes of one start of a plain pod. */
export const POD_MARK = 'CLAWDECK_POD'
/** Set in the environment of all processes of one exec or terminal. */
export const SESSION_MARK = 'CLAWDECK_SESSION'

export interface LocalOptions {
  /** The deck home, absolute. */
  root: string
  /** The deck's folder for sockets, absolute. */
  run: string
  env: NodeJS.ProcessEnv
  /** Do not use bubblewrap even where it works. */
  plain?: boolean
}

/**
 * Identifies one start of a pod, so that what is left of it can be killed while the next one runs.
 */
export function startOf(record: PodRecord): string {
  return `${record.id}.${record.startedAt}`
}

/** The pids of all processes of the machine. */
export function everyProcess(): number[] {
  return readdirSync('/proc').map(Number).filter(Number.isInteger)
}

interface InsideOptions {
  env: Record<string, string>
  mark: string
  terminal: boolean
}

interface HostCommand {
  command: string[]
  env: Record<string, string>
  cwd: string
}

/**
 * Shared by all parts of the local backend: the pods' records, the sandbox tools, and how to enter
 * a pod.
 */
export class LocalPods {
  readonly records: Records
  readonly options: LocalOptions
  #tools: Promise<Tools | { what: string; fix: string }> | undefined

  constructor(options: LocalOptions) {
    this.options = options
    this.records = new Records(options.root)
  }

  /** The sandbox tools, or the reason why pods are plain processes here. Determined once. */
  tools(): Promise<Tools | { what: string; fix: string }> {
    if (this.options.plain)
      return Promise.resolve({
        what: 'Sandboxes are switched off',
        fix: 'Let the local backend choose.',
      })
    return (this.#tools ??= findTools(this.options.env))
  }

  /** The record of a running pod. Faults: `not.found`, `not.possible`. */
  running(agent: string): PodRecord {
    const record = this.records.get(agent)
    if (this.facts(agent)?.state !== 'running')
      throw new Fault('not.possible', `The pod of ${agent} is not running`, {
        hint: `Run \`clawdeck start ${agent}\`.`,
      })
    return record
  }

  /** The record of a running pod that something can run in. Fault `not.possible` while paused. */
  entered(agent: string): PodRecord {
    const record = this.running(agent)
    if (isPaused(record))
      throw new Fault('not.possible', `The pod of ${agent} is paused`, {
        hint: `Run \`clawdeck thaw ${agent}\`.`,
      })
    return record
  }

  facts(agent: string): PodFacts | undefined {
    const record = this.records.read(agent)
    if (!record) return undefined
    // A pod may end before its monitor is recorded. Then only the exit code is known.
    const exitCode = record.startedAt === undefined ? undefined : this.records.exitCode(agent)
    const state = exitCode === undefined ? stateOf(record) : 'exited'
    return {
      agent,
      id: record.id,
      state,
      paused: state === 'running' && isPaused(record),
      startedAt: record.startedAt,
      imageDigest: '',
      labels: record.spec.labels,
      pid: state === 'running' ? record.first?.pid : undefined,
      exitCode,
    }
  }

  /** The host command that runs `argv` in a running pod, with its environment and folder. */
  async commandInside(
    agent: string,
    argv: readonly string[],
    request: InsideOptions,
  ): Promise<HostCommand> {
    const record = this.entered(agent)
    const { env, mark, terminal } = request
    const marked = { ...env, [SESSION_MARK]: mark }
    if (record.mode === 'none') {
      const { env: full, cwd } = this.plainEnvironment(record, marked)
      return { command: [...argv], env: full, cwd }
    }
    const tools = await this.tools()
    if ('what' in tools)
      throw new Fault(
        'backend.failed',
        `The sandbox of ${agent} cannot be entered: ${tools.what}`,
        { hint: tools.fix },
      )
    const words = terminal ? onOwnPty(tools, argv) : argv
    return {
      command: enterCommand(tools, record, words, environmentOf(record.spec, 'sandbox', marked)),
      env: { [SESSION_MARK]: mark },
      cwd: '/',
    }
  }

  /** Environment and folder of processes in a plain pod. */
  plainEnvironment(
    record: PodRecord,
    more: Record<string, string> = {},
  ): { env: Record<string, string>; cwd: string } {
    const { spec } = record
    const door = join(this.options.run, 'doors', `${spec.agent}.sock`)
    const env = environmentOf(spec, 'none', {
      ...more,
      [POD_MARK]: startOf(record),
      CLAWDECK_GUARD: `unix:${door}`,
    })
    return {
      env,
      cwd:
        spec.mounts.find((mount) => mount.target === spec.workdir)?.source ??
        this.records.folder(spec.agent),
    }
  }

  /** Host pids that may belong to the pod: those of its namespace, or for a plain pod all. */
  candidates(record: PodRecord): number[] {
    if (record.mode === 'none') return everyProcess()
    const namespace = record.first && namespaceOf(record.first.pid, 'pid')
    if (namespace === undefined) return []
    const pids = processesByNamespace(new Set([namespace])).get(namespace) ?? []
    return pids.filter((pid) => pid !== record.first?.pid)
  }

  /** Kills what one exec or terminal left in the pod. Resolves when nothing of it is left. */
  async killSession(agent: string, mark: string): Promise<void> {
    const record = this.records.read(agent)
    if (!record || (record.mode === 'sandbox' && !isAlive(record.first))) return
    if (await killMarked(() => this.candidates(record), `${SESSION_MARK}=${mark}`)) return
    throw new Fault('backend.failed', `Processes of a shell or command in ${agent} do not end`, {
      hint: `Run \`clawdeck restart ${agent}\` to end them.`,
    })
  }

  /** The end of a pod's error output, for the message when it did not start. */
  lastErrors(agent: string): string {
    return endOf(logFile(this.records.folder(agent), 'stderr'), 2000)
      .trim()
      .slice(-300)
  }
}

/** The last bytes of a file, as text. */
function endOf(path: string, bytes: number): string {
  try {
    const fd = openSync(path, 'r')
    try {
      const buffer = Buffer.alloc(bytes)
      const size = readSync(fd, buffer, 0, bytes, Math.max(0, fstatSync(fd).size - bytes))
      return buffer.toString('utf8', 0, size)
    } finally {
      closeSync(fd)
    }
  } catch {
    return ''
  }
}

/** Whether all of a pod is held. A plain program may stop itself, which is not that. */
function isPaused({ paused, first }: PodRecord): boolean {
  return paused === true && first !== undefined && isHeld(first.pid)
}

/** The state of a pod without an exit code. It runs until its monitor has recorded one. */
function stateOf({ monitor, first }: PodRecord): PodFacts['state'] {
  if (monitor === undefined) return 'created'
  return isAlive(first) || isAlive(monitor) ? 'running' : 'exited'
}

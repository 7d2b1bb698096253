import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Fault } from '../../base/fault.ts'
import type { PodFacts } from '../../ports/pods.ts'
import { endMarked } from '../marked-processes.ts'
import { namespaceOf, processesByNamespace } from '../proc.ts'
import { lives } from './identity.ts'
import { environmentOf } from './payload.ts'
import { Records, type PodRecord } from './record.ts'
import { entering, findTools, onOwnTerminal, type Tools } from './sandbox.ts'

/** In the environment of everything that belongs to one start of a plain pod. */
export const POD_MARK = 'CLAWDECK_POD'
/** In the environment of everything that one exec or terminal started. */
export const SESSION_MARK = 'CLAWDECK_SESSION'

export interface LocalOptions {
  /** The deck home and its folder of sockets, absolute. */
  root: string
  run: string
  env: NodeJS.ProcessEnv
  /** Leaves bubblewrap aside even where it works. */
  plain?: boolean
}

/** Tells one start of a pod from the next, so that what is left of one can be ended while the other runs. */
export function startOf(record: PodRecord): string {
  return `${record.id}.${record.startedAt}`
}

/** The pid of every process of the machine. */
export function everyProcess(): number[] {
  return readdirSync('/proc').map(Number).filter(Number.isInteger)
}

interface InsideRequest {
  env: Record<string, string>
  mark: string
  terminal: boolean
}
interface Inside {
  command: string[]
  env: Record<string, string>
  cwd: string
}

/** What every part of the local backend shares: the records, the tools, and how to get into a pod. */
export class LocalPods {
  readonly records: Records
  readonly options: LocalOptions
  #tools: Promise<Tools | { what: string; fix: string }> | undefined

  constructor(options: LocalOptions) {
    this.options = options
    this.records = new Records(options.root)
  }

  /** The sandbox tools, or the reason why pods here are plain processes. Found once. */
  tools(): Promise<Tools | { what: string; fix: string }> {
    if (this.options.plain)
      return Promise.resolve({
        what: 'Sandboxes are switched off',
        fix: 'Leave the local backend to choose.',
      })
    return (this.#tools ??= findTools(this.options.env))
  }

  /** The record of a pod that runs now. Faults: `not.found`, `not.possible`. */
  running(agent: string): PodRecord {
    const record = this.records.get(agent)
    if (this.facts(agent)?.state !== 'running')
      throw new Fault('not.possible', `The pod of ${agent} is not running`, {
        hint: `Start it: \`clawdeck start ${agent}\``,
      })
    return record
  }

  facts(agent: string): PodFacts | undefined {
    const record = this.records.read(agent)
    if (!record) return undefined
    // A pod may end before its keeper was looked at: then its exit code is all that is known of this start.
    const exitCode = record.startedAt === undefined ? undefined : this.records.exitCode(agent)
    // Between the end of the first process and the keeper's note the pod still counts as running: its exit code is due.
    const runs = exitCode === undefined && (lives(record.first) || lives(record.keeper))
    const state =
      record.keeper === undefined && exitCode === undefined
        ? 'created'
        : runs
          ? 'running'
          : 'exited'
    return {
      agent,
      id: record.id,
      state,
      startedAt: record.startedAt,
      imageDigest: '',
      labels: record.spec.labels,
      pid: state === 'running' ? record.first?.pid : undefined,
      exitCode,
    }
  }

  /** How to run `argv` in a running pod: the command on the machine, its environment and folder. */
  async inside(agent: string, argv: readonly string[], request: InsideRequest): Promise<Inside> {
    const record = this.running(agent)
    const { env, mark, terminal } = request
    const marked = { ...env, [SESSION_MARK]: mark }
    if (record.mode === 'none') {
      const { env: full, cwd } = this.plainly(record, marked)
      return { command: [...argv], env: full, cwd }
    }
    const tools = await this.tools()
    if ('what' in tools)
      throw new Fault(
        'backend.failed',
        `The sandbox of ${agent} cannot be entered: ${tools.what}`,
        { hint: tools.fix },
      )
    const words = terminal ? onOwnTerminal(tools, argv) : argv
    return {
      command: entering(tools, record, words, environmentOf(record.spec, 'sandbox', marked)),
      env: { [SESSION_MARK]: mark },
      cwd: '/',
    }
  }

  /** Environment and folder of the processes of a plain pod. */
  plainly(
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

  /** Host pids that may belong to the pod: its namespace's, or for a plain pod the machine's. */
  candidates(record: PodRecord): number[] {
    if (record.mode === 'none') return everyProcess()
    const space = record.first && namespaceOf(record.first.pid, 'pid')
    return (
      space === undefined ? [] : (processesByNamespace(new Set([space])).get(space) ?? [])
    ).filter((pid) => pid !== record.first?.pid)
  }

  /** Ends what one exec or terminal left in the pod, and answers when nothing of it is left. */
  async endSession(agent: string, mark: string): Promise<void> {
    const record = this.records.read(agent)
    if (!record || (record.mode === 'sandbox' && !lives(record.first))) return
    if (await endMarked(() => this.candidates(record), `${SESSION_MARK}=${mark}`)) return
    throw new Fault('backend.failed', `Processes of a session in ${agent} do not end`, {
      hint: `\`clawdeck restart ${agent}\` ends them.`,
    })
  }

  /** The last words of a pod that did not come up, for a fault. */
  lastWords(agent: string): string {
    try {
      return readFileSync(join(this.records.folder(agent), 'stderr.log'), 'utf8')
        .trim()
        .slice(-300)
    } catch {
      return ''
    }
  }
}

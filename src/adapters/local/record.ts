import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { errno, Fault } from '../../base/fault.ts'
import type { PodSpec } from '../../ports/pods.ts'

/** A process that is told apart from a later one with the same pid by when it began. */
export interface Identity {
  pid: number
  began: string
}

/** `sandbox` is bubblewrap; `none` is a plain child process. */
export type Mode = 'sandbox' | 'none'

/** What is kept of a pod on disk, so that a new supervisor finds it again. */
export interface PodRecord {
  id: string
  spec: PodSpec
  mode: Mode
  /** The small shell outside the pod that writes its exit code down. */
  keeper: Identity | undefined
  /** The process that holds the sandbox's outer user namespace. Without a sandbox the first process itself. */
  outer: Identity | undefined
  /** The pod's first process. */
  first: Identity | undefined
  startedAt: number | undefined
}

/** What a pod writes, in its folder. */
export const LOG_FILES = ['stdout.log', 'stderr.log'] as const

const NAME = /^[a-z](?:[a-z0-9-]{0,30}[a-z0-9])?$/

/** The folders of the pods of one deck home: `<root>/local/<agent>/{pod.json,stdout.log,stderr.log,exit}`. */
export class Records {
  readonly root: string

  constructor(root: string) {
    this.root = join(root, 'local')
  }

  folder(agent: string): string {
    if (!NAME.test(agent))
      throw new Fault('input.invalid', 'This is not a name for a pod', {
        hint: '1 to 32 of a–z, 0–9 and -, beginning with a letter',
      })
    return join(this.root, 'pods', agent)
  }

  names(): string[] {
    try {
      return readdirSync(join(this.root, 'pods')).filter((name) => NAME.test(name))
    } catch {
      return []
    }
  }

  read(agent: string): PodRecord | undefined {
    if (!NAME.test(agent)) return undefined
    try {
      return JSON.parse(readFileSync(join(this.folder(agent), 'pod.json'), 'utf8')) as PodRecord
    } catch (thrown) {
      if (errno(thrown) === 'ENOENT') return undefined
      throw new Fault('backend.failed', `What is known of the pod ${agent} cannot be read`, {
        cause: thrown,
        hint: `\`clawdeck delete ${agent}\` clears it.`,
      })
    }
  }

  get(agent: string): PodRecord {
    const record = this.read(agent)
    if (!record)
      throw new Fault('not.found', `There is no pod of ${NAME.test(agent) ? agent : 'that name'}`, {
        hint: 'Start the agent first.',
      })
    return record
  }

  /** Whole or not at all: a crash never leaves half a record. */
  write(agent: string, record: PodRecord): void {
    const folder = this.folder(agent)
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    const path = join(folder, 'pod.json')
    writeFileSync(`${path}.new`, JSON.stringify(record), { mode: 0o600 })
    renameSync(`${path}.new`, path)
  }

  remove(agent: string): void {
    rmSync(this.folder(agent), { recursive: true, force: true })
  }

  /** What the keeper wrote down when the pod ended. */
  exitCode(agent: string): number | undefined {
    try {
      const code = Number.parseInt(readFileSync(join(this.folder(agent), 'exit'), 'utf8'), 10)
      return Number.isNaN(code) ? undefined : code
    } catch {
      return undefined
    }
  }
}

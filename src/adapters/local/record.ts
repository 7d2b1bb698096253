import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { errno, Fault } from '../../base/fault.ts'
import type { PodSpec } from '../../ports/pods.ts'
import { isPodName, requirePodName } from '../pod-name.ts'

/** Identifies a process. Its start time distinguishes it from a later one with the same pid. */
export interface Identity {
  pid: number
  began: string
}

/** `sandbox` is bubblewrap; `none` is a plain child process. */
export type Mode = 'sandbox' | 'none'

/** A pod as it is recorded on disk, so that a new supervisor finds it again. */
export interface PodRecord {
  id: string
  spec: PodSpec
  mode: Mode
  /** The shell outside the pod that holds its output and records its exit code. */
  monitor: Identity | undefined
  /** The process with the sandbox's outer user namespace. Without a sandbox, the first process. */
  outer: Identity | undefined
  /** The pod's first process. */
  first: Identity | undefined
  startedAt: number | undefined
  /** Its processes were stopped, by the deck. */
  paused?: true
}

/**
 * The pods' folders of one deck home: `<root>/local/pods/<agent>/{pod.json,exit,logs/}`.
 */
export class Records {
  readonly root: string

  constructor(root: string) {
    this.root = join(root, 'local')
  }

  folder(agent: string): string {
    return join(this.root, 'pods', requirePodName(agent))
  }

  names(): string[] {
    try {
      return readdirSync(join(this.root, 'pods')).filter((name) => isPodName(name))
    } catch {
      return []
    }
  }

  read(agent: string): PodRecord | undefined {
    if (!isPodName(agent)) return undefined
    try {
      return parseRecord(readFileSync(join(this.folder(agent), 'pod.json'), 'utf8'))
    } catch (thrown) {
      if (errno(thrown) === 'ENOENT') return undefined
      throw new Fault('backend.failed', `The record of the pod ${agent} cannot be read`, {
        cause: thrown,
        hint: `Run \`clawdeck delete ${agent}\` to remove it.`,
      })
    }
  }

  get(agent: string): PodRecord {
    const record = this.read(agent)
    if (!record)
      throw new Fault('not.found', `${isPodName(agent) ? agent : 'This agent'} has no pod`, {
        hint: 'Start the agent first.',
      })
    return record
  }

  /** Atomic: a crash never leaves a partial record. */
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

  /** What the monitor recorded when the pod ended. */
  exitCode(agent: string): number | undefined {
    try {
      const code = Number.parseInt(readFileSync(join(this.folder(agent), 'exit'), 'utf8'), 10)
      return Number.isNaN(code) ? undefined : code
    } catch {
      return undefined
    }
  }
}

function parseRecord(text: string): PodRecord {
  const { keeper, ...record } = JSON.parse(text) as PodRecord & { keeper?: Identity }
  // Earlier versions recorded the monitor by another name; their pods may still run.
  return keeper === undefined ? record : { ...record, monitor: keeper }
}

import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import * as z from 'zod'
import { Fault } from '../../base/fault.ts'
import type { PodFacts } from '../../ports/pods.ts'
import { requirePodName } from '../pod-name.ts'

const SUFFIX = '.json'

const Stored = z.strictObject({
  id: z.string(),
  state: z.enum(['created', 'running', 'exited']),
  startedAt: z.number().optional(),
  labels: z.record(z.string(), z.string()),
})

/** What is remembered of agents that run elsewhere: `<root>/outside/<agent>.json`. */
export class OutsideRecords {
  readonly #folder: string

  constructor(root: string) {
    this.#folder = join(root, 'outside')
  }

  names(): string[] {
    try {
      return readdirSync(this.#folder)
        .filter((file) => file.endsWith(SUFFIX))
        .map((file) => file.slice(0, -SUFFIX.length))
    } catch {
      return []
    }
  }

  /** A record that cannot be read is none: the agent is not answered until it is started again. */
  read(agent: string): PodFacts | undefined {
    let text: string
    try {
      text = readFileSync(this.#path(agent), 'utf8')
    } catch {
      return undefined
    }
    const { data } = Stored.safeParse(parsed(text))
    if (data === undefined) return undefined
    const { id, state, startedAt, labels } = data
    const exitCode = state === 'exited' ? 0 : undefined
    const unknown = { paused: false, pid: undefined, imageDigest: '' }
    return { agent, id, state, startedAt, labels, exitCode, ...unknown }
  }

  get(agent: string): PodFacts {
    const facts = this.read(agent)
    if (facts !== undefined) return facts
    throw new Fault('not.found', `${agent} is not registered here`, {
      hint: `Start it: clawdeck start ${agent}`,
    })
  }

  /** Atomic: a crash never leaves a partial record. */
  write({ agent, id, state, startedAt, labels }: PodFacts): void {
    mkdirSync(this.#folder, { recursive: true, mode: 0o700 })
    const path = this.#path(agent)
    writeFileSync(`${path}.new`, JSON.stringify({ id, state, startedAt, labels }), { mode: 0o600 })
    renameSync(`${path}.new`, path)
  }

  remove(agent: string): void {
    rmSync(this.#path(agent), { force: true })
  }

  #path(agent: string): string {
    return join(this.#folder, requirePodName(agent) + SUFFIX)
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

import { statSync } from 'node:fs'
import type { AgentFolder, Home } from '../../config/home.ts'
import { Fault } from '../../base/fault.ts'
import type { Drift } from '../templates/types.ts'
import { hashOf } from '../templates/lock.ts'
import { writeWrappers } from '../templates/wrappers.ts'
import type { LockCheck } from './lock-check.ts'
import type { Agent, LaunchSpec } from './types.ts'

export interface LaunchSpecParts {
  home: Home
  checkLock: (agent: Agent) => Promise<LockCheck>
}

/** A launch spec, and the state of the agent's files and lock when it was read. */
interface ReadSpec {
  launch: LaunchSpec
  stamp: string
  lock: string
}

/** What pods are started from: read from each agent's folder and checked against its lock. */
export class LaunchSpecs {
  readonly #parts: LaunchSpecParts
  readonly #latest = new Map<string, ReadSpec>()

  constructor(parts: LaunchSpecParts) {
    this.#parts = parts
  }

  /**
   * Reads a launch spec, and writes the agent's in-pod client and wrappers if nothing has drifted.
   * Fault `lock.invalid` for a folder that cannot be read.
   */
  async read(agent: Agent): Promise<LaunchSpec> {
    const { drift, launch } = await this.#check(agent)
    if (launch !== undefined) return launch
    throw new Fault(
      'lock.invalid',
      `the folder of ${agent.name} cannot be read: ${drift.map(({ to }) => to).join('; ')}`,
      { hint: `clawdeck policy validate ${agent.name}` },
    )
  }

  /** The launch spec that was read last, if the folder and the lock are unchanged. */
  async readIfChanged(agent: Agent): Promise<LaunchSpec> {
    const latest = this.#latest.get(agent.name)
    return latest !== undefined && latest.lock === agent.lock && this.isUnchanged(agent.name)
      ? latest.launch
      : this.read(agent)
  }

  async drift(agent: Agent): Promise<Drift[]> {
    return (await this.#check(agent)).drift
  }

  /** Whether the agent's folder is as it was read last. Looks at file times only. */
  isUnchanged(agent: string): boolean {
    return this.#latest.get(agent)?.stamp === stampOf(this.#parts.home.agent(agent))
  }

  async #check(agent: Agent): Promise<{ drift: Drift[]; launch?: LaunchSpec }> {
    const folder = this.#parts.home.agent(agent.name)
    const stamp = stampOf(folder)
    const { drift, compiled } = await this.#parts.checkLock(agent)
    if (compiled === undefined) return { drift }
    if (drift.length === 0) await writeWrappers(folder.bin, compiled.lock.gated)
    const launch = { spec: compiled.spec, specHash: hashOf(compiled.spec), drift }
    this.#latest.set(agent.name, { launch, stamp, lock: agent.lock })
    return { drift, launch }
  }
}

function stampOf(folder: AgentFolder): string {
  return [folder.manifest, folder.template, folder.spec, folder.openclaw, folder.lock]
    .map((file) => {
      const found = statSync(file, { throwIfNoEntry: false })
      return found === undefined
        ? 'none'
        : `${found.ino}:${found.size}:${found.mtimeMs}:${found.ctimeMs}`
    })
    .join(' ')
}

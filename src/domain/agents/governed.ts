import { statSync } from 'node:fs'
import type { AgentFolder, Home } from '../../config/home.ts'
import { Fault } from '../../base/fault.ts'
import type { HostKey } from '../../base/signing.ts'
import type { Agent, AgentBounds, LaunchSpec } from './types.ts'
import type { agentView } from './view.ts'
import type { Drift } from '../templates/types.ts'
import { hashOf, readLock } from '../templates/lock.ts'
import { writeWrappers } from '../templates/wrappers.ts'

/** Which agents the guard may answer for, and within which signed bounds. Whoever is not in here is refused. */
export function governance(parts: {
  home: Home
  key: HostKey
  look: () => ReturnType<typeof agentView>
}) {
  const governed = new Map<string, AgentBounds>()
  /** Each agent's charter as last read, and what its files looked like then. */
  const read = new Map<string, { stamp: string; lock: string; charter: LaunchSpec }>()

  /** Holds an agent's folder against its lock; with a charter unless a file of it cannot be read at all. */
  async function check(agent: Agent): Promise<{ drift: Drift[]; charter?: LaunchSpec }> {
    const stamp = stampOf(parts.home.agent(agent.name))
    const { drift, compiled } = await parts.look().held(agent)
    if (compiled === undefined) return { drift }
    if (drift.length === 0)
      await writeWrappers(parts.home.agent(agent.name).bin, compiled.lock.gated)
    const charter = { spec: compiled.spec, specHash: hashOf(compiled.spec), drift }
    read.set(agent.name, { stamp, lock: agent.lock, charter })
    return { drift, charter }
  }

  async function readCharter(agent: Agent): Promise<LaunchSpec> {
    const { drift, charter } = await check(agent)
    if (charter !== undefined) return charter
    throw new Fault(
      'lock.invalid',
      `the folder of ${agent.name} cannot be read: ${drift.map((d) => d.to).join('; ')}`,
      { hint: `clawdeck policy validate ${agent.name}` },
    )
  }

  return {
    of(agent: string): AgentBounds | { refusal: string } {
      return (
        governed.get(agent) ?? { refusal: `${agent} is not governed now: its lock is not proven` }
      )
    },

    async govern(agent: string, on: boolean): Promise<void> {
      if (!on) {
        governed.delete(agent)
        return
      }
      const lock = await readLock(parts.home.agent(agent).lock, agent, parts.key)
      governed.set(agent, { template: lock.template, bounds: lock.guard })
    },

    /** Whether nobody wrote into the agent's folder since its charter was read: five looks at the file system, no reading. */
    untouched: (agent: string): boolean =>
      read.get(agent)?.stamp === stampOf(parts.home.agent(agent)),

    /** What the agent may be started from; and its in-pod client and wrappers, made anew. */
    charter: readCharter,
    drift: async (agent: Agent): Promise<Drift[]> => (await check(agent)).drift,

    /** The charter that was just checked, if nobody wrote into the folder since and the lock is the same. */
    async checked(agent: Agent): Promise<LaunchSpec> {
      const last = read.get(agent.name)
      return last !== undefined &&
        last.lock === agent.lock &&
        last.stamp === stampOf(parts.home.agent(agent.name))
        ? last.charter
        : readCharter(agent)
    },
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

import { statSync } from 'node:fs'
import type { AgentFolder, Home } from '../config/home.ts'
import { Fault } from '../base/fault.ts'
import type { HostKey } from '../config/host-key.ts'
import type { Agent } from '../domain/agents/types.ts'
import type { agentLook } from '../domain/agents/look.ts'
import type { Governed } from '../domain/approvals/service.ts'
import { hashOf, readLock } from '../domain/templates/lock.ts'
import { writeWrappers } from '../domain/templates/wrappers.ts'
import type { Charter } from './keeper.ts'

/** Which agents the guard may answer for, and within which signed bounds. Whoever is not in here is refused. */
export function governance(parts: { home: Home; key: HostKey; look: () => ReturnType<typeof agentLook> }) {
  const governed = new Map<string, Governed>()
  /** What the files of each agent looked like when its charter was last read. */
  const seen = new Map<string, string>()

  return {
    of(agent: string): Governed | { refusal: string } {
      return governed.get(agent) ?? { refusal: `${agent} is not governed now: its lock is not proven` }
    },

    async govern(agent: string, on: boolean): Promise<void> {
      if (!on) { governed.delete(agent); return }
      const lock = await readLock(parts.home.agent(agent).lock, agent, parts.key)
      governed.set(agent, { template: lock.template, bounds: lock.guard })
    },

    /** Whether nobody wrote into the agent's folder since its charter was read: five looks at the file system, no reading. */
    untouched: (agent: string): boolean => seen.get(agent) === stampOf(parts.home.agent(agent)),

    /** What the agent may be started from; and its in-pod client and wrappers, made anew. */
    async charter(agent: Agent): Promise<Charter> {
      seen.set(agent.name, stampOf(parts.home.agent(agent.name)))
      const { drift, compiled } = await parts.look().held(agent)
      if (compiled === undefined) throw new Fault('lock.invalid', `the folder of ${agent.name} cannot be read: ${drift.map((d) => d.to).join('; ')}`, { hint: `clawdeck policy validate ${agent.name}` })
      if (drift.length === 0) await writeWrappers(parts.home.agent(agent.name).bin, compiled.lock.gated)
      return { spec: compiled.spec, specHash: hashOf(compiled.spec), drift }
    },
  }
}

function stampOf(folder: AgentFolder): string {
  return [folder.manifest, folder.template, folder.spec, folder.openclaw, folder.lock].map((file) => {
    const found = statSync(file, { throwIfNoEntry: false })
    return found === undefined ? 'none' : `${found.ino}:${found.size}:${found.mtimeMs}:${found.ctimeMs}`
  }).join(' ')
}

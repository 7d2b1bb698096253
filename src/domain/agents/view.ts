import type { Home } from '../../config/home.ts'
import type { Backend, BackendKind, PodUsage } from '../../ports/pods.ts'
import type { LockCheck } from './lock-check.ts'
import type { AgentReader } from './read.ts'
import type { Agent, AgentService } from './types.ts'

export interface AgentViewParts {
  home: Home
  backend: (kind: BackendKind) => Backend
  checkLock: (agent: Agent) => Promise<LockCheck>
  reader: AgentReader
}

/** Shows agents and what their pods use. */
export function agentView({
  home,
  backend,
  checkLock,
  reader,
}: AgentViewParts): Pick<AgentService, 'inspect' | 'stats'> {
  async function usageOf(agents: readonly Agent[]): Promise<Record<string, PodUsage>> {
    const usage: Record<string, PodUsage> = {}
    for (const kind of new Set(agents.map((agent) => agent.backend))) {
      const names = agents
        .filter((agent) => agent.backend === kind && agent.phase === 'up')
        .map(({ name }) => name)
      if (names.length > 0)
        Object.assign(usage, Object.fromEntries(await backend(kind).stats.read(names)))
    }
    return usage
  }

  return {
    stats: async () => usageOf(reader.list()),

    async inspect(name) {
      const agent = reader.get(name)
      const [pod, { compiled }, usage] = await Promise.all([
        backend(agent.backend).lifecycle.inspect(name),
        checkLock(agent),
        usageOf([agent]),
      ])
      return {
        agent,
        pod: pod ?? null,
        spec: compiled?.spec ?? null,
        lock: compiled?.lock ?? null,
        usage: usage[name] ?? null,
        folder: home.agent(name).root,
      }
    },
  }
}

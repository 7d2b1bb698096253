import { asFault, type Fault } from '../../../base/fault.ts'
import type { Journal } from '../../../journal/journal.ts'
import type { Backend, PodFreezer } from '../../../ports/pods.ts'
import type { Agent } from '../types.ts'

interface PodsHeldParts {
  journal: Pick<Journal, 'rows'>
  backendOf: (agent: Agent) => Backend
}

/**
 * Pauses or resumes the pods of agents, of all backends at once. Answers how long that took, and
 * what failed. An agent without a running pod is no failure.
 */
export async function podsHeld(
  { journal, backendOf }: PodsHeldParts,
  what: 'pause' | 'resume',
  names: readonly string[],
): Promise<{ ms: number; failed: Map<string, Fault> }> {
  const began = performance.now()
  const byFreezer = new Map<PodFreezer, string[]>()
  const failed = new Map<string, Fault>()
  for (const name of names) {
    const agent = journal.rows.get<Agent>('agent', name)
    if (agent === undefined) continue
    try {
      const { freezer } = backendOf(agent)
      if (freezer !== undefined) byFreezer.set(freezer, [...(byFreezer.get(freezer) ?? []), name])
    } catch (thrown) {
      failed.set(name, asFault(thrown))
    }
  }
  await Promise.all(
    [...byFreezer].map(async ([freezer, agents]) => {
      try {
        for (const [agent, why] of await freezer[what](agents))
          if (!HAS_NO_POD.has(why.code)) failed.set(agent, why)
      } catch (thrown) {
        for (const agent of agents) failed.set(agent, asFault(thrown))
      }
    }),
  )
  return { ms: Math.round(performance.now() - began), failed }
}

/** What a backend says of an agent of which nothing runs. */
const HAS_NO_POD: ReadonlySet<Fault['code']> = new Set(['not.found', 'not.possible'])

import type { RefusedFlow } from '../../domain/egress/types.ts'
import type { Backend } from '../../ports/pods.ts'
import type { Execute } from '../execute.ts'
import { guardOverActs, type GuardDoors } from '../guard-doors.ts'
import type { Gates } from './gates.ts'
import type { GatesParts } from './parts.ts'

/** The doors of a pod, opened and closed together: the guard's, and the gate where there is one. */
export function doorsWithGates(
  doors: GuardDoors,
  gates: Gates,
  gatePath: (agent: string) => string,
): Pick<GuardDoors, 'open' | 'close' | 'isOpen'> {
  return {
    async open(agent: string, backend: Backend, socketPath: string) {
      const address = await doors.open(agent, backend, socketPath)
      if (gates.isWanted(agent, backend)) await gates.open(agent, backend, gatePath(agent))
      return address
    },
    async close(agent) {
      await Promise.all([doors.close(agent), gates.close(agent)])
    },
    isOpen: (agent) => doors.isOpen(agent),
  }
}

/** What gates do by acts of the agent whose gate it is. */
export function gateActs(execute: Execute): Pick<GatesParts, 'guard' | 'refused' | 'use'> {
  const run = async (act: string, agent: string, input: object) => {
    const signal = new AbortController().signal
    await execute(act, input, {
      actor: `agent:${agent}`,
      door: 'gate',
      role: 'agent',
      agent,
      signal,
    })
  }
  return {
    guard: guardOverActs(execute, 'gate'),
    refused: (agent: string, flow: RefusedFlow) => run('egress.refused', agent, flow),
    use: (agent, id) => run('egress.use', agent, { id }),
  }
}

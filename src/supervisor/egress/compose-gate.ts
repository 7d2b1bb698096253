import { whyNotPublic } from '../../domain/egress/matching/addresses.ts'
import { openGate } from '../../gate/gate.ts'
import type { GateJudge } from '../../gate/types.ts'
import type { Backend } from '../../ports/pods.ts'
import { Arbiter } from './arbiter.ts'
import type { GatesParts } from './parts.ts'
import { FlowLimits } from './limits.ts'
import { addressesOf, OwnAddresses } from './names.ts'
import { Questions } from './questions.ts'

interface GateSurroundings {
  backend: Backend
  /** How many gates are open. */
  gates: () => number
  refused: GateJudge['refused']
}

const own = new OwnAddresses()

/** The gate of one agent, and what it asks. */
export function composeGate(
  parts: GatesParts,
  agent: string,
  { backend, gates, refused }: GateSurroundings,
) {
  const { guard, clock, turns, descriptors, policies } = parts
  const now = () => clock.now()
  const questions = new Questions({ agent, guard, clock, use: (id) => parts.use(agent, id) })
  const arbiter = new Arbiter({
    agent,
    guard,
    questions,
    now,
    refused,
    limits: new FlowLimits(policies),
    inTurn: (work, bytes) => turns.take(agent, work, bytes),
    processOf: async (port) => (await backend.doors.processAt?.(agent, port)) ?? '',
    addresses: addressRules(parts, agent),
    openTunnel: (text) => gate.flows.list().find(({ target }) => target === text)?.basis,
  })
  // A flow takes two descriptors.
  const most = (open: number) => descriptors.forDoor(gates() + 1, open * 2) / 2
  const gate = openGate({ agent, judge: arbiter, now, mostConnections: most })
  return { gate, arbiter, questions }
}

function addressRules(
  { policies, boundsOf }: GatesParts,
  agent: string,
): Pick<GateJudge, 'whyNotAddress' | 'resolve'> {
  const who = () => {
    const found = boundsOf(agent)
    return { agent, template: 'template' in found ? found.template : '' }
  }
  return {
    resolve: (host) => addressesOf(host, policies().namesHost(host)),
    whyNotAddress(host, address, port) {
      const rules = policies().forAddress(address, port, who())
      const block = rules.find(({ effect }) => effect === 'block')
      const where = host === address ? host : `${host} is at ${address}, which`
      if (block !== undefined) return `${where} is blocked by the rule ${block.id}`
      if (rules.length > 0) return undefined
      const why = whyNotPublic(address, own.now)
      return why === undefined ? undefined : `${where} is ${why}`
    },
  }
}

import type { ClientIdentity, JsonRecord } from '../core/route.ts'

/** The agent of the client, where a call names none. */
export function asAgent({ agentId }: ClientIdentity): JsonRecord {
  return { agent_id: agentId }
}

/** The agent with its name and swarm. */
export function asNamedAgent({ agentId, agentName }: ClientIdentity): JsonRecord {
  return { agent_id: agentId, agent_name: agentName }
}

/** The agent with its swarm, and the action that its actions are part of. */
export function asPartOfSwarm(identity: ClientIdentity): JsonRecord {
  const { swarmId, parentActionId } = identity
  return { ...asNamedAgent(identity), swarm_id: swarmId, parent_action_id: parentActionId }
}

/** The only option of many rows. */
export const AS_AGENT = { fill: asAgent } as const

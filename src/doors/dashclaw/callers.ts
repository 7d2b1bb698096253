import type { IncomingMessage } from 'node:http'
import type { Tenant } from '../../commands/act.ts'
import type { ApiCaller } from '../../commands/api/endpoint.ts'
import { keyActor, PODS_ORG } from '../../domain/governance/orgs/rules.ts'
import type { ApiKey, OrgService } from '../../domain/governance/orgs/types.ts'
import { Fault } from '../../base/fault.ts'

/** Who sent a request, and whom its work is counted for. */
export interface Visitor {
  /** The name that limits and turns go by. */
  name: string
  /** The key that it carried; undefined for an agent in a pod. */
  key: ApiKey | undefined
  as: Omit<ApiCaller, 'signal' | 'tenant'>
  tenant: Omit<Tenant, 'raw'>
}

/** Whoever has a key, in the header and never in the address; undefined for nobody known. */
export function keyHolder(
  orgs: Pick<OrgService, 'withSecret' | 'get'>,
  { headers }: Pick<IncomingMessage, 'headers'>,
): Visitor | undefined {
  const bearer = /^Bearer +(\S+)$/i.exec(headers.authorization ?? '')?.[1]
  const given = headers['x-api-key'] ?? bearer
  const key = typeof given === 'string' ? orgs.withSecret(given) : undefined
  if (key === undefined) return undefined
  const { id, org, role } = key
  return {
    name: id,
    key,
    as: { actor: keyActor(id), door: 'api', role },
    tenant: { org, slug: orgs.get(org).slug, key: id },
  }
}

/** An agent in a pod, which its door knows. */
export function podAgent(agent: string): Visitor {
  return {
    name: agent,
    key: undefined,
    as: { actor: `agent:${agent}`, door: 'api', role: 'member', agent },
    tenant: { org: PODS_ORG.id, slug: PODS_ORG.slug, key: '', agentId: agent },
  }
}

/** Names by which requests say which agent sends them. */
const AGENT_NAMES = ['agent_id', 'agentId', 'from_agent_id'] as const

/**
 * The input of a request, with the agent that it comes from. Fault `refused` where it says that it
 * comes from another one.
 */
export function ownInput(
  input: Record<string, unknown>,
  agentId: string | undefined,
): Record<string, unknown> {
  if (agentId === undefined) return input
  for (const name of AGENT_NAMES) {
    const said = input[name]
    if (said !== undefined && said !== null && said !== agentId)
      throw new Fault('refused', `${name} is not ${agentId}, whose pod this comes from`, {
        hint: 'Leave it out: the door of the pod knows who asks.',
      })
  }
  return { ...input, agent_id: agentId, from_agent_id: agentId }
}

import * as z from 'zod'
import { apiAgentName } from '../../../../domain/governance/agents/rules.ts'
import { PERMISSION_LEVELS } from '../../../../domain/governance/policies/types.ts'
import { SIGNATURE_ALGORITHM } from '../../../../domain/governance/signatures/rules.ts'
import { endpoint, type ApiCaller, type Endpoint } from '../../endpoint.ts'
import { AgentId, fields, paged, someText, text } from '../../inputs.ts'

const BROUGHT = {
  agent_id: AgentId,
  public_key: someText(4096),
  algorithm: text(64).default(SIGNATURE_ALGORITHM),
}
const OnePairing = { id: text(128) }
const Level = z.enum(PERMISSION_LEVELS).optional()

function authorFor({ actor, tenant: { org, slug } }: ApiCaller, agentId: string | undefined) {
  return { org, actor, subject: agentId === undefined ? '' : apiAgentName(slug, agentId) }
}

/** Keys of agents. */
export const identityEndpoints: readonly Endpoint[] = [
  endpoint('POST /pairings', {
    about: 'Asks an admin to trust the public key of an agent, within 15 minutes.',
    input: () => fields({ ...BROUGHT, agent_name: text(256).optional(), permission_level: Level }),
    run: async ({ identities, baseUrl }, { agent_name, permission_level, ...key }, caller) => {
      const pairing = await identities.pair(authorFor(caller, key.agent_id), {
        ...key,
        agent_name: agent_name ?? null,
        permission_level: permission_level ?? null,
      })
      return { pairing, pairing_url: `${baseUrl()}/pair/${pairing.id}` }
    },
  }),
  endpoint('GET /pairings', {
    about: 'Pairings, the newest first: those that wait, unless asked for others.',
    needs: 'administer',
    input: () =>
      fields({
        status: z.enum(['pending', 'approved', 'expired']).default('pending'),
        ...paged(200, 50),
      }),
    run: ({ identities }, asked, { tenant: { org } }) => ({
      pairings: identities.pairings(org, asked),
    }),
  }),
  endpoint('GET /pairings/:id', {
    about: 'A pairing as it stands now.',
    input: () => fields(OnePairing),
    run: ({ identities }, { id }, { tenant: { org } }) => ({
      pairing: identities.pairing(org, id),
    }),
  }),
  endpoint('POST /pairings/:id/approve', {
    about: 'Trusts the key of a pairing. Compare its fingerprint with that of the agent before.',
    needs: 'administer',
    input: () => fields({ ...OnePairing, permission_level: Level }),
    run: async ({ identities }, { id, permission_level: level }, caller) => {
      const { agent_id: agentId } = identities.pairing(caller.tenant.org, id)
      return { identity: await identities.approve(authorFor(caller, agentId), id, level) }
    },
  }),
  endpoint('POST /identities', {
    about: 'Trusts the public key of an agent, in the place of the one before.',
    needs: 'administer',
    input: () => fields(BROUGHT),
    run: async ({ identities }, key, caller) => ({
      identity: await identities.register(authorFor(caller, key.agent_id), key),
    }),
  }),
  endpoint('GET /identities', {
    about: 'Agents whose keys are trusted.',
    input: () => fields(paged(200, 50)),
    run: ({ identities }, page, { tenant: { org } }) => ({
      identities: identities.list(org, page),
    }),
  }),
  endpoint('DELETE /identities/:agent_id', {
    about: 'Trusts the key of an agent no longer.',
    needs: 'administer',
    input: () => fields({ agent_id: AgentId }),
    run: async ({ identities }, { agent_id: agentId }, caller) => {
      await identities.revoke(authorFor(caller, agentId), agentId)
      return { deleted: true, agent_id: agentId }
    },
  }),
]

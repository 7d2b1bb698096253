import * as z from 'zod'
import { Fault } from '../../../base/fault.ts'
import { API_PACKS, apiPackEntries, importedEntries } from '../../../config/api-packs.ts'
import { policyProof, runPolicyTests } from '../../../domain/governance/packs/policy-tests.ts'
import { MAX_RULES_LENGTH } from '../../../domain/governance/policies/settings.ts'
import { API_POLICY_TYPES, type StoredPolicy } from '../../../domain/governance/policies/types.ts'
import { authorOf, endpoint, type ApiCaller, type Endpoint } from '../endpoint.ts'
import { fields, someText, text, YesNo } from '../inputs.ts'
import type { ApiServices } from '../services.ts'

const MAX_IDS = 20_000
const MAX_YAML = 256 << 10
const MAX_AGENT_IDS = 30_000

const WRITTEN = {
  name: someText(256).optional(),
  rules: text(MAX_RULES_LENGTH).optional(),
  active: YesNo.optional(),
  agent_ids: text(MAX_AGENT_IDS).optional(),
}

const isoNow = ({ clock }: ApiServices) => new Date(clock.now()).toISOString()

/** A policy as it is answered to who wrote it: with the secret of its webhook, if it has one. */
async function writtenPolicy(
  { checkSecret }: ApiServices,
  policy: StoredPolicy,
  { tenant: { org } }: ApiCaller,
): Promise<object> {
  return policy.policy_type === 'webhook_check'
    ? { policy, policy_id: policy.id, webhook_secret: await checkSecret(org) }
    : { policy, policy_id: policy.id }
}

/** The API's own policies, what proves them, and packs of them. */
export const policyEndpoints: readonly Endpoint[] = [
  endpoint('GET /policies', {
    about: 'Policies of the organisation, the newest first.',
    input: () => fields({}),
    run: ({ policies }, _asked, { tenant: { org } }) => ({ policies: policies.list(org) }),
  }),
  endpoint('POST /policies', {
    about: 'Adds a policy. What its webhook is asked with is signed by `webhook_secret`.',
    needs: 'administer',
    status: 201,
    input: () =>
      fields({
        ...WRITTEN,
        name: someText(256),
        policy_type: z.enum(API_POLICY_TYPES),
        rules: text(MAX_RULES_LENGTH),
        active: YesNo.default(true),
      }),
    run: async (api, { agent_ids: agents, ...told }, caller) => {
      const policy = { ...told, agent_ids: agents ?? null }
      return writtenPolicy(api, await api.policies.add(authorOf(caller), policy), caller)
    },
  }),
  endpoint('PATCH /policies', {
    about: 'Changes a policy.',
    needs: 'administer',
    input: () => fields({ id: someText(128), ...WRITTEN }),
    run: async (api, { id, ...told }, caller) => {
      const change = Object.fromEntries(
        Object.entries(told).filter(([, value]) => value !== undefined),
      )
      return writtenPolicy(api, await api.policies.change(authorOf(caller), id, change), caller)
    },
  }),
  endpoint('DELETE /policies', {
    about: 'Deletes the policy `id`, or all of `ids`, separated by commas.',
    needs: 'administer',
    input: () => fields({ id: someText(128).optional(), ids: text(MAX_IDS).optional() }),
    run: async ({ policies }, { id, ids }, caller) => {
      const named = (ids ?? '').split(',').flatMap((one) => one.trim() || [])
      if (id === undefined && named.length === 0)
        throw new Fault('input.invalid', 'say which: id or ids')
      const gone = await policies.remove(authorOf(caller), id === undefined ? named : [id])
      if (id === undefined) return { deleted: gone.length, ids: gone }
      if (gone.length === 0) throw new Fault('not.found', `Policy ${id} not found`)
      return { deleted: true, id }
    },
  }),
  endpoint('POST /policies/test', {
    about: 'Runs the tests of all active policies.',
    input: () => fields({}),
    run: (api, _asked, { tenant: { org } }) => {
      const results = runPolicyTests(api.policies.judged(org))
      const { passed, total_tests: total } = results
      return { results, passed, total, generated_at: isoNow(api) }
    },
  }),
  endpoint('GET /policies/proof', {
    about: 'The report of these tests, as text.',
    input: () => fields({ format: z.enum(['json', 'md']).default('json') }),
    run: (api, { format }, { tenant: { org } }) => {
      const at = isoNow(api)
      const report = policyProof(runPolicyTests(api.policies.judged(org)), format, at)
      return { report, format, generated_at: at }
    },
  }),
  endpoint('POST /policies/import', {
    about: `Adds the policies of a pack (${API_PACKS.join(', ')}), or of YAML.`,
    needs: 'administer',
    status: 201,
    input: () =>
      fields({ pack: z.enum(API_PACKS).optional(), yaml: text(MAX_YAML).optional() }).refine(
        ({ pack, yaml }) => (pack === undefined) !== (yaml === undefined),
        { error: 'give either pack or yaml' },
      ),
    run: async ({ policies }, { pack, yaml }, caller) => {
      const entries =
        pack === undefined ? importedEntries(yaml ?? '', 'yaml') : await apiPackEntries(pack)
      const { policies: added, skipped, errors } = await policies.import(authorOf(caller), entries)
      return {
        imported: added.length,
        skipped,
        errors,
        policies: added.map(({ id, name, policy_type, active }) => ({
          id,
          name,
          policy_type,
          active,
        })),
      }
    },
  }),
]

import * as z from 'zod'
import { Fault } from '../../../../base/fault.ts'
import { SLUG } from '../../../../domain/governance/orgs/rules.ts'
import { KEY_ROLES, type ApiKeyRow, type Org } from '../../../../domain/governance/orgs/types.ts'
import { isoTime } from '../../../../domain/governance/times.ts'
import { endpoint, type Endpoint } from '../../endpoint.ts'
import { fields, someText, text } from '../../inputs.ts'

const WARNING = 'Store this key now: it is not shown again.'
const Name = someText(256)
const OneOrg = { org_id: text(64) }

/** The organisation of the caller. Others are refused, whether they exist or not. */
function requireOwn(given: string, own: string): void {
  if (given !== own) throw new Fault('refused', 'another organisation is not yours to see')
}

function shownOrg({ id, name, slug, createdAt }: Org) {
  return { id, name, slug, created_at: isoTime(createdAt) }
}

function shownKey({ id, prefix, label, role, ...key }: ApiKeyRow) {
  return {
    id,
    key_prefix: prefix,
    label,
    role,
    created_at: isoTime(key.createdAt),
    last_used_at: key.lastUsedAt === null ? null : isoTime(key.lastUsedAt),
    revoked_at: key.revokedAt === null ? null : isoTime(key.revokedAt),
  }
}

/** Organisations and their keys. */
export const orgEndpoints: readonly Endpoint[] = [
  endpoint('GET /orgs', {
    about: 'The organisation of the key, as a list of one.',
    needs: 'administer',
    input: () => fields({}),
    run: ({ orgs }, _asked, { tenant: { org } }) => ({
      organizations: [shownOrg(orgs.get(org))],
    }),
  }),
  endpoint('POST /orgs', {
    about: 'Makes an organisation with its first admin key, which is shown only here.',
    needs: 'administer',
    status: 201,
    input: () =>
      fields({
        name: Name,
        slug: z.string().regex(SLUG, 'must be 1 to 64 of a–z, 0–9 and -'),
      }),
    run: async ({ orgs }, named, { actor }) => {
      const organization = await orgs.create(named, actor)
      const asked = { org: organization.id, label: 'First key', role: 'admin' as const }
      const { key, secret } = await orgs.createKey(asked, actor)
      const { id, prefix, role } = key
      return {
        organization: shownOrg(organization),
        api_key: { id, key: secret, prefix, role, warning: WARNING },
      }
    },
  }),
  endpoint('GET /orgs/:org_id', {
    about: 'The own organisation, and how many keys it has.',
    needs: 'administer',
    input: () => fields(OneOrg),
    run: ({ orgs }, { org_id: id }, { tenant: { org } }) => {
      requireOwn(id, org)
      const active = orgs.keys(org).filter(({ revokedAt }) => revokedAt === null)
      return { organization: shownOrg(orgs.get(org)), active_keys: active.length }
    },
  }),
  endpoint('PATCH /orgs/:org_id', {
    about: 'Renames the own organisation.',
    needs: 'administer',
    input: () => fields({ ...OneOrg, name: Name }),
    run: async ({ orgs }, { org_id: id, name }, { actor, tenant: { org } }) => {
      requireOwn(id, org)
      return { organization: shownOrg(await orgs.rename(org, name, actor)) }
    },
  }),
  endpoint('GET /orgs/:org_id/keys', {
    about: 'Keys of the own organisation, the newest first, without their secrets.',
    needs: 'administer',
    input: () => fields(OneOrg),
    run: ({ orgs }, { org_id: id }, { tenant: { org } }) => {
      requireOwn(id, org)
      return { keys: orgs.keys(org).map(shownKey) }
    },
  }),
  endpoint('POST /orgs/:org_id/keys', {
    about: 'Makes a key of the own organisation, which is shown only here.',
    needs: 'administer',
    status: 201,
    input: () =>
      fields({
        ...OneOrg,
        label: text(128).default(''),
        role: z.enum(KEY_ROLES).default('member'),
      }),
    run: async ({ orgs }, { org_id: id, label, role }, { actor, tenant: { org } }) => {
      requireOwn(id, org)
      const { key, secret } = await orgs.createKey({ org, label, role }, actor)
      return {
        key: { id: key.id, key: secret, prefix: key.prefix, label, role, warning: WARNING },
      }
    },
  }),
  endpoint('DELETE /orgs/:org_id/keys', {
    about: 'Ends a key of the own organisation, at once.',
    needs: 'administer',
    input: () => fields({ ...OneOrg, id: someText(128) }),
    run: async ({ orgs }, { org_id, id }, { actor, tenant: { org } }) => {
      requireOwn(org_id, org)
      await orgs.revokeKey(id, org, actor)
      return { success: true, revoked: id }
    },
  }),
]

import * as z from 'zod'
import { ago, plain } from '../../../base/text.ts'
import { apiKeyNoun, orgNoun } from '../../../domain/governance/orgs/noun.ts'
import { DEFAULT_ORG, SLUG } from '../../../domain/governance/orgs/rules.ts'
import {
  KEY_ROLES,
  type ApiKeyRow,
  type Org,
  type OrgService,
} from '../../../domain/governance/orgs/types.ts'
import { act } from '../../act.ts'
import { face, grouped, type Flag } from '../../face.ts'
import { Nothing } from '../../inputs.ts'
import type { Room } from '../../room.ts'

declare module '../../deck.ts' {
  interface RecordServices {
    orgs: OrgService
  }
}

const OrgId = z.string().min(1).max(64)
const Label = z.string().trim().min(1).max(128)
const orgFlag: Flag = {
  about: `the organisation, by id or slug (${DEFAULT_ORG.slug})`,
  value: 'org',
}

function keyLine({ id, prefix, label, role, org, lastUsedAt, revokedAt }: ApiKeyRow): string {
  const used = lastUsedAt === null ? 'never used' : `used ${ago(lastUsedAt, Date.now())}`
  const state = revokedAt === null ? used : 'revoked'
  return [id, `${prefix}…`, plain(label, 40), role, org, state].join('  ')
}

const orgLine = ({ id, slug, name }: Org) => `${id}  ${slug}  ${plain(name, 60)}`

/** Organisations of the governance API, and their keys. */
export const apiKeysRoom: Room = {
  nouns: [orgNoun, apiKeyNoun],
  service: async (context) => ({
    orgs: new (await import('../../../domain/governance/orgs/service.ts')).Orgs(context),
  }),
  commands: grouped('Deck', [
    face(
      act({
        id: 'api_key.create',
        needs: 'own',
        audit: 'own',
        input: () =>
          z.strictObject({
            label: Label,
            role: z.enum(KEY_ROLES).default('member'),
            org: OrgId.default(DEFAULT_ORG.id),
          }),
        run: ({ orgs }, { org, ...key }, { actor }) =>
          orgs.createKey({ ...key, org: orgs.named(org).id }, actor),
      }),
      {
        title: 'Create a key of the API',
        about: 'deck',
        help: 'Make a key by which agents use the governance API. It is shown once and stored nowhere.',
        cli: 'keys create <label>',
        flags: {
          role: { about: 'admin, member (default) or readonly', value: 'role' },
          org: orgFlag,
        },
        example: 'clawdeck keys create nightly --role member',
        said: ({ key, secret }) =>
          [
            `${plain(key.label)} is a key of ${key.org} (${key.role}). Shown only now:`,
            secret,
            'Clients send it as x-api-key; clawdeck api shows where to.',
          ].join('\n'),
      },
    ),
    face(
      act({
        id: 'api_key.list',
        needs: 'see',
        audit: 'none',
        input: () => z.strictObject({ org: OrgId.optional() }),
        run: async ({ orgs }, { org }) => orgs.keys(org === undefined ? null : orgs.named(org).id),
      }),
      {
        title: 'List keys of the API',
        about: 'deck',
        help: 'Keys of the governance API, the newest first.',
        cli: 'keys list',
        flags: { org: { about: 'only of this organisation, by id or slug', value: 'org' } },
        example: 'clawdeck keys list',
        said: (keys) =>
          keys.map(keyLine).join('\n') ||
          'There are no keys. Make one: clawdeck keys create <label>',
      },
    ),
    face(
      act({
        id: 'api_key.revoke',
        needs: 'own',
        audit: 'own',
        input: () => z.strictObject({ id: z.string().min(1).max(64) }),
        run: ({ orgs }, { id }, { actor }) => orgs.revokeKey(id, null, actor),
      }),
      {
        title: 'Revoke a key of the API',
        about: 'deck',
        help: 'End a key at once.',
        cli: 'keys revoke <id>',
        example: 'clawdeck keys revoke key_4c9d…',
        said: ({ id }) => `${id} was revoked`,
      },
    ),
    face(
      act({
        id: 'org.list',
        needs: 'see',
        audit: 'none',
        input: () => Nothing,
        run: async ({ orgs }) => orgs.list(),
      }),
      {
        title: 'List organisations of the API',
        about: 'deck',
        help: 'Organisations of the governance API. None sees anything of another.',
        cli: 'orgs list',
        example: 'clawdeck orgs list',
        said: (orgs) => orgs.map(orgLine).join('\n'),
      },
    ),
    face(
      act({
        id: 'org.create',
        needs: 'own',
        audit: 'own',
        input: () =>
          z.strictObject({
            slug: z.string().regex(SLUG, 'must be 1 to 64 of a–z, 0–9 and -'),
            name: z.string().trim().min(1).max(256).optional(),
          }),
        run: ({ orgs }, { slug, name }, { actor }) =>
          orgs.create({ slug, name: name ?? slug }, actor),
      }),
      {
        title: 'Create an organisation of the API',
        about: 'deck',
        help: 'Its agents are called <agent>@<slug> in the deck.',
        cli: 'orgs create <slug>',
        flags: { name: { about: 'its name', value: 'name' } },
        example: 'clawdeck orgs create acme --name "Acme Ltd."',
        said: (org) =>
          `${orgLine(org)}\nMake a key: clawdeck keys create <label> --org ${org.slug}`,
      },
    ),
    face(
      act({
        id: 'org.rename',
        needs: 'own',
        audit: 'own',
        input: () => z.strictObject({ id: OrgId, name: z.string().trim().min(1).max(256) }),
        run: ({ orgs }, { id, name }, { actor }) => orgs.rename(id, name, actor),
      }),
      {
        title: 'Rename an organisation of the API',
        about: 'deck',
        help: 'Give an organisation another name. Its slug stays.',
        cli: 'orgs rename <id> <name>',
        example: 'clawdeck orgs rename org_default "Our agents"',
        said: orgLine,
      },
    ),
  ]),
}

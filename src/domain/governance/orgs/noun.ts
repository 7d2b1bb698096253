import { body, noun, type BodiesOf } from '../../../journal/noun.ts'
import type { Rows } from '../../../journal/tables/rows.ts'
import { ACTIVITY_OF, IS_ACTIVITY } from '../activity/rules.ts'
import type { ApiKey, Org } from './types.ts'

const orgEvents = {
  'org.created': body<Omit<Org, 'createdAt'>>(),
  'org.renamed': body<{ id: string; name: string }>(),
}

const keyEvents = {
  'api_key.created': body<Pick<ApiKey, 'id' | 'org' | 'label' | 'role' | 'prefix' | 'hash'>>(),
  'api_key.used': body<{ id: string }>(),
  'api_key.revoked': body<{ id: string; org: string }>(),
}

declare module '../../../journal/types.ts' {
  interface EventBodies extends BodiesOf<typeof orgEvents>, BodiesOf<typeof keyEvents> {}
}

/** Tenants of the governance API, besides the one that every deck has. */
export const orgNoun = noun({
  name: 'org',
  journalIndexes: { event_by_activity: `(${ACTIVITY_OF}, seq, at, actor) WHERE ${IS_ACTIVITY}` },
  events: orgEvents,
  folds: {
    'org.created': ({ at, body: org }, rows) =>
      rows.put('org', org.id, { ...org, createdAt: at } satisfies Org),
    'org.renamed': ({ body: { id, name } }, rows) => {
      const org = rows.get<Org>('org', id)
      if (org !== undefined) rows.put('org', id, { ...org, name })
    },
  },
})

function changeKey(rows: Rows, id: string, to: Partial<ApiKey>): void {
  const key = rows.get<ApiKey>('api_key', id)
  if (key !== undefined) rows.put('api_key', id, { ...key, ...to })
}

/** Keys of the governance API. */
export const apiKeyNoun = noun({
  name: 'api_key',
  columns: {
    hash: { path: 'hash', type: 'TEXT' },
    org: { path: 'org', type: 'TEXT' },
  },
  indexes: [['hash'], ['org']],
  events: keyEvents,
  folds: {
    'api_key.created': ({ at, actor, body: key }, rows) =>
      rows.put('api_key', key.id, {
        ...key,
        createdAt: at,
        createdBy: actor,
        lastUsedAt: null,
        revokedAt: null,
      } satisfies ApiKey),
    'api_key.used': ({ at, body: { id } }, rows) => changeKey(rows, id, { lastUsedAt: at }),
    'api_key.revoked': ({ at, body: { id } }, rows) => changeKey(rows, id, { revokedAt: at }),
  },
  grants: (here, expected) => isLive(here) && !isLive(expected),
})

function isLive(row: object | undefined): boolean {
  return row !== undefined && (row as Partial<ApiKey>).revokedAt === null
}

/** A tenant of the governance API: no row of one is ever seen from another. */
export interface Org {
  id: string
  name: string
  /** a–z, 0–9 and `-`. It ends the names of the organisation's agents in the deck. */
  slug: string
  /** Unix milliseconds; 0 for the one that every deck has. */
  createdAt: number
}

export const KEY_ROLES = ['admin', 'member', 'readonly'] as const
/** What the holder of a key may do in its organisation. */
export type KeyRole = (typeof KEY_ROLES)[number]

/** A key of the API. What it is itself is stored nowhere. Times are Unix milliseconds. */
export interface ApiKey {
  id: string
  org: string
  label: string
  role: KeyRole
  /** Its first characters, to be recognised by. */
  prefix: string
  /** SHA-256 of it, in hexadecimal. */
  hash: string
  createdAt: number
  createdBy: string
  lastUsedAt: number | null
  revokedAt: number | null
}

/** A key as it is shown. */
export type ApiKeyRow = Omit<ApiKey, 'hash'>

export interface OrgService {
  /** Every organisation, the oldest first. */
  list(): Org[]
  /** Fault `not.found` */
  get(id: string): Org
  /** By its id or its slug. Fault `not.found` */
  named(idOrSlug: string): Org
  /** Faults: `name.taken` (the slug). */
  create(org: { name: string; slug: string }, actor: string): Promise<Org>
  /** Fault `not.found` */
  rename(id: string, name: string, actor: string): Promise<Org>
  /** Keys of an organisation, or of all; the newest first. */
  keys(org: string | null): ApiKeyRow[]
  /** Makes a key, which is shown only here. Fault `not.found` for the organisation. */
  createKey(
    key: { org: string; label: string; role: KeyRole },
    actor: string,
  ): Promise<{ key: ApiKeyRow; secret: string }>
  /** Ends a key, at once. Faults: `not.found`, `not.possible` (it was ended before). */
  revokeKey(id: string, org: string | null, actor: string): Promise<ApiKeyRow>
  /** The key that this is; undefined for one that is unknown or was ended. */
  withSecret(secret: string): ApiKey | undefined
  /** Notes that a key was used. */
  used(key: ApiKey): void
}

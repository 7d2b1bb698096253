import { randomBytes, randomUUID } from 'node:crypto'
import { sha256 } from '../../../base/canonical.ts'
import type { Org } from './types.ts'

/** The organisation that every deck has. */
export const DEFAULT_ORG: Org = {
  id: 'org_default',
  name: 'Default',
  slug: 'default',
  createdAt: 0,
}

/** The organisation of agents in pods. Their names in the deck are their own. */
export const PODS_ORG: Org = { id: 'org_pods', name: 'Pods', slug: 'pods', createdAt: 0 }

/** The organisations that every deck has. */
export const BUILT_IN_ORGS: readonly Org[] = [DEFAULT_ORG, PODS_ORG]

/** A slug: what a name of an agent ends with. */
export const SLUG = /^[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?$/

const PREFIX = 'oc_live_'
const SECRET_BYTES = 16
/** Characters of a key that are kept to recognise it by. */
const PREFIX_SHOWN = 8 + PREFIX.length

/** A new key of the API, as it is shown once, and what is kept of it. */
export function newApiKey(): { id: string; secret: string; prefix: string; hash: string } {
  const secret = PREFIX + randomBytes(SECRET_BYTES).toString('hex')
  return {
    id: `key_${randomUUID()}`,
    secret,
    prefix: secret.slice(0, PREFIX_SHOWN),
    hash: apiKeyHash(secret),
  }
}

/** What is stored of a key. A look-up by it tells by its time nothing about a key. */
export function apiKeyHash(secret: string): string {
  return sha256(secret)
}

/** How events name the holder of a key. */
export function keyActor(id: string): string {
  return `key:${id}/api`
}

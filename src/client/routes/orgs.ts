import { route, type NoFields, type JsonRecord } from '../core/route.ts'

interface OrgKey {
  id: string
  key_prefix: string
  label: string | null
  role: string
  last_used_at: string | null
  created_at: string
  revoked_at: string | null
}

/** Organizations, keys and webhooks; all need an admin key (403 without). */
export const orgRoutes = {
  /** The organization of the key, as a list of one. */
  getOrg: route<NoFields, { organizations: JsonRecord[] }>()('GET orgs'),
  /**
   * Makes an organization with its first admin key, shown once. Errors: 409 for a slug that is
   * taken.
   */
  createOrg: route<
    { name: string; slug: string },
    {
      organization: JsonRecord
      api_key: { id: string; key: string; prefix: string; role: string; warning: string }
    }
  >()('POST orgs', 'name slug'),
  /** An organization and how many keys it has. Errors: 403 for another one. */
  getOrgById: route<NoFields, { organization: JsonRecord; active_keys: number }>()(
    'GET orgs/:org_id',
  ),
  /** Renames an organization. */
  updateOrg: route<{ name?: string }, { organization: JsonRecord }>()('PATCH orgs/:org_id'),
  /** Keys, without their secrets. */
  getOrgKeys: route<NoFields, { keys: OrgKey[] }>()('GET orgs/:org_id/keys'),
  /** Makes a key; `role` is `member` unless given. It is shown once. */
  createOrgKey: route<
    { label?: string; role?: 'admin' | 'member' | 'readonly' },
    {
      key: {
        id: string
        key: string
        prefix: string
        label: string | null
        role: string
        warning: string
      }
    }
  >()('POST orgs/:org_id/keys'),
  /** Ends a key. Errors: 404; 409 when it is revoked already. */
  revokeOrgKey: route<{ id: string | number }, { success: boolean; revoked: string }>()(
    'DELETE orgs/:org_id/keys',
    'id:id',
  ),
  /** Webhooks; secrets are masked. */
  getWebhooks: route<NoFields, { webhooks: JsonRecord[] }>()('GET webhooks'),
  /** Sends events to an `https` address; the secret that signs them is shown once. Errors: 400. */
  createWebhook: route<
    { url: string; events?: readonly string[] },
    {
      webhook: {
        id: string
        url: string
        secret: string
        events: string[]
        active: boolean | 0 | 1
        created_at: string
      }
      storageWarning?: string
    }
  >()('POST webhooks', 'url events:texts?'),
  /** Deletes a webhook. Errors: 404. */
  deleteWebhook: route<{ id: string | number }, { success: boolean; deleted: string }>()(
    'DELETE webhooks',
    'id:id',
  ),
  /** Sends a test event now. Errors: 404. */
  testWebhook: route<NoFields, { success: boolean; response_status: number | null }>()(
    'POST webhooks/:webhook_id/test',
    '',
    { bodyless: true },
  ),
  /** What was sent, and what the target answered. Errors: 404. */
  getWebhookDeliveries: route<
    NoFields,
    {
      deliveries: {
        id: string
        event_type: string
        payload: unknown
        status: string
        response_status: number | null
        response_body: string | null
        attempted_at: string
        duration_ms: number | null
      }[]
    }
  >()('GET webhooks/:webhook_id/deliveries'),
}

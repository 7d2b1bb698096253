/** A webhook of an organisation, as it is stored. Its address and secret are kept elsewhere. */
export interface StoredWebhook {
  id: string
  org_id: string
  /** Scheme and host; the rest of an address may be a secret. */
  origin: string
  events: readonly string[]
  active: boolean
  failure_count: number
  last_error: string | null
  /** It hears of what comes after this event. */
  after: number
  created_at: string
}

/** A webhook as its organisation sees it. */
export interface ShownWebhook extends Omit<StoredWebhook, 'org_id' | 'origin' | 'after'> {
  url: string
}

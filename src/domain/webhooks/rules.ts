import { createHmac } from 'node:crypto'
import { globOf } from '../../base/glob.ts'
import type { DeckEvent } from '../../journal/types.ts'
import type { Webhook } from './types.ts'

/** After so many attempts, about three hours, a delivery is given up. */
export const MOST_ATTEMPTS = 20
/** The longest between two attempts of one delivery. */
const LONGEST_WAIT_MS = 15 * 60_000
/** The longest pause of a webhook that fails: so its recovery is noticed soon. */
const LONGEST_PAUSE_MS = 60_000
const FIRST_WAIT_MS = 1000

/** How long to wait after so many failed attempts. `random` is from 0 to 1. */
export function retryWait(attempts: number, random: number): number {
  return waitUpTo(LONGEST_WAIT_MS, attempts, random)
}

/** How long a webhook is left alone after so many failures in a row. */
export function failurePause(failures: number, random: number): number {
  return waitUpTo(LONGEST_PAUSE_MS, failures, random)
}

/** Twice as long each time. Half of it is random, so that many do not come at once. */
function waitUpTo(longest: number, failures: number, random: number): number {
  const whole = Math.min(longest, FIRST_WAIT_MS * 2 ** Math.min(failures - 1, 30))
  return Math.round(whole / 2 + (whole / 2) * random)
}

/** Whether a type of event is among those that patterns name. What webhooks do is never sent. */
export function typeMatcher(patterns: readonly string[]): (type: string) => boolean {
  const globs = patterns.map((pattern) => globOf(pattern))
  return (type) => !type.startsWith('webhook.') && globs.some((fits) => fits(type))
}

export function isAbout({ agents }: Pick<Webhook, 'agents'>, subject: string): boolean {
  return agents === null || agents.includes(subject)
}

/** Whether an event was written for this webhook, whatever else it hears of. */
export function isAddressedTo({ body }: Pick<DeckEvent, 'body'>, id: string): boolean {
  const { to } = body as { to?: unknown }
  return Array.isArray(to) && to.includes(`webhook:${id}`)
}

/** Events that name whom they are for. */
export const ADDRESSED: ReadonlySet<string> = new Set([
  'approval.escalated',
  'approval.unanswered',
  'alert.summarised',
])

/** Why this cannot be the address of a webhook, or nothing. */
export function badUrl(text: string): string | undefined {
  if (!URL.canParse(text)) return 'this is not an address such as https://example.com/hook'
  const { protocol, username, password, hash } = new URL(text)
  if (protocol !== 'https:' && protocol !== 'http:') return 'use https'
  if (username !== '' || password !== '') return 'leave out the user name and the password'
  return hash === '' ? undefined : 'leave out what follows #'
}

/**
 * `t=<Unix seconds>,v1=<hex>`: the HMAC-SHA256 by the secret, as it was shown, over the time, a dot
 * and the body. A receiver computes it again, compares in constant time, and refuses an old time.
 */
export function signatureOf(secret: string, at: number, text: string): string {
  const seconds = Math.floor(at / 1000)
  const digest = createHmac('sha256', secret).update(`${seconds}.${text}`).digest('hex')
  return `t=${seconds},v1=${digest}`
}

import type { RuleRecord } from '../types.ts'

/** The author of rules that were learned. */
export const LEARNER = 'learner'

/** How long a learned rule lasts after the last support for it, in milliseconds. */
export const LEARNED_FOR = 30 * 86_400_000

/**
 * When a rule expires after more support, in Unix milliseconds. A rule of a person keeps its
 * expiry; a learned one lasts `LEARNED_FOR` from now, or longer if that was set.
 */
export function renewedExpiry({ by, expiresAt, rule }: RuleRecord, now: number): number | null {
  if (by !== LEARNER || (expiresAt === null && rule.status !== 'hint')) return expiresAt
  return Math.max(expiresAt ?? 0, now + LEARNED_FOR)
}

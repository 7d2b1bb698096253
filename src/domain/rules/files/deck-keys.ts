import { Fault } from '../../../base/fault.ts'
import type { JsonObject } from '../../../clawpolicy/files/json.ts'
import { parseTime, isoTimestamp } from '../../../clawpolicy/times.ts'
import type { Rule } from '../../../clawpolicy/types.ts'
import type { StoredRule } from '../types.ts'

/** The key under which a file keeps what only the deck knows of a rule. */
const KEY = 'clawdeck'

/** The author of a rule whose file does not name one. */
export const BY_IMPORT = 'import'

/** What only the deck knows of a rule: when it expires, in Unix milliseconds, and its author. */
export type DeckKeys = Pick<StoredRule, 'expiresAt' | 'by'>

/** A rule with its deck keys, where they differ from the defaults, as its last key. */
export function withDeckKeys(rule: Rule, { expiresAt, by }: DeckKeys): Rule {
  if (expiresAt === null && by === BY_IMPORT) return rule
  const keys: JsonObject = new Map([
    ['expires_at', expiresAt === null ? null : isoTimestamp(expiresAt * 1000)],
    ['by', by],
  ])
  return {
    ...rule,
    extra: new Map([...(rule.extra ?? [])].filter(([key]) => key !== KEY)).set(KEY, keys),
  }
}

/**
 * Separates a rule that was read from its deck keys. Fault `policies.invalid` for malformed ones.
 */
export function takeDeckKeys(
  rule: Rule,
  place: () => string,
): { rule: Rule; keys: DeckKeys | undefined } {
  const value = rule.extra?.get(KEY)
  if (value === undefined) return { rule, keys: undefined }
  const keys = value instanceof Map ? parseDeckKeys(value) : undefined
  if (keys === undefined) {
    throw new Fault(
      'policies.invalid',
      `${place()}.${KEY}: it should hold expires_at, a time such as 2026-01-31T12:00:00+00:00 or null, and by, a text of at most 64 characters, and nothing else`,
      { hint: 'Correct it, or remove the key. Nothing was changed.' },
    )
  }
  const { extra: _, ...known } = rule
  const extra = new Map([...(rule.extra as JsonObject)].filter(([key]) => key !== KEY))
  return { rule: extra.size === 0 ? known : { ...known, extra }, keys }
}

function parseDeckKeys(value: JsonObject): DeckKeys | undefined {
  const [expires, by] = [value.get('expires_at'), value.get('by')]
  if (value.size !== 2 || typeof by !== 'string' || by === '' || by.length > 64) return undefined
  if (expires === null) return { expiresAt: null, by }
  const { micros } = parseTime(typeof expires === 'string' ? expires : '')
  return Number.isFinite(micros) ? { expiresAt: Math.round(micros / 1000), by } : undefined
}

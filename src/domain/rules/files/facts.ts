import { Fault } from '../../../base/fault.ts'
import type { JsonObject } from '../../../clawpolicy/files/json.ts'
import { parseTime, isoTimestamp } from '../../../clawpolicy/times.ts'
import type { Rule } from '../../../clawpolicy/types.ts'
import type { StoredRule } from '../types.ts'

/** The key under which a rule in a file says what only the deck knows of it. */
const KEY = 'clawdeck'

/** Who a rule is by that came in with a file which does not say. */
export const BY_IMPORT = 'import'

/** What only the deck knows of a rule: until when it holds, in Unix milliseconds, and whose it is. */
export type Facts = Pick<StoredRule, 'expiresAt' | 'by'>

/** A rule as it is written for the deck: with its facts, where they say anything, as its last key. */
export function withFacts(rule: Rule, { expiresAt, by }: Facts): Rule {
  if (expiresAt === null && by === BY_IMPORT) return rule
  const facts: JsonObject = new Map([
    ['expires_at', expiresAt === null ? null : isoTimestamp(expiresAt * 1000)],
    ['by', by],
  ])
  return {
    ...rule,
    extra: new Map([...(rule.extra ?? [])].filter(([key]) => key !== KEY)).set(KEY, facts),
  }
}

/** A rule as it was read, and its facts apart. Throws Fault `policies.invalid` where they are none. */
export function takeFacts(
  rule: Rule,
  place: () => string,
): { rule: Rule; facts: Facts | undefined } {
  const said = rule.extra?.get(KEY)
  if (said === undefined) return { rule, facts: undefined }
  const facts = said instanceof Map ? factsIn(said) : undefined
  if (facts === undefined) {
    throw new Fault(
      'policies.invalid',
      `${place()}.${KEY}: it should say expires_at, a time such as 2026-01-31T12:00:00+00:00 or null, and by, a text of at most 64 characters, and nothing else`,
      { hint: 'Mend it, or leave the key out; nothing was changed.' },
    )
  }
  const { extra: _, ...known } = rule
  const extra = new Map([...(rule.extra as JsonObject)].filter(([key]) => key !== KEY))
  return { rule: extra.size === 0 ? known : { ...known, extra }, facts }
}

function factsIn(said: JsonObject): Facts | undefined {
  const [expires, by] = [said.get('expires_at'), said.get('by')]
  if (said.size !== 2 || typeof by !== 'string' || by === '' || by.length > 64) return undefined
  if (expires === null) return { expiresAt: null, by }
  const { micros } = parseTime(typeof expires === 'string' ? expires : '')
  return Number.isFinite(micros) ? { expiresAt: Math.round(micros / 1000), by } : undefined
}

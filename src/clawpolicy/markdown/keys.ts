import type { Corrections } from '../corrections.ts'
import { rehashed, revised } from '../files/records.ts'
import type { Rule } from '../types.ts'
import { MARKDOWN_FILES, SECTIONS } from './sections.ts'

const STEMS = new Set(MARKDOWN_FILES.flatMap((file) => SECTIONS[file].map(({ stem }) => stem)))

/**
 * Rules with those that an original import stored under another key than their id made reachable: they take their key as
 * their id. The same map where there is nothing to do.
 */
export function withOwnKeys(
  rules: ReadonlyMap<string, Rule>,
  corrections: Pick<Corrections, 'keys-are-ids'>,
): ReadonlyMap<string, Rule> {
  const strays = [...rules].filter(
    ([key, { id }]) =>
      id !== key && STEMS.has(key) && /^_\d+$/.test(id.slice(key.length)) && id.startsWith(key),
  )
  if (!corrections['keys-are-ids'] || strays.length === 0) return rules
  const made = new Map(rules)
  for (const [key, rule] of strays) made.set(key, rehashed(revised(rule, { id: key })))
  return made
}

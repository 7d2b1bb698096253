import type { RE2JS } from 're2js'
import { trigramsOf, type Trigrams } from './wildcard.ts'

/** Whether texts may hold a match, by the trigrams of what every match contains. */
export type PatternNeeds = (trigrams: Trigrams) => boolean

/** What the engine knows of the literal texts in a match. `type` is one of the four below. */
interface Prefilter {
  readonly type: number
  readonly str: string
  readonly subs: readonly Prefilter[]
}

const [LITERAL, ALL, ANY] = [1, 2, 3]

/**
 * What every match of a pattern contains; undefined where that may be anything. The engine finds it
 * out, and would search each text for it, for each pattern anew, which costs more than the search
 * itself. So it is taken from there: the trigrams of all texts of a question are made once for all
 * patterns.
 */
export function takeNeeds({ re2Input }: RE2JS): PatternNeeds | undefined {
  const prefilter = re2Input.prefilter as Prefilter | null
  re2Input.prefilter = null
  return prefilter === null ? undefined : needsOf(prefilter)
}

function needsOf({ type, str, subs }: Prefilter): PatternNeeds | undefined {
  if (type === LITERAL) {
    const wanted = trigramsOf(str)
    return wanted.length === 0 ? undefined : (trigrams) => trigrams.mayContain(wanted)
  }
  const needs = subs.map(needsOf)
  const known = needs.filter((each) => each !== undefined)
  if (type === ALL && known.length > 0)
    return (trigrams) => known.every((isNeeded) => isNeeded(trigrams))
  if (type === ANY && known.length === subs.length)
    return (trigrams) => known.some((isNeeded) => isNeeded(trigrams))
  return undefined
}

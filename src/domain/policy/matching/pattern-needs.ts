import type { RE2JS } from 're2js'
import { maskedPattern } from './pattern-heads.ts'
import { trigramsOf, type Trigrams } from './wildcard.ts'

/** Whether texts may hold a match, by the trigrams of what every match contains. */
export interface PatternNeeds {
  /** Whether they are compared in lower case. */
  readonly folded: boolean
  isMet(trigrams: Trigrams): boolean
}

type Test = PatternNeeds['isMet']

export const ASCII_ONLY = /^[\0-\x7f]*$/

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
export function takeNeeds({ re2Input }: RE2JS, folded = false): PatternNeeds | undefined {
  const prefilter = re2Input.prefilter as Prefilter | null
  re2Input.prefilter = null
  const isMet = prefilter === null ? undefined : testOf(prefilter, folded)
  return isMet === undefined ? undefined : { folded, isMet }
}

function testOf({ type, str, subs }: Prefilter, folded: boolean): Test | undefined {
  if (type === LITERAL) {
    // To the engine some letters beyond ASCII are the same as one of it.
    if (folded && !ASCII_ONLY.test(str)) return undefined
    const wanted = trigramsOf(folded ? str.toLowerCase() : str)
    return wanted.length === 0 ? undefined : (trigrams) => trigrams.mayContain(wanted)
  }
  const tests = subs.map((sub) => testOf(sub, folded))
  const known = tests.filter((each) => each !== undefined)
  if (type === ALL && known.length > 0) return (trigrams) => known.every((isMet) => isMet(trigrams))
  if (type === ANY && known.length === subs.length)
    return (trigrams) => known.some((isMet) => isMet(trigrams))
  return undefined
}

/**
 * A pattern that knows no case, or a part of it, with the case that it is written in; undefined for
 * all others, and where that cannot be told. What its matches contain is what those of the pattern
 * contain in lower case.
 */
export function withCase(source: string): string | undefined {
  const plain = maskedPattern(source)
  let made = ''
  let from = 0
  for (const { index, 0: flag } of plain.matchAll(/\(\?i([:)])/g)) {
    made += `${source.slice(from, index)}${flag.endsWith(':') ? '(?:' : ''}`
    from = index + flag.length
  }
  const isOther = /\(\?[a-zA-Z-]+[:)]/.test(plain.replace(/\(\?i[:)]/g, ''))
  return from === 0 || isOther ? undefined : made + source.slice(from)
}

import { glob } from '../../../base/glob.ts'

/**
 * A pattern whose stars match anything. It is compared by its literal parts, so that a long text
 * costs a few searches.
 */
export interface Wildcard {
  /** The literal text before the first wildcard. */
  readonly start: string
  /** Whether the text matches from this position. */
  test(text: string, from: number): boolean
  /** Hashes of trigrams that every matching text contains. */
  readonly trigrams: readonly number[]
}

const MAX_TRIGRAMS = 12

/** The literal text before the first wildcard of a pattern. */
export function literalPrefix(pattern: string): string {
  return literalsOf(pattern).literals[0] as string
}

export function wildcardOf(pattern: string): Wildcard {
  const { literals, hasSingle } = literalsOf(pattern)
  const start = literals[0] as string
  const trigrams = literals.flatMap(trigramsOf).slice(0, MAX_TRIGRAMS)
  if (hasSingle)
    return {
      start,
      trigrams,
      test: (text, from) => text.startsWith(start, from) && glob(pattern, text.slice(from)),
    }
  if (literals.length === 1)
    return {
      start,
      trigrams,
      test: (text, from) => text.length - from === start.length && text.startsWith(start, from),
    }
  const middle = literals.slice(1, -1).filter((literal) => literal !== '')
  const end = literals.at(-1) as string
  return {
    start,
    trigrams,
    test(text, from) {
      const last = text.length - end.length
      if (!text.startsWith(start, from) || !text.endsWith(end)) return false
      let at = from + start.length
      for (const literal of middle) {
        const found = text.indexOf(literal, at)
        if (found < 0) return false
        at = found + literal.length
      }
      return at <= last
    },
  }
}

/** The literal parts between the wildcards of a pattern. */
function literalsOf(pattern: string): { literals: string[]; hasSingle: boolean } {
  const literals = ['']
  let hasSingle = false
  for (let i = 0; i < pattern.length; i++) {
    const char = pattern[i] as string
    if (char === '*') literals.push('')
    else if (char === '?') {
      hasSingle = true
      literals.push('')
    } else
      literals[literals.length - 1] +=
        char === '\\' && i + 1 < pattern.length ? (pattern[++i] as string) : char
  }
  return { literals, hasSingle }
}

/** Hashes of all that is three characters long in a text. */
export function trigramsOf(literal: string): number[] {
  return Array.from({ length: Math.max(0, literal.length - 2) }, (_, i) =>
    hashOf(literal.charCodeAt(i), literal.charCodeAt(i + 1), literal.charCodeAt(i + 2)),
  )
}

function hashOf(first: number, second: number, third: number): number {
  return (first * 1021 + second * 131 + third) & 0x7fff
}

/** The trigrams of some texts, as a filter: it may say that one is there although it is not. */
export class Trigrams {
  readonly #seen = new Int32Array(0x8000 / 32)

  constructor(texts: readonly string[]) {
    for (const text of texts) {
      let before = text.charCodeAt(0)
      let char = text.charCodeAt(1)
      for (let i = 2; i < text.length; i++) {
        const next = text.charCodeAt(i)
        const hash = hashOf(before, char, next)
        this.#seen[hash >> 5] = (this.#seen[hash >> 5] as number) | (1 << (hash & 31))
        before = char
        char = next
      }
    }
  }

  mayContain(trigrams: readonly number[]): boolean {
    for (const hash of trigrams)
      if (((this.#seen[hash >> 5] as number) & (1 << (hash & 31))) === 0) return false
    return true
  }
}

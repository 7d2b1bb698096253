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

function trigramsOf(literal: string): number[] {
  return Array.from({ length: Math.max(0, literal.length - 2) }, (_, i) => trigramAt(literal, i))
}

function trigramAt(text: string, at: number): number {
  return (
    (text.charCodeAt(at) * 1021 + text.charCodeAt(at + 1) * 131 + text.charCodeAt(at + 2)) & 0xffff
  )
}

/** The trigrams of some texts, as a filter: it may say that one is there although it is not. */
export class Trigrams {
  readonly #seen = new Uint8Array(0x10000)

  constructor(texts: readonly string[]) {
    for (const text of texts)
      for (let i = 0; i + 2 < text.length; i++) this.#seen[trigramAt(text, i)] = 1
  }

  mayContain(trigrams: readonly number[]): boolean {
    for (const g of trigrams) if (this.#seen[g] === 0) return false
    return true
  }
}

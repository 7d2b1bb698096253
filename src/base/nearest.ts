/**
 * The entry of `known` that `word` was most likely meant to be, or undefined when none is similar.
 */
export function nearest(word: string, known: readonly string[]): string | undefined {
  const typed = simplified(word)
  let best: string | undefined
  let bestDistance = Math.max(2, Math.floor(word.length / 3)) + 1
  for (const candidate of known) {
    if (typed.length > 2 && simplified(candidate).startsWith(typed)) return candidate
    const distance = editDistance(typed, simplified(candidate))
    if (distance < bestDistance) {
      best = candidate
      bestDistance = distance
    }
  }
  return best
}

function simplified(word: string): string {
  return word
    .slice(0, 64)
    .toLowerCase()
    .replace(/[-_ .]/g, '')
}

/** Levenshtein distance, one row at a time. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      const change = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)
      next.push(Math.min(change, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1))
    }
    row = next
  }
  return row[b.length] ?? 0
}

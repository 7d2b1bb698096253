const PLAIN = /^[A-Za-z0-9_@%+=:,./-]+$/

/** The command line that a POSIX shell splits into exactly these words. */
export function quote(words: readonly string[]): string {
  return words
    .map((word) => (PLAIN.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`))
    .join(' ')
}

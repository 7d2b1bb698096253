const PLAIN = /^[A-Za-z0-9_@%+=:,./-]+$/

/** The command line that a POSIX shell splits into exactly these words. */
export function quote(words: readonly string[]): string {
  return words.map(quoteWord).join(' ')
}

/** One word, as it is written in a command line. */
export function quoteWord(word: string): string {
  return PLAIN.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`
}

const QUOTED = /(?:[A-Za-z0-9_@%+=:,./-]+|'[^']*'|\\')+/y

/** The words of a command line that `quote` wrote; undefined for any other. */
export function unquote(line: string): string[] | undefined {
  const words: string[] = []
  for (let at = 0; at < line.length; at++) {
    QUOTED.lastIndex = at
    const [word] = QUOTED.exec(line) ?? []
    if (word === undefined || !/^(?: |$)/.test(line.slice(at + word.length, at + word.length + 1)))
      return undefined
    words.push(
      word.replace(/'([^']*)'|\\(')/g, (_, text?: string, mark?: string) => text ?? mark ?? ''),
    )
    at += word.length
  }
  return words.length === 0 || line.endsWith(' ') ? undefined : words
}

/**
 * The words of a command line that is one plain command, or undefined when a shell would do anything more with it than
 * splitting: operators, expansions, globs, comments, assignments before the command, an open quote.
 */
export function splitWords(line: string): string[] | undefined {
  const pieces = shellPieces(line)
  if (pieces === undefined || pieces.some((p) => p.special)) return undefined
  const words = pieces.map((p) => p.text)
  return words.length === 0 || /^[A-Za-z_][A-Za-z0-9_]*=/.test(words[0] as string)
    ? undefined
    : words
}

/** A word or an operator of a shell line. A word that a shell would expand, and every operator, is `special`. */
export interface Piece {
  text: string
  special: boolean
}

/** What ends a word and is none. */
export const OPERATORS = /^[;&|<>()\n`]/
const ACTIVE = /[$*?[\]{}~#!]/

/** A shell line in words and operators (`special`); a word that a shell would expand is special too. Undefined for an open quote. */
export function shellPieces(line: string): Piece[] | undefined {
  const pieces: Piece[] = []
  let word: Piece | undefined
  const open = () => (word ??= { text: '', special: false })
  const close = () => {
    if (word !== undefined) pieces.push(word)
    word = undefined
  }
  for (let i = 0; i < line.length; i++) {
    const char = line[i] as string
    if (char === ' ' || char === '\t') {
      close()
      continue
    }
    if (OPERATORS.test(char)) {
      close()
      pieces.push({ text: char, special: true })
      continue
    }
    const step = char === "'" || char === '"' ? quoted(line, i) : plainChar(line, i)
    if (step === undefined) return undefined
    const to = open()
    to.text += step.text
    to.special ||= step.special
    i = step.end
  }
  close()
  return pieces
}

function plainChar(line: string, at: number): (Piece & { end: number }) | undefined {
  const char = line[at] as string
  if (char !== '\\') return { text: char, special: ACTIVE.test(char), end: at }
  const next = line[at + 1]
  return next === undefined
    ? undefined
    : { text: next === '\n' ? '' : next, special: false, end: at + 1 }
}

function quoted(line: string, at: number): (Piece & { end: number }) | undefined {
  const mark = line[at] as string
  let text = ''
  let special = false
  for (let i = at + 1; i < line.length; i++) {
    const char = line[i] as string
    if (char === mark) return { text, special, end: i }
    if (mark === '"' && char === '\\' && '"\\$`\n'.includes(line[i + 1] ?? ' ')) {
      text += line[++i] === '\n' ? '' : (line[i] as string)
      continue
    }
    if (mark === '"' && (char === '$' || char === '`')) special = true
    text += char
  }
  return undefined
}

import { glob } from '../../base/glob.ts'

/** One of the words of a pattern, apart by blanks. */
export interface Token {
  /** What stands before its first wildcard, without escapes and quotes. */
  readonly literal: string
  /** Whether it has no wildcard. */
  readonly whole: boolean
  /** Itself, as a pattern of `*` and `?`. */
  readonly shape: string
}

/** The words of a pattern of `*`, `?` and `\`, as a shell would split it. */
export function tokensOf(pattern: string): Token[] {
  const tokens: Draft[] = []
  let draft: Draft | undefined
  let mark = ''
  for (const { char, escaped } of charsOf(pattern)) {
    if (char === ' ' && mark === '' && !escaped) {
      draft = undefined
      continue
    }
    if (draft === undefined) tokens.push((draft = { literal: '', whole: true, shape: '' }))
    const quotes = !escaped && (mark === '' ? /['"]/.test(char) : char === mark)
    if (quotes) mark = mark === '' ? char : ''
    else if (!escaped && /[*?]/.test(char)) wild(draft, char)
    else plain(draft, char)
  }
  return tokens
}

function* charsOf(pattern: string): Generator<{ char: string; escaped: boolean }> {
  for (let i = 0; i < pattern.length; i++) {
    const escaped = pattern[i] === '\\' && i + 1 < pattern.length
    if (escaped) i++
    yield { char: pattern[i] as string, escaped }
  }
}

type Draft = { -readonly [Key in keyof Token]: Token[Key] }

function wild(draft: Draft, char: string): void {
  draft.whole = false
  draft.shape += char
}

function plain(draft: Draft, char: string): void {
  draft.shape += /[\\*?]/.test(char) ? `\\${char}` : char
  if (draft.whole) draft.literal += char
}

/** Whether a token may stand for this word. */
export function tokenMatches({ shape, whole, literal }: Token, word: string): boolean {
  return whole ? literal === word : glob(shape, word)
}

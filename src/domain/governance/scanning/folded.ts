/** A text made comparable, and where each of its characters stands in the original. */
export interface FoldedText {
  text: string
  at: Uint32Array
}

const SPACE = 0x20
const NEWLINE = 0x0a

/**
 * A text in lower case with simple forms of letters (`ｉｇｎｏｒｅ`), every run of white space as one
 * space, or one line break if it has one, and without characters that nobody sees.
 */
export function foldText(text: string): FoldedText {
  const codes = new Uint16Array(text.length)
  const at = new Uint32Array(text.length + 1)
  let n = 0
  for (let i = 0; i < text.length; i++) {
    const code = folded(text.charCodeAt(i))
    if (code === 0) continue
    const blank = code === SPACE || code === NEWLINE
    const before = codes[n - 1]
    if (blank && n > 0 && (before === SPACE || before === NEWLINE)) {
      if (code === NEWLINE) codes[n - 1] = NEWLINE
      continue
    }
    codes[n] = code
    at[n++] = i
  }
  at[n] = text.length
  return { text: Buffer.from(codes.buffer, 0, n * 2).toString('utf16le'), at }
}

/** The simple form of a character; 0 for one that is left out. */
function folded(code: number): number {
  if (code < 0x80) {
    if (code >= 0x41 && code <= 0x5a) return code + 0x20
    if (code === NEWLINE || code === 0x0d) return NEWLINE
    return code === 0x09 || code === 0x0b || code === 0x0c ? SPACE : code
  }
  return foldedWide(code)
}

const UNSEEN = /[\p{Default_Ignorable_Code_Point}\p{Cf}]/u
const BLANK = /\s/

function foldedWide(code: number): number {
  const known = WIDE.get(code)
  if (known !== undefined) return known
  const simple = foldedChar(String.fromCharCode(code))
  WIDE.set(code, simple)
  return simple
}

/** What was found out about characters beyond ASCII. There are at most 65,536. */
const WIDE = new Map<number, number>()

function foldedChar(char: string): number {
  if (UNSEEN.test(char)) return 0
  if (char === '\u2028' || char === '\u2029') return NEWLINE
  if (BLANK.test(char)) return SPACE
  const simple = char.normalize('NFKC').toLowerCase()
  return (simple.length === 1 ? simple : char).charCodeAt(0)
}

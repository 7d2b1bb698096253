import { Fault } from '../../../base/fault.ts'
import { plain } from '../../../base/text.ts'

/** Where strings begin, and brackets; nothing between them matters here. */
const TOKEN = /["{}[\]]/g
const COLON = /[ \t\r\n]*:/y

/**
 * Where each record of a file begins, by its key, in characters. The text has been parsed as JSON
 * before. Fault `policies.invalid` for a record, or a field of one, that occurs twice.
 */
export function recordOffsets(file: string, text: string): Map<string, number> {
  const offsets = new Map<string, number>()
  let fields = new Set<string>()
  let depth = 0
  for (let at = nextToken(text, 0); at >= 0;) {
    const end = text[at] === '"' ? endOfString(text, at) : at + 1
    if (text[at] === '{' || text[at] === '[') depth++
    else if (text[at] !== '"') depth--
    else if (depth <= 2 && isKey(text, end)) {
      const key = JSON.parse(text.slice(at, end)) as string
      const isDuplicate = depth === 1 ? offsets.has(key) : fields.has(key)
      if (isDuplicate)
        throw new Fault(
          'policies.invalid',
          `${file} ${lineAndColumn(text, at)}: duplicate key ${JSON.stringify(plain(key, 80))}`,
          { hint: 'Keep one of them. Nothing was changed.' },
        )
      if (depth === 1) {
        offsets.set(key, at)
        fields = new Set()
      } else fields.add(key)
    }
    at = nextToken(text, end)
  }
  return offsets
}

function nextToken(text: string, from: number): number {
  TOKEN.lastIndex = from
  return TOKEN.exec(text)?.index ?? -1
}

/** The offset after the quote that closes a string: the first one that is not escaped. */
function endOfString(text: string, at: number): number {
  for (let end = text.indexOf('"', at + 1); end >= 0; end = text.indexOf('"', end + 1)) {
    let before = end
    while (text[before - 1] === '\\') before--
    if ((end - before) % 2 === 0) return end + 1
  }
  return text.length
}

function isKey(text: string, end: number): boolean {
  COLON.lastIndex = end
  return COLON.test(text)
}

/** `line 3 column 7`, both from 1. */
export function lineAndColumn(text: string, at: number): string {
  const before = text.slice(0, at)
  return `line ${before.split('\n').length} column ${at - before.lastIndexOf('\n')}`
}

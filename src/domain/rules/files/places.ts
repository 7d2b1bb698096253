import { Fault } from '../../../base/fault.ts'
import { plain } from '../../../base/text.ts'

/** Where strings begin, and brackets; what stands between does not matter here. */
const NEXT = /["{}[\]]/g
const COLON = /[ \t\r\n]*:/y

/**
 * Where each record of a file begins, by its key, in characters: for JSON that was read before. Throws Fault
 * `policies.invalid` where a record, or a field in one, stands twice: only one of them could be meant.
 */
export function placesOf(file: string, text: string): Map<string, number> {
  const places = new Map<string, number>()
  let fields = new Set<string>()
  let depth = 0
  for (let at = next(text, 0); at >= 0;) {
    const end = text[at] === '"' ? endOfString(text, at) : at + 1
    if (text[at] === '{' || text[at] === '[') depth++
    else if (text[at] !== '"') depth--
    else if (depth <= 2 && isKey(text, end)) {
      const key = JSON.parse(text.slice(at, end)) as string
      const seen = depth === 1 ? places.has(key) : fields.has(key)
      if (seen)
        throw new Fault(
          'policies.invalid',
          `${file} ${lineAndColumn(text, at)}: ${JSON.stringify(plain(key, 80))} stands there a second time`,
          { hint: 'Leave one of them; nothing was changed.' },
        )
      if (depth === 1) {
        places.set(key, at)
        fields = new Set()
      } else fields.add(key)
    }
    at = next(text, end)
  }
  return places
}

function next(text: string, from: number): number {
  NEXT.lastIndex = from
  return NEXT.exec(text)?.index ?? -1
}

/** Past the quote that closes a string: one behind an even number of backslashes. */
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

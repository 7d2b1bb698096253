import { Fault } from '../../../../base/fault.ts'
import { plain } from '../../../../base/text.ts'

/** Strings and brackets; what stands between does not matter here. */
const TOKEN = /"[^"\\]*(?:\\.[^"\\]*)*"|[{}[\]]/gs
const COLON = /[ \t\r\n]*:/y

/**
 * Where each record of a file begins, by its key, in characters: for JSON that was read before. Throws Fault
 * `policies.invalid` where a record, or a field in one, stands twice: only one of them could be meant.
 */
export function placesOf(file: string, text: string): Map<string, number> {
  const places = new Map<string, number>()
  let fields = new Set<string>()
  let depth = 0
  for (const { 0: token, index } of text.matchAll(TOKEN)) {
    if (token === '{' || token === '[') depth++
    else if (token === '}' || token === ']') depth--
    else if (depth === 1 || depth === 2) {
      COLON.lastIndex = index + token.length
      if (!COLON.test(text)) continue
      const key = JSON.parse(token) as string
      const seen = depth === 1 ? places.has(key) : fields.has(key)
      if (seen) throw new Fault('policies.invalid', `${file} ${lineAndColumn(text, index)}: ${JSON.stringify(plain(key, 80))} stands there a second time`, { hint: 'Leave one of them; nothing was changed.' })
      if (depth === 1) { places.set(key, index); fields = new Set() } else fields.add(key)
    }
  }
  return places
}

/** `line 3 column 7`, both from 1. */
export function lineAndColumn(text: string, at: number): string {
  const before = text.slice(0, at)
  return `line ${before.split('\n').length} column ${at - before.lastIndexOf('\n')}`
}

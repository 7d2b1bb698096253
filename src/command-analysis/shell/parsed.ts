import { parse, type ParsedScript } from 'unbash'
import type { Reading } from '../reading.ts'
import { DIFFERS } from './dialects.ts'

let latest: { readonly text: string; readonly script: ParsedScript } | undefined

/**
 * A text as a script; throws where it is none. A line that is no plain command is parsed again when
 * it is read, right afterwards: the second time takes what the first made.
 */
export function parsed(text: string): ParsedScript {
  const script = latest?.text === text ? latest.script : undefined
  latest = undefined
  if (script !== undefined) return script
  const fresh = parse(text)
  latest = { text, script: fresh }
  return fresh
}

/** A separator with nothing in front of it is an error that the parser forgives. */
export function noticeBareSeparators(text: string, reading: Reading): void {
  if (/(?:^|\n)[ \t]*[;&](?!;)/.test(text)) reading.notEverywhere()
}

/** Whether an end of line stands in an expansion: shells take it out, and the parser does not. */
export function continuesExpansion(text: string): boolean {
  if (!CONTINUED.test(text)) return false
  // Where nothing else quotes or expands, what stands in single quotes is only text.
  return QUOTES_OR_EXPANDS.test(text.replace(/'[^']*'|\\'/g, ''))
}

const CONTINUED = /\$[\w{([!#@*'"]*\\\r?\n/
const QUOTES_OR_EXPANDS = /["'`\\#$]/
/** What may stand behind the last command. */
const NOTHING = /^(?:[\s;&]|\\\n|#[^\n]*)*$/

/** What of a whole text the parser takes for something else than shells do, or leaves out. */
export function noticeOddText(text: string, { commands }: ParsedScript, reading: Reading): void {
  if (continuesExpansion(text)) reading.unclear(DIFFERS)
  // An open parenthesis at the end is an error that the parser forgives.
  const end = commands.at(-1)?.end
  if (end !== undefined && !text.includes('<<') && !NOTHING.test(text.slice(end)))
    reading.notEverywhere()
}

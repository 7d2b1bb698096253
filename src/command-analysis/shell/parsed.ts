import { parse, type ParsedScript } from 'unbash'
import type { Reading } from '../reading.ts'

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

import { NO_INPUT, Reading, type Place } from './reading.ts'
import { readShell } from './shell/shell.ts'
import type { Table } from './programs/table.ts'
import type { Line } from './types.ts'
import { constant } from './word.ts'
import { quoteWord } from '../base/quote.ts'

const TOP: Place = {
  reach: 'always',
  input: NO_INPUT,
  opened: [],
  under: undefined,
  elsewhere: false,
  depth: 0,
}

/**
 * Everything that a shell would start for a line. Never throws: what it cannot tell is said in
 * `unclear`.
 */
export function readLine(text: string, table: Table): Line {
  const reading = new Reading(table, readShell)
  readShell(text, TOP, reading)
  return reading.done(text)
}

const latest = new WeakMap<Table, Line>()

/**
 * The same; one decision looks at its line several times. What is answered is not to be changed.
 */
export function readAgain(text: string, table: Table): Line {
  const known = latest.get(table)
  if (known?.text === text) return known
  const line = readLine(text, table)
  latest.set(table, line)
  return line
}

/** The same for a command whose words are known, and no shell reads. */
export function readWords(words: readonly string[], table: Table): Line {
  const reading = new Reading(table, readShell)
  const sources = words.map(quoteWord)
  const source = sources.join(' ')
  reading.start({ words: words.map((word, i) => constant(word, sources[i])), source }, TOP)
  return reading.done(source)
}

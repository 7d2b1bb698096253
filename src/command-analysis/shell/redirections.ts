import type { Redirection, Word as WordSyntax } from 'unbash'
import { hereDocumentText } from './documents.ts'
import { DIFFERS } from './dialects.ts'
import { NO_INPUT, type Reading } from '../reading.ts'
import type { Input, Opened } from '../types.ts'
import { open, type Word } from '../word.ts'

/** What redirections do to a command. `unsure`: they may fail, and then it is not started. */
export interface Redirected {
  input: Input | undefined
  opened: Opened[]
  unsure: boolean
}

type FileRedirection = Extract<Redirection, { type: 'Redirect' }>

/** What a command reads and opens by its redirections. `wordOf` is how its words are read. */
export function readRedirections(
  redirections: readonly Redirection[],
  wordOf: (word: WordSyntax) => Word,
  reading: Reading,
): Redirected {
  const made: Redirected = { input: undefined, opened: [], unsure: false }
  noticeGlued(redirections, reading)
  for (const each of redirections) {
    const standard = isStandard(each, reading)
    if (each.type === 'Redirect') {
      const input = ofFile(each, openedBy(each, wordOf), made, reading)
      if (standard && each.operator.startsWith('<')) made.input = input
      continue
    }
    if (each.type === 'HereString') reading.notEverywhere()
    const text = each.type === 'HereDoc' ? hereDocumentText(each) : stringText(each.target, wordOf)
    if (standard) made.input = text === undefined ? { kind: 'unknown' } : { kind: 'text', text }
  }
  return made
}

/**
 * Bash closes a descriptor for `<&-word`, and the rest is a word of the command. A number in front
 * of the next redirection is its descriptor, so that the first has no target.
 */
function noticeGlued(redirections: readonly Redirection[], reading: Reading): void {
  redirections.forEach((each, i) => {
    if (each.type !== 'Redirect') return
    const { operator, target } = each
    if (/^[<>]&$/.test(operator) && /^-./.test(target?.text ?? '')) reading.unclear(DIFFERS)
    if (/^\d+$/.test(target?.text ?? '') && redirections[i + 1]?.pos === target?.end)
      reading.notEverywhere()
  })
}

/** Takes down what a redirection opens, and answers what a command would read by it. */
function ofFile(
  each: FileRedirection,
  file: Opened | undefined,
  made: Redirected,
  reading: Reading,
): Input | undefined {
  // To some shells only the number of a descriptor may stand here.
  if (/^[<>]&$/.test(each.operator) && file !== undefined) reading.notEverywhere()
  if (file !== undefined) made.opened.push(file)
  const closes = /^[<>]&$/.test(each.operator) && each.target?.text === '-'
  made.unsure ||= file !== undefined || closes || each.operator.startsWith('&>')
  return inputOf(each, file)
}

/**
 * Whether a redirection is about what a command reads, where it is one that reads. Some shells know
 * but one digit.
 */
function isStandard({ descriptor }: Redirection, reading: Reading): boolean {
  if (descriptor === undefined) return true
  const number = descriptor.type === 'FileDescriptor' ? descriptor.value : undefined
  if (number === undefined || number > 9) reading.unclear(DIFFERS)
  return number === 0
}

/** The file that a redirection opens; none for `2>&1` and `/dev/null`. */
function openedBy(
  { operator, target }: FileRedirection,
  wordOf: (word: WordSyntax) => Word,
): Opened | undefined {
  if (target === undefined) return { how: 'writes', path: open() }
  const path = wordOf(target)
  if (/^[<>]&$/.test(operator) && /^(?:[0-2]|-)$/.test(path.text ?? '')) return undefined
  if (path.text === '/dev/null') return undefined
  return { how: operator === '<' || operator === '<&' ? 'reads' : 'writes', path }
}

/** Undefined where a command reads what it would read anyway. */
function inputOf(
  { operator, target }: FileRedirection,
  file: Opened | undefined,
): Input | undefined {
  if (operator === '<&' && target?.text === '0') return undefined
  if (file === undefined) return NO_INPUT
  return operator === '<' ? { kind: 'file', path: file.path } : { kind: 'unknown' }
}

function stringText(
  target: WordSyntax | undefined,
  wordOf: (word: WordSyntax) => Word,
): string | undefined {
  const text = target === undefined ? undefined : wordOf(target).text
  return text === undefined ? undefined : `${text}\n`
}

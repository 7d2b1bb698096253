import type { Word as Syntax, WordPart } from 'unbash'

/**
 * A word of a command, as its program will get it. Where only the shell can know, `text` is
 * undefined, and `start`, `shape` and `splits` say what it could become.
 */
export interface Word {
  /** The whole word, where every shell makes the same of it. */
  readonly text: string | undefined
  /** As it is written in the line. */
  readonly source: string
  /**
   * What it begins with for sure: all of a constant word, what stands before the first expansion of
   * another.
   */
  readonly start: string
  /**
   * A pattern of `*`, with `\` before what stands for itself, that matches everything it could
   * become.
   */
  readonly shape: string
  /** Whether it may become several words, or none. */
  readonly splits: boolean
  /**
   * Whether what it becomes are names of files that are there, or the word itself: nothing that a
   * variable holds.
   */
  readonly fromFiles: boolean
  /**
   * Whether what it becomes is only what variables hold: for it nothing is run, calculated or
   * looked up.
   */
  readonly fromVariables: boolean
  /** Whether a program could take it for an option. */
  readonly dashes: boolean
}

/** A word that every shell hands on as it is. */
export function constant(text: string, source: string = text): Word {
  return {
    text,
    source,
    start: text,
    shape: literally(text),
    splits: false,
    fromFiles: false,
    fromVariables: false,
    dashes: text.startsWith('-'),
  }
}

/** A word of which nothing is known but what it begins with: several words, or none. */
export function open(start = '', source = start): Word {
  return {
    text: undefined,
    source,
    start,
    shape: `${literally(start)}*`,
    splits: true,
    fromFiles: false,
    fromVariables: false,
    dashes: start === '' || start.startsWith('-'),
  }
}

/** The pattern that matches this text and no other. */
function literally(text: string): string {
  return /[\\*]/.test(text) ? text.replace(/[\\*]/g, '\\$&') : text
}

/** What is known of the parts that were read so far. */
interface Draft {
  text: string
  start: string
  shape: string
  known: boolean
  splits: boolean
  fromFiles: boolean
  fromVariables: boolean
  /** It begins with what is certainly no dash, though it is not known what it is. */
  home: boolean
}

/**
 * A word of a line as a program would get it. `textOf` may know what a command in the word prints;
 * nothing else of what the shell would have to run, look up or calculate is known.
 */
export function readWord(
  syntax: Syntax,
  textOf: (part: WordPart) => string | undefined = () => undefined,
): Word {
  const { parts } = syntax
  const braces = hasOddBraces(syntax)
  if (parts === undefined && !tilde(syntax.text, true) && !braces)
    return constant(syntax.value, syntax.text)
  const draft: Draft = {
    text: '',
    start: '',
    shape: '',
    known: true,
    splits: false,
    fromFiles: true,
    fromVariables: true,
    home: false,
  }
  if (parts === undefined) bare(draft, syntax.text, syntax.value, true)
  else
    parts.forEach((part, i) => {
      if (part.type === 'Literal') bare(draft, part.text, part.value, i === 0)
      else addPart(draft, part, textOf)
    })
  if (braces) openBraces(draft)
  if (draft.known) return constant(draft.text, syntax.text)
  const { start, shape, home } = draft
  const dashes = home ? false : start === '' || start.startsWith('-')
  const { splits, fromFiles, fromVariables } = draft
  return {
    text: undefined,
    source: syntax.text,
    start,
    shape,
    splits,
    fromFiles,
    fromVariables,
    dashes,
  }
}

/**
 * Bash expands some braces that other shells and the parser take as they are written: `{a}x,b}` is
 * `a}x b`. A word with an open brace, a comma or two dots, and a closing brace may be any of these.
 */
function hasOddBraces(syntax: Syntax): boolean {
  if (!syntax.text.includes('{')) return false
  const unescaped = bareText(syntax)
  const inside = unescaped.slice(unescaped.indexOf('{'), unescaped.lastIndexOf('}') + 1)
  return unescaped.includes('{') && /,|\.\./.test(inside)
}

/** What a word says outside of quotes and of what is expanded, with `_` for all the rest. */
export function bareText({ text, parts }: Syntax): string {
  const bare =
    parts === undefined
      ? text.replace(QUOTED, '_')
      : parts.map((part) => (part.type === 'Literal' ? part.text : '_')).join('')
  return bare.replace(/\\[^]/g, '__')
}

const QUOTED = /\\[^]|'[^']*'|"(?:\\[^]|[^"\\])*"/g

/** Nothing is known from the first brace on. */
function openBraces(draft: Draft): void {
  draft.start = draft.start.split('{', 1)[0] ?? ''
  draft.shape = literally(draft.start)
  draft.fromFiles = false
  draft.fromVariables = false
  gap(draft, true)
}

/**
 * Where a tilde stands for a folder: first in a word, and behind `=` or `:` as in an assignment.
 */
function tilde(source: string, first: boolean): boolean {
  return (first && source.startsWith('~')) || /[=:]~/.test(source)
}

/** What stands outside of quotes and expands to nothing, but for a tilde. */
function bare(draft: Draft, source: string, value: string, first: boolean): void {
  if (!tilde(source, first)) return add(draft, value)
  const at = first && source.startsWith('~') ? 0 : value.search(/[=:]~/) + 1
  add(draft, value.slice(0, at))
  draft.home = at === 0 && draft.start === ''
  draft.fromFiles = false
  draft.fromVariables = false
  gap(draft, false)
}

function add(draft: Draft, text: string): void {
  draft.text += text
  draft.shape += literally(text)
  if (draft.known) draft.start += text
}

function gap(draft: Draft, splits: boolean): void {
  draft.known = false
  draft.shape += '*'
  draft.splits ||= splits
}

function addPart(
  draft: Draft,
  part: WordPart,
  textOf: (part: WordPart) => string | undefined,
): void {
  switch (part.type) {
    case 'Literal':
    case 'SingleQuoted':
      return add(draft, part.value)
    case 'DoubleQuoted':
      return quoted(draft, part.parts, textOf)
    case 'Glob':
      draft.fromVariables = false
      return gap(draft, true)
    case 'ExtendedGlob':
    case 'BraceExpansion':
    case 'AnsiCQuoted':
    case 'LocaleString':
      // Shells differ about these: some take them as they are written.
      draft.fromFiles = false
      draft.fromVariables = false
      return gap(draft, part.type !== 'AnsiCQuoted' && part.type !== 'LocaleString')
    case 'ProcessSubstitution':
      draft.fromFiles = false
      draft.fromVariables = false
      add(draft, '/dev/fd/')
      return gap(draft, false)
    default:
      draft.fromFiles = false
      draft.fromVariables &&= isValue(part)
      return gap(draft, true)
  }
}

/** `$x`, `${x}`, `$?`: the value of a variable as it is. */
function isValue(part: WordPart): boolean {
  if (part.type === 'SimpleExpansion') return true
  if (part.type !== 'ParameterExpansion') return false
  return part.prefix !== '!' && part.index === undefined && part.operation === undefined
}

/** In double quotes a word stays one word, except for a list of all arguments. */
function quoted(
  draft: Draft,
  parts: readonly WordPart[],
  textOf: (part: WordPart) => string | undefined,
): void {
  for (const part of parts) {
    const text = part.type === 'Literal' ? part.value : textOf(part)
    if (text !== undefined) {
      add(draft, text)
      continue
    }
    draft.fromFiles = false
    draft.fromVariables &&= isValue(part)
    gap(draft, part.text.includes('@'))
  }
}

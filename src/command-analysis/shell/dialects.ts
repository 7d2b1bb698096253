import type {
  Command,
  HereDocBody,
  ParameterExpansionPart,
  SyntaxNode,
  TestCommand,
  Time,
  Word as WordSyntax,
} from 'unbash'
import { bareText, constant, type Word } from '../word.ts'

/**
 * Why it cannot be told what a part of a line does: what only some shells know, and what some take
 * for something else.
 */
export function oddity(node: SyntaxNode): string | undefined {
  switch (node.type) {
    case 'Coproc':
      return 'it starts a coprocess'
    case 'ArithmeticCommand':
    case 'ArithmeticFor':
      return CALCULATES
    case 'TestCommand':
      return isComparison(node) ? CALCULATES : undefined
    case 'Command':
      return oddityOfCommand(node)
    default:
      return oddityOfText(node)
  }
}

function oddityOfText(node: SyntaxNode): string | undefined {
  switch (node.type) {
    case 'ArithmeticExpansion':
      // A shell evaluates what variables hold when it calculates with them, commands included.
      return /[A-Za-z_`[$]/.test(node.text.slice(2)) ? CALCULATES : undefined
    case 'ParameterExpansion':
      if (isCalculated(node)) return CALCULATES
      return setsForOthers(node) ? SETS : undefined
    case 'Word':
      // Bash starts a line for `2<(line)`, which the parser takes for a plain word.
      return SIGNS.test(node.text) && SIGNS.test(bareText(node)) ? DIFFERS : undefined
    case 'AnsiCQuoted':
      // An escaped quote in it ends it for shells that do not know it.
      return node.text.includes("\\'") ? DIFFERS : undefined
    default:
      return isOddDocument(node) ? DIFFERS : undefined
  }
}

/** Whether shells and the parser could take a here-document for more, or for less, than it is. */
function isOddDocument(node: SyntaxNode): boolean {
  // Where a delimiter with expansions in it ends is told in more than one way.
  if (node.type === 'HereDocDelimiter') return !DELIMITER.test(node.text)
  return node.type === 'HereDocBody' && hasQuotedParts(node)
}

const DELIMITER = /^(?:\\?[\w.!+-]+|'[\w .!+-]+'|"[\w .!+-]+")$/
/** Among them what begins an expansion that does not end. */
const SIGNS = /[<>()|&;`]|\$[[{]/
export const DIFFERS = 'shells differ about what it does'
const CALCULATES = 'it calculates with names'
export const SETS = 'it sets a variable for what follows'

/** Quotes are no quotes in a here-document, also where the parser takes them for some. */
function hasQuotedParts({ parts = [] }: HereDocBody): boolean {
  return parts.some(({ type, text }) => type === 'ParameterExpansion' && text.includes("'"))
}

/** `${!x}`, `${x@P}`, `${a[x]}`: what a variable holds is a name, a line or a calculation. */
function isCalculated({ prefix, index, operation, text }: ParameterExpansionPart): boolean {
  if (prefix === '!') return true
  if (index !== undefined && !/^(?:\d+|[@*])$/.test(index.text)) return true
  if (operation?.type === 'Slice') return !/^\$\{\w+:[\s\d:-]*\}$/.test(text)
  return operation?.type === 'Transform' || operation?.type === 'Unknown'
}

/** `${X:=value}`: a variable that others may read is set while a word is made. */
function setsForOthers({ parameter, operation }: ParameterExpansionPart): boolean {
  return operation?.type === 'Default' && operation.operator.endsWith('=') && !isOwnName(parameter)
}

/** `[[ a -lt b ]]`: a shell takes what is no number for a calculation. */
function isComparison({ expression }: TestCommand): boolean {
  return (
    expression.type === 'TestBinary' &&
    /^-(?:eq|ne|lt|le|gt|ge)$/.test(expression.operator) &&
    [expression.left, expression.right].some(({ text }) => !/^-?\d+$/.test(text))
  )
}

/** `a &>f b`: to some shells that is `a` in the background, and then `b`. */
function oddityOfCommand({ redirects, args, name, end }: Command): string | undefined {
  const last = (args.at(-1) ?? name)?.pos ?? end
  const splits = redirects.some(
    (each) => each.type === 'Redirect' && each.operator.startsWith('&>') && each.pos < last,
  )
  return splits ? DIFFERS : undefined
}

/** The words of `[[ -f x ]]`; undefined for what only some shells take for a comparison. */
export function testedWords(test: TestCommand): WordSyntax[] | undefined {
  const { expression } = test
  if (isComparison(test)) return undefined
  if (expression.type !== 'TestUnary' && expression.type !== 'TestBinary') return undefined
  if (/^[<>]$/.test(expression.operator)) return undefined
  return expression.type === 'TestUnary'
    ? [expression.operand]
    : [expression.left, expression.right]
}

/** The word `time` and its options: to some shells a program as any other. */
export function timeWords({ posix, endOfOptions }: Time): Word[] {
  return ['time', ...(posix ? ['-p'] : []), ...(endOfOptions ? ['--'] : [])].map((w) => constant(w))
}

const GAP = /^(?:[ \t]|\\\n)*$/

/**
 * Whether something stands between the parts of a command that belongs to none of them: the parser
 * forgives some of that.
 */
export function hasGaps({ pos, end, name, prefix, suffix }: Command, text: string): boolean {
  let at = pos
  for (const part of [...prefix, ...(name === undefined ? [] : [name]), ...suffix]) {
    // One blank is the usual gap.
    const isBlank = part.pos === at || (part.pos === at + 1 && text[at] === ' ')
    if (!isBlank && !GAP.test(text.slice(at, part.pos))) return true
    at = part.end
  }
  return !GAP.test(text.slice(at, end))
}

/** Builtins behind which a shell may stop, go elsewhere, or take words for something else. */
const TURNS = new Set(
  (
    '. : alias break builtin cd command continue coproc enable eval exec exit export hash kill local logout readonly return ' +
    'select set shift shopt source suspend trap type typeset declare ulimit umask unalias unset wait let mapfile readarray ' +
    'read getopts times function bind caller complete compgen compopt dirs pushd popd disown fg bg jobs history fc'
  ).split(' '),
)

/** Whether the shell surely goes on behind a command as it is. */
export function goesOn(words: readonly Word[]): boolean {
  return words.every(({ text }) => text !== undefined) && !TURNS.has(words[0]?.text ?? '')
}

/**
 * Whether no program reads a variable of this name from its environment: in lower case, or of one
 * letter, but for those of package managers and proxies.
 */
export function isOwnName(name: string): boolean {
  return /^(?:[a-z_][a-z0-9_]*|[A-Z])$/.test(name) && !/proxy|^p?npm_|^yarn_/.test(name)
}

/** What may stand first in brackets: a bracket that ends nothing. */
const FIRST_IN_BRACKETS = '(?:\\^\\]|\\^(?!\\])|\\]|(?![\\]^]))'

/**
 * A regular expression of sed's between delimiters, which are what `delimiter` refers to. In
 * brackets there is no delimiter: some versions end the expression there, others do not.
 */
function sedRegExp(delimiter: string): string {
  const inBrackets = `(?:\\[:\\w+:\\]|\\\\(?!${delimiter})[^\\n\\[\\]]|(?!${delimiter})[^\\\\\\n\\[\\]])*`
  return `(?:(?!${delimiter})[^\\\\\\n\\[]|\\\\[\\s\\S]|\\[${FIRST_IN_BRACKETS}${inBrackets}\\])*`
}

const SED_ADDRESS = `(?:\\d+|\\$|\\/${sedRegExp('\\/')}\\/[IM]*|[~+]\\d+)`
const SED_COMMANDS = [
  '[\\s;{}]',
  '#[^\\n]*',
  `${SED_ADDRESS}(?:,[~+]?${SED_ADDRESS})?(?:\\s*!)?\\s*(?=[a-zA-Z={}])`,
  '[=dDgGhHlnNpPqQxz](?:\\s*\\d+)?(?=[\\s;}]|$)',
  '[bTt:]\\s*\\w*(?=[\\s;}]|$)',
  '[aic]\\\\?[^\\n]*(?:\\n|$)',
  'y\\/(?:[^/\\\\\\n]|\\\\.)*\\/(?:[^/\\\\\\n]|\\\\.)*\\/',
  `s([/|#,@:!%_~])${sedRegExp('\\1')}\\1(?:(?!\\1)[^\\\\\\n]|\\\\[\\s\\S])*\\1[gpiIM\\d]*(?=[\\s;}]|$)`,
]
/**
 * Commands of sed that print, delete, move about and substitute; with flags that do no more than
 * that.
 */
const SED_PLAIN = new RegExp(`(?:${SED_COMMANDS.join('|')})`, 'y')

/** Whether a script of sed's starts no program and opens no file. */
export function sedIsPlain(script: string): boolean {
  for (let at = 0; at < script.length; at = SED_PLAIN.lastIndex) {
    SED_PLAIN.lastIndex = at
    if (!SED_PLAIN.test(script)) return false
  }
  return true
}

/** In characters: nobody writes more of awk into a line. */
const LONGEST_AWK = 4096

/** Whether a program of awk's only reads what it is given, and prints. */
export function awkIsPlain(program: string): boolean {
  if (program.length > LONGEST_AWK) return false
  const code = awkCode(program)
  if (code === undefined || AWK_REACHES.test(code)) return false
  const joined = code.replaceAll('||', '&&').replace(/([,?:{]|&&|\belse\b|\bdo\b)\s*\n/g, '$1 ')
  if (joined.includes('|')) return false
  return joined.split(/[;}\n]/).every((statement) => !prints(statement))
}

/** Whether a statement prints to a file. */
function prints(statement: string): boolean {
  const print = statement.search(/\bprintf?\b/)
  return print >= 0 && statement.includes('>', print)
}

/** Starts programs, opens files, or says which are read. */
const AWK_REACHES = /\b(?:system|getline|close|ARGV|ARGC|SYMTAB|FUNCTAB)\b|@/

/** What awk reads next, as it is told by its first character. */
const AWK_TOKENS = {
  text: /"(?:[^"\\\n]|\\.)*"/y,
  blank: /(?:[ \t\r]|\\\r?\n)+|#[^\n]*(?<!\\)(?=\n|$)/y,
  word: /[A-Za-z_]\w*/y,
  value: /[\d.]+(?:[eE][+-]?\d+)?(?![\w.])|[)\]]/y,
  step: /\+\+?|--?/y,
  sign: /[^]/y,
} as const
type AwkToken = keyof typeof AWK_TOKENS

function awkKind(char: string): AwkToken {
  if (char === '"') return 'text'
  if (/[ \t\r#\\]/.test(char)) return 'blank'
  if (/\w/.test(char)) return char >= 'A' ? 'word' : 'value'
  if (/[.)\]]/.test(char)) return 'value'
  return char === '+' || char === '-' ? 'step' : 'sign'
}

/** In brackets there is no slash: some versions end the expression there, others do not. */
const AWK_REGEXP = new RegExp(
  `\\/(?:[^/\\\\\\n[]|\\\\.|\\[${FIRST_IN_BRACKETS}(?:\\[:\\w+:\\]|\\\\[^\\n[\\]]|[^\\]\\\\\\n[/])*\\])*\\/`,
  'y',
)
/** Words behind which a value is to come. */
const AWK_KEYWORDS = new Set('print printf return in else do delete exit case'.split(' '))

/**
 * A program of awk's without its texts, expressions and comments; undefined where it cannot be told
 * what is one.
 */
function awkCode(program: string): string | undefined {
  let code = ''
  let before: Before = 'none'
  for (let at = 0; at < program.length;) {
    const token: Token | undefined =
      program[at] === '/' ? slashAt(program, at, before) : tokenAt(program, at)
    if (token === undefined) return undefined
    const { kind, text }: Token = token
    at += text.length
    code += SHOWN[kind] ?? text
    before = after(token, before)
  }
  return code
}

/** Whether a value stands in front, with which a slash divides it. */
type Before = 'value' | 'perhaps' | 'none'

function after({ kind, text }: Token, before: Before): Before {
  if (kind === 'blank') return before
  if (kind === 'sign' || text === '+' || text === '-') return 'none'
  if (text === ')' || text === 'length') return 'perhaps'
  if (kind === 'step') return before === 'none' ? 'none' : 'perhaps'
  return AWK_KEYWORDS.has(text) ? 'none' : 'value'
}

/** What stands for a token in the code. */
const SHOWN: Partial<Record<AwkToken, string>> = { text: '""', blank: ' ' }

interface Token {
  readonly kind: AwkToken
  readonly text: string
}

function tokenAt(program: string, at: number): Token | undefined {
  const kind = awkKind(program[at] as string)
  const shape = AWK_TOKENS[kind]
  shape.lastIndex = at
  return shape.test(program) ? { kind, text: program.slice(at, shape.lastIndex) } : undefined
}

/**
 * A division, or a regular expression: by what stands before it. Undefined where it could be either
 * and that matters.
 */
function slashAt(program: string, at: number, before: Before): Token | undefined {
  if (before !== 'none') {
    const between = program.slice(at, Math.max(at, program.indexOf('/', at + 1)))
    const matters = before === 'perhaps' && /["#]/.test(between) && !between.includes('\n')
    return matters ? undefined : { kind: 'sign', text: '/' }
  }
  AWK_REGEXP.lastIndex = at
  const text = AWK_REGEXP.exec(program)?.[0]
  return text === undefined ? undefined : { kind: 'text', text }
}

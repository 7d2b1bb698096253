import { OPERATORS, shellPieces, type Piece } from './shell-words.ts'
import { meant } from './synonyms.ts'
import { carries, gitSettings, isPlain, isTransparent, SHELLS } from './heads.ts'

/** One way to read a command: a program's name without its folder, then the words from `at` on. */
export interface Reading {
  head: string
  words: readonly string[]
  at: number
}

const DEEPEST = 6
/** Commands that a shell would start: more than anybody reads. */
const MOST_COMMANDS = 64
/** Ways to read them, most of which nobody means. */
const MOST_READINGS = 4096
const ASSIGNMENT = /^[A-Za-z_][A-Za-z0-9_]*\+?=/
/** Settings whose value is a command: `GIT_SSH_COMMAND=…`, `PAGER=…`. */
const RUN_LATER = /COMMAND|PAGER|EDITOR|VISUAL|BROWSER|ASKPASS|SSH|SHELL|DIFF|ENV|OPEN|EXEC/i
const SCRIPT = /[\s;&|`(<]/

interface Search {
  found: Reading[]
  seen: Set<string>
  commands: number
  tooMuch: boolean
}
/** `asCode`: not a shell's own words, so no program is harmless; `toShell`: what is printed here, a shell runs. */
interface Where {
  depth: number
  asCode: boolean
  toShell: boolean
  counts: boolean
}

/** All that could be meant by an action: each command with its words, and from where on each word could begin one. */
export interface Commands {
  readings: readonly Reading[]
  tooMuch: boolean
}

/**
 * Every command that could be meant: the parts of a shell line, what is given to `sh -c`, what `sudo` or `env` would start,
 * and, for any program that is not known to be harmless, whatever could begin at any of its words. Meant for being
 * careful, never for saying yes: it errs towards seeing more commands than there are. `tooMuch` when they are too many,
 * or wrapped too deeply, to be all seen.
 */
export function commandsIn({
  target,
  argv,
}: {
  target: string
  argv: readonly string[]
}): Commands {
  const made: Search = { found: [], seen: new Set(), commands: 0, tooMuch: false }
  const where = { depth: 0, asCode: false, toShell: false, counts: true }
  if (argv.length > 0) command(argv, made, where)
  else fromLine(target, made, where)
  return { readings: made.found, tooMuch: made.tooMuch }
}

function exhausted(made: Search, { depth }: Where): boolean {
  if (depth > DEEPEST || made.commands >= MOST_COMMANDS || made.found.length >= MOST_READINGS)
    made.tooMuch = true
  return made.tooMuch
}

function fromLine(line: string, made: Search, where: Where): void {
  if (isKnown(`\n${line}`, made, where)) return
  const text = line.replace(/\$\{?IFS\b[^}\s]*\}?/g, ' ')
  const whole = shellPieces(text)
  const pieces =
    whole ?? text.split(/[\s'"]+/).map((word) => ({ text: word, special: OPERATORS.test(word) }))
  const inside = {
    ...where,
    asCode: where.asCode || whole === undefined,
    toShell: where.toShell || speaksToShell(pieces),
  }
  for (const words of split(pieces, false)) command(words, made, inside)
  if (pieces.some((p) => isOperator(p, '<>')))
    for (const words of split(pieces, true)) command(words, made, inside)
  for (const piece of pieces) if (piece.special) substituted(piece.text, made, deeper(inside))
}

/** What a shell would run to make a word: `"$(git push)"`. */
function substituted(word: string, made: Search, where: Where): void {
  const inner = /[$`]\(?(.*)$/s.exec(word)?.[1] ?? ''
  if (inner.includes(' ')) fromLine(inner.replace(/[)`]/g, ';'), made, where)
}

function speaksToShell(pieces: readonly Piece[]): boolean {
  const pipe = pieces.findIndex((p) => isOperator(p, '|'))
  return pipe >= 0 && pieces.some((p, i) => i > pipe && SHELLS.has(baseName(p.text)))
}

function isOperator(piece: Piece | undefined, which?: string): boolean {
  return (
    piece !== undefined &&
    piece.special &&
    piece.text.length === 1 &&
    (which?.includes(piece.text) ?? OPERATORS.test(piece.text))
  )
}

/**
 * A line's simple commands. A redirection may stand anywhere in one, so it is read both as an end and, `joining`, as
 * something that is not there: `sudo >x id` is `sudo id`.
 */
function split(pieces: readonly Piece[], joining: boolean): string[][] {
  const commands: string[][] = [[]]
  for (let i = 0; i < pieces.length; i++) {
    const piece = pieces[i] as Piece
    if (!isOperator(piece)) commands.at(-1)?.push(piece.text)
    else if (joining && redirects(piece, pieces[i + 1])) i = afterRedirection(pieces, i)
    else commands.push([])
  }
  return commands
}

function redirects({ text }: Piece, next: Piece | undefined): boolean {
  return text === '<' || text === '>' || (text === '&' && next?.text === '>')
}

/** The last place that belongs to it: its own signs and the file, but not the parenthesis of `<(command)`. */
function afterRedirection(pieces: readonly Piece[], at: number): number {
  let i = at
  while (isOperator(pieces[i + 1], '<>&|')) i++
  return isOperator(pieces[i + 1], '(') ? i : i + 1
}

/** One simple command, and what it would start. */
function command(given: readonly string[], made: Search, where: Where): void {
  const plain = afterSettings(given, made, where)
  const first = plain[0]
  if (first === undefined || isKnown(plain.join('\0'), made, where)) return
  if (where.counts) made.commands++
  const words = [baseName(first), ...plain.slice(1)]
  if (first !== words[0]) made.found.push({ head: first, words, at: 1 })
  readings(words, 0, made)
  if (SCRIPT.test(first)) scripts(first, made, where)
  if (words[0] === 'git') for (const setting of gitSettings(words)) gitSetting(setting, made, where)
  if (isTransparent(words)) {
    command(words.slice(1), made, deeper(where))
    return
  }
  const from = where.asCode && words[0] !== 'git' ? 1 : carries(words, where.toShell)
  if (from !== undefined) everywhere(words, from, made, where)
}

/** The command behind its assignments. */
function afterSettings(given: readonly string[], made: Search, where: Where): readonly string[] {
  let start = 0
  while (start < given.length && (given[start] === '' || ASSIGNMENT.test(given[start] as string))) {
    const word = given[start++] as string
    const at = word.indexOf('=')
    if (RUN_LATER.test(word.slice(0, at))) scripts(word.slice(at + 1), made, where)
  }
  return start === 0 ? given : given.slice(start)
}

/** Whether this was looked at already, in the same way, or cannot be looked at any more. */
function isKnown(text: string, made: Search, where: Where): boolean {
  const key = `${where.asCode ? 'c' : ''}${where.toShell ? 's' : ''}\0${text}`
  if (made.seen.has(key) || exhausted(made, where)) return true
  made.seen.add(key)
  return false
}

function deeper(where: Where): Where {
  return { ...where, depth: where.depth + 1 }
}

/** Whatever could begin at any of these words, or stand inside of one. */
function everywhere(words: readonly string[], from: number, made: Search, where: Where): void {
  const ofShell = SHELLS.has(words[0] as string)
  for (let i = from; i < words.length; i++) {
    const word = words[i] as string
    if (exhausted(made, where)) return
    if (isPlain(word) && !ASSIGNMENT.test(word)) {
      readings(words, i, made)
      // `git subtree push`: what git's own programs are told may be a verb of git's.
      if (words[0] === 'git') record('git', words, i, made)
    }
    if (SCRIPT.test(word) || word.startsWith('!'))
      scripts(word, made, { ...where, counts: where.counts && ofShell })
  }
}

/** The ways to read a command that begins at one of the words: as it stands, and without what may be its options. */
function readings(words: readonly string[], start: number, made: Search): void {
  const word = words[start] as string
  const head = baseName(word)
  record(head, words, start + 1, made)
  if (head !== word) made.found.push({ head: word, words, at: start + 1 })
  for (let i = start + 1; i < words.length && !isPlain(words[i] as string); i++) {
    // After an option comes its value, or the verb; after its value an option, or the verb.
    if (!isPlain(words[i + 1] ?? '')) continue
    i++
    record(head, words, i, made)
    if (!isPlain(words[i + 1] ?? '')) continue
    record(head, words, i + 1, made)
    return
  }
}

function record(head: string, words: readonly string[], at: number, made: Search): void {
  made.found.push({ head, words, at })
  const verb = words[at]
  const usual = verb === undefined ? undefined : meant(head, verb)
  if (usual !== undefined && usual !== verb)
    made.found.push({ head, words: [usual, ...words.slice(at + 1)], at: 0 })
}

/** A word that may be a script of its own, also behind an option's name: `-c'sudo id'`, `--exec='sudo id'`. */
function scripts(word: string, made: Search, where: Where): void {
  const inside = deeper(where)
  const bare = word.replace(/^(?:-[A-Za-z]|!+)(?=.)/s, '')
  fromLine(bare, made, inside)
  const value = /^[-\w.]+=!?(.*)$/s.exec(word)?.[1]
  if (value !== undefined) fromLine(value, made, inside)
}

/** A value of git's may be a command, or words for git itself. */
function gitSetting(value: string, made: Search, where: Where): void {
  const inside = { ...deeper(where), counts: false }
  fromLine(value.replace(/^!/, ''), made, inside)
  fromLine(`git ${value}`, made, inside)
}

function baseName(word: string): string {
  return word.slice(word.lastIndexOf('/') + 1)
}

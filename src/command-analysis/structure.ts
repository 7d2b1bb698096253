import { diverts } from './diverts.ts'
import {
  forEachChild,
  parse,
  type Command,
  type Redirection,
  type SyntaxNode,
  type Word,
} from 'unbash'

/** A program that would run, with its words; `undefined` stands for a word that only the shell can know. */
export interface Invocation {
  words: (string | undefined)[]
  /** It was started by one of these, outermost first: `sudo`, `xargs` … */
  under: string[]
  /** It reads what another command writes, or a file, or text from the line. */
  piped: boolean
  /** Variables are set for it. */
  environment: boolean
}

/** What a shell would do with a line, as far as can be said without running it. */
export interface Structure {
  runs: Invocation[]
  /** Where output is written to; undefined where only the shell can know. */
  writes: (string | undefined)[]
  /** Why it cannot be told what would run; empty if it can. */
  unclear: string[]
}

/** How deep commands may stand in each other's words; each step into a line's own nesting counts a fifth. */
const DEEPEST = 8
const MOST = 128
/** In characters: twice what a guard door takes. */
const LONGEST = 8192

let latest: { line: string; structure: Structure } | undefined

/** Reads a line of shell. Never throws: what it cannot read is said in `unclear`. One decision looks at its line several times: what is answered is not to be changed. */
export function structureOf(line: string): Structure {
  if (latest?.line !== line) latest = { line, structure: read(line) }
  return latest.structure
}

function read(line: string): Structure {
  const made: Structure = { runs: [], writes: [], unclear: [] }
  readLine(line, made, { depth: 0, under: [], piped: false })
  return made
}

interface Place {
  depth: number
  under: string[]
  piped: boolean
}

function readLine(line: string, made: Structure, place: Place): void {
  if (line.length > LONGEST || place.depth > DEEPEST)
    return unclear(made, 'it is too long or too deep')
  let script
  try {
    script = parse(line)
  } catch {
    return unclear(made, 'it cannot be parsed')
  }
  if ((script.errors?.length ?? 0) > 0) return unclear(made, 'it cannot be parsed')
  visit(script, made, place)
}

function unclear(made: Structure, why: string): void {
  if (!made.unclear.includes(why)) made.unclear.push(why)
}

/** Every command in a tree, those in substitutions included. */
function visit(node: SyntaxNode, made: Structure, place: Place): void {
  if (made.runs.length >= MOST || place.depth > DEEPEST + 2)
    return unclear(made, 'it is too long or too deep')
  const fed = place.piped || ('redirects' in node && node.redirects.some(isInput))
  const inner = { ...place, depth: place.depth + 0.2, piped: fed }
  if (node.type === 'Pipeline') {
    node.commands.forEach((command, i) => visit(command, made, { ...inner, piped: fed || i > 0 }))
    return
  }
  const puzzle = puzzleOf(node)
  if (puzzle !== undefined) unclear(made, puzzle)
  if (node.type === 'Command') readCommand(node, made, { ...place, piped: fed })
  if (isRedirection(node)) readRedirection(node, made)
  forEachChild(node, (child) => visit(child, made, inner))
}

/** Why it cannot be told what a part of a line does. */
function puzzleOf(node: SyntaxNode): string | undefined {
  if (node.type === 'Function') return 'it defines a function'
  if (node.type === 'Coproc') return 'it starts a coprocess'
  const calculates =
    ARITHMETIC.has(node.type) &&
    /[A-Za-z_`[]/.test(node.type === 'ArithmeticExpansion' ? node.text : 'name')
  return calculates ? 'it calculates with names' : undefined
}

/** A shell evaluates what variables hold when it calculates with them, commands included. */
const ARITHMETIC = new Set<SyntaxNode['type']>([
  'ArithmeticExpansion',
  'ArithmeticCommand',
  'ArithmeticFor',
])

function isRedirection(node: SyntaxNode): node is Redirection {
  return node.type === 'Redirect' || node.type === 'HereString' || node.type === 'HereDoc'
}

/** Whether a redirection has a program read what it would not read otherwise. */
function isInput(node: Redirection): boolean {
  return (
    node.type !== 'Redirect' ||
    ((node.operator === '<' || node.operator === '<>') && node.target?.value !== '/dev/null')
  )
}

function readRedirection(node: Redirection, made: Structure): void {
  if (node.type !== 'Redirect') return
  const target = node.target === undefined ? undefined : known(node.target)
  // A shell connects to what looks like these files: reading from them sends, too.
  if (
    (node.operator === '<' || node.operator === '<&') &&
    !/^\/dev\/(?:tcp|udp)\//.test(target ?? '')
  )
    return
  if (node.operator === '>&' && /^(?:\d+|-)$/.test(target ?? '')) return
  if (target !== '/dev/null') made.writes.push(target)
}

function readCommand(command: Command, made: Structure, place: Place): void {
  const words = [...(command.name === undefined ? [] : [command.name]), ...command.args].map(
    (word) => (word.type === 'Word' ? known(word) : word.text),
  )
  const environment = command.prefix.some(({ type }) => type === 'Assignment')
  if (words.length === 0) {
    if (environment)
      made.runs.push({ words: ['export'], under: place.under, piped: false, environment })
    return
  }
  unwrap(words, made, place, environment)
}

/** A word as the program gets it; undefined if the shell would put something else there, or several words. */
function known(word: Word): string | undefined {
  return word.parts === undefined || word.parts.every(isFixed) ? word.value : undefined
}

function isFixed(part: NonNullable<Word['parts']>[number]): boolean {
  if (part.type === 'DoubleQuoted' || part.type === 'LocaleString')
    return part.parts.every((inner) => inner.type === 'Literal')
  return part.type === 'Literal' || part.type === 'SingleQuoted' || part.type === 'AnsiCQuoted'
}

/** Programs that run the command in their own words, and those of their options that take a value. */
const WRAPPERS: Record<string, { valued: RegExp; flags: RegExp; skip?: number; assigns?: true }> = {
  sudo: {
    valued: /^(?:-[ughpCTrtR]|--(?:user|group|host|prompt|chdir))$/,
    flags: /^(?:-[AbEHknPS]+|--(?:preserve-env|non-interactive|set-home|user=.*|group=.*))$/,
    assigns: true,
  },
  doas: { valued: /^-[uC]$/, flags: /^-[Lns]+$/ },
  env: {
    valued: /^(?:-[uC]|--(?:unset|chdir))$/,
    flags: /^(?:-i|-0|-|--ignore-environment|--unset=.*|--chdir=.*)$/,
    assigns: true,
  },
  nohup: { valued: /^$/, flags: /^$/ },
  setsid: { valued: /^$/, flags: /^-[cfw]+$/ },
  time: { valued: /^-[fo]$/, flags: /^-[pvaq]+$/ },
  nice: { valued: /^-n$/, flags: /^(?:-\d+|-n\d+|--adjustment=.*)$/ },
  ionice: { valued: /^-[cnp]$/, flags: /^-[cn]?\d+$/ },
  stdbuf: { valued: /^-[ioe]$/, flags: /^-[ioe]\w+$/ },
  timeout: {
    valued: /^-[ks]$/,
    flags: /^(?:--(?:preserve-status|foreground|signal=.*|kill-after=.*)|-v)$/,
    skip: 1,
  },
  command: { valued: /^$/, flags: /^-p$/ },
  builtin: { valued: /^$/, flags: /^$/ },
  exec: { valued: /^-a$/, flags: /^-[cl]+$/ },
  busybox: { valued: /^$/, flags: /^$/ },
  xargs: {
    valued: /^-[adEILnPs]$/,
    flags: /^(?:-[0rtx]+|-[nPLI]\S+|--(?:null|no-run-if-empty|max-args=.*|max-procs=.*|verbose))$/,
  },
}
const SHELLS = new Set(['sh', 'bash', 'dash', 'ash', 'zsh', 'ksh'])

/** The name of a program, without its folder. */
export function programOf(word: string): string {
  return word.slice(word.lastIndexOf('/') + 1)
}

function unwrap(
  words: (string | undefined)[],
  made: Structure,
  place: Place,
  environment: boolean,
): void {
  if (place.depth > DEEPEST || made.runs.length >= MOST)
    return unclear(made, 'it is too long or too deep')
  made.runs.push({ words, under: place.under, piped: place.piped, environment })
  const first = words[0]
  if (first === undefined) return unclear(made, 'what it runs depends on the shell')
  const name = programOf(first)
  const inner: Place = { depth: place.depth + 1, under: [...place.under, name], piped: place.piped }
  if (SHELLS.has(name)) return intoShell(words, made, inner)
  if (name === 'eval') return intoText(words.slice(1), made, inner)
  if (name === 'find' || name === 'fd') return intoFind(words, made, inner)
  const wrapper = Object.hasOwn(WRAPPERS, name) ? WRAPPERS[name] : undefined
  if (wrapper !== undefined) intoWrapper(words, wrapper, made, inner)
}

function intoWrapper(
  words: (string | undefined)[],
  { valued, flags, skip = 0, assigns }: (typeof WRAPPERS)[string],
  made: Structure,
  place: Place,
): void {
  let at = 1
  let environment = false
  for (; at < words.length; at++) {
    const word = words[at]
    if (word === undefined) break
    if (word === '--') {
      at++
      break
    }
    if (assigns && /^[A-Za-z_]\w*=/.test(word)) environment = true
    else if (valued.test(word)) at++
    else if (flags.test(word)) continue
    else if (word.startsWith('-'))
      return unclear(made, `${place.under.at(-1)} ${word} may hide what it runs`)
    else break
  }
  const rest = words.slice(at + skip)
  if (rest.length > 0) unwrap(rest, made, place, environment)
}

/** `sh -c text`, `sh file`, or a shell that reads its input. */
function intoShell(words: (string | undefined)[], made: Structure, place: Place): void {
  const flag = words.findIndex(
    (word, i) => i > 0 && word !== undefined && /^-[a-zA-Z]*c[a-zA-Z]*$/.test(word),
  )
  if (flag > 0) return intoText(words.slice(flag + 1, flag + 2), made, place)
  if (words.slice(1).some((word) => word === undefined || !word.startsWith('-'))) return
  unclear(made, place.piped ? 'a shell runs what it is sent' : 'a shell reads commands')
}

function intoText(words: (string | undefined)[], made: Structure, place: Place): void {
  if (words.some((word) => word === undefined))
    return unclear(made, 'what it runs depends on the shell')
  readLine(words.join(' '), made, place)
}

function intoFind(words: (string | undefined)[], made: Structure, place: Place): void {
  for (let i = 1; i < words.length; i++) {
    const word = words[i]
    if (
      word === undefined ||
      !/^(?:-(?:exec|execdir|ok|okdir|x|X)|--exec|--exec-batch)$/.test(word)
    )
      continue
    const start = i + 1
    while (i < words.length && words[i] !== ';' && words[i] !== '+') i++
    unwrap(words.slice(start, i), made, { ...place, depth: place.depth + 1 }, false)
  }
}

/** The programs of a line that are asked for, each alone and with each of its words: what `runs` triggers are looked up by. */
export function programsIn({ runs }: Structure, wanted: (program: string) => boolean): Set<string> {
  const found = new Set<string>()
  for (const {
    words: [first = '', ...rest],
  } of runs) {
    const program = programOf(first)
    if (!wanted(program)) continue
    found.add(program)
    for (const word of rest) found.add(`${program} ${word ?? ''}`)
  }
  return found
}

/** Whether any part of a line runs a program with these words, from wherever it is taken and whatever options stand between. */
export function runsAny({ runs }: Structure, value: string): boolean {
  const [program = '', ...wanted] = value.split(' ')
  return runs.some(({ words: [first = '', ...rest] }) => {
    let at = 0
    for (const word of rest) if (word === wanted[at]) at++
    return programOf(first) === program && at >= wanted.length
  })
}

/**
 * Whether a line runs nothing but what begins with these words: nothing around it, no output elsewhere, nothing that cannot be
 * told, and nothing behind them that leads elsewhere. `stated`: the words are a statement, not a command; they lead nowhere.
 */
export function runsOnly(
  { runs, writes, unclear }: Structure,
  value: string,
  stated = false,
): boolean {
  const wanted = value.split(' ')
  if (value === '' || runs.length === 0 || writes.length > 0 || unclear.length > 0) return false
  return runs.every(
    ({ words, piped, environment }) =>
      !piped &&
      !environment &&
      wanted.every((word, i) => words[i] === word) &&
      (stated || !diverts(programOf(words[0] as string), words, wanted.length)),
  )
}

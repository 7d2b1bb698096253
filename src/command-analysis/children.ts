import { type Given, type Invocation } from './invocation.ts'
import { baseName } from './paths.ts'
import { PARTS, partEnd } from './read-invocation.ts'
import type { Kind, Program } from './programs/table.ts'
import { constant, open, type Word } from './word.ts'

/** What a command starts, by its words alone. `at` is the word in which that begins. */
export type Child =
  | { readonly kind: 'words'; readonly words: readonly Word[]; readonly at: number }
  /**
   * A line for a shell; undefined where only the shell knows it. `perhaps`: it is started when
   * something else happens.
   */
  | {
      readonly kind: 'line'
      readonly text: string | undefined
      readonly at: number
      readonly perhaps?: boolean
    }
  /** A program in another language: what it starts cannot be told. */
  | { readonly kind: 'code'; readonly text: string | undefined; readonly at: number }

/** Everything that a command starts: the command in its words, lines in its options, code. */
export function childrenOf(words: readonly Word[], invocation: Invocation): Child[] {
  const { program, node, inert } = invocation
  if (program === undefined || node === undefined || inert) return []
  const made = invocation.options.flatMap((given) => ofOption(words, given, program))
  if (node.stdin === 'commands') made.push(...ofShell(invocation))
  const rest = invocation.operands.find(({ kind }) => STARTS.has(kind))
  if (rest !== undefined) made.push(...ofOperand(words, invocation, rest.at, rest.kind))
  for (const { word, at, kind } of invocation.operands)
    if (kind === 'line' || kind === 'editor' || kind === 'sed' || kind === 'awk' || kind === 'code')
      made.push(...ofText(kind, word, at, program))
  made.push(
    ...ofHandler(invocation),
    ...ofSettings(invocation, program),
    ...ofOtherName(words, invocation),
  )
  return made
}

const STARTS = new Set<Kind>(['command', 'lines'])

/** `docker-compose up` is `docker compose up`. */
function ofOtherName(words: readonly Word[], { node, verbs }: Invocation): Child[] {
  if (node === undefined || node.as.length === 0) return []
  const at = verbs.at(-1)?.at ?? 0
  const rest = words.slice(at + 1)
  const own = rest[0]?.text === '--' ? rest.slice(1) : rest
  return [{ kind: 'words', words: [...node.as.map((word) => constant(word)), ...own], at }]
}

function ofOption(words: readonly Word[], given: Given, program: Program): Child[] {
  const { option, value, valueAt } = given
  if (option === undefined || value === undefined) return []
  const { kind } = option
  if (PARTS.has(kind)) {
    const end = partEnd(words, valueAt, kind)
    const part = found(words.slice(valueAt, end), words[end]?.text === '+')
    return [{ kind: 'words', words: part, at: valueAt }]
  }
  if (kind === 'module') return ofModule(words, value, valueAt, program)
  if (kind === 'split') return ofSplit(words, value, valueAt)
  return ofText(kind, value, valueAt, program)
}

/**
 * Words in which `{}` stands for files that were found: their names begin with the place where they
 * were looked for.
 */
function found(words: readonly Word[], splits: boolean): Word[] {
  return filled(words, '{}').map((word, i) =>
    words[i]?.text === '{}' && i > 0 ? { ...word, fromFiles: true, dashes: false, splits } : word,
  )
}

/** Words in which something else will stand for a mark. */
function filled(words: readonly Word[], mark: string): Word[] {
  return words.map((word) => {
    const at = word.text?.indexOf(mark) ?? -1
    return at < 0 ? word : { ...open(word.text?.slice(0, at), word.source), splits: false }
  })
}

function ofModule(words: readonly Word[], value: Word, at: number, { modules }: Program): Child[] {
  if (value.text === undefined) return [{ kind: 'code', text: undefined, at }]
  const named = modules.get(value.text)
  const rest = words.slice(at + 1)
  return named === undefined ? [] : [{ kind: 'words', words: [constant(named), ...rest], at }]
}

/** `env -S 'a b' c` */
function ofSplit(words: readonly Word[], value: Word, at: number): Child[] {
  if (value.text === undefined) return [{ kind: 'line', text: undefined, at }]
  const split = value.text.split(/\s+/).filter((word) => word !== '')
  if (/['"\\$]/.test(value.text)) return [{ kind: 'line', text: value.text, at }]
  return [{ kind: 'words', words: [...split.map((w) => constant(w)), ...words.slice(at + 1)], at }]
}

function ofText(kind: Kind, { text }: Word, at: number, program: Program): Child[] {
  const lines = (texts: readonly string[]): Child[] =>
    texts.map((line) => ({ kind: 'line', text: line, at }))
  switch (kind) {
    case 'line':
      return [{ kind: 'line', text, at }]
    case 'code':
    case 'awk':
      return [{ kind: 'code', text, at }]
    case 'sed':
      return lines(linesIn(text, SED_RUNS))
    case 'editor':
      return lines(linesIn(text, EDITOR_RUNS))
    case 'action':
      return lines(linesIn(text, ACTION_RUNS))
    case 'setting':
      // Some write a blank between key and value.
      return [/=/, /\s/].flatMap((sign) => {
        const end = text?.search(sign) ?? -1
        return ofSetting(text?.slice(0, end), text?.slice(end + 1), at, program)
      })
    default:
      return []
  }
}

/** What sed's `e` starts: a line of the script itself. */
const SED_RUNS = /(?:^|[;{}\n])[^\S\n]*(?:[\d,$~+]+\s*)?e\s+([^\n;]+)/g
const EDITOR_RUNS = /^[+:]*!(.*)$/gms
const ACTION_RUNS = /^exec=(.*)$/gs

function linesIn(text: string | undefined, wanted: RegExp): string[] {
  return [...(text ?? '').matchAll(wanted)].map(([, line = '']) => line)
}

/** Settings may name commands: `alias.x=!line`, `core.pager=line`. */
function ofSetting(
  key: string | undefined,
  value: string | undefined,
  at: number,
  { settings, name }: Program,
): Child[] {
  if (key === undefined || value === undefined || value === '') return []
  if (!settings.runs.has(key)) return []
  if (value.startsWith('!')) return [{ kind: 'line', text: value.slice(1), at }]
  const alias = /^alias\./i.test(key)
  return [{ kind: 'line', text: alias ? `${name} ${value}` : value, at }]
}

/** `trap line signal…`: a shell surely ends, and no other signal surely comes. */
function ofHandler({ operands: [line, ...signals] }: Invocation): Child[] {
  if (line?.kind !== 'handler') return []
  const surely = signals.some(({ word }) => /^(?:0|(?:SIG)?EXIT)$/i.test(word.text ?? ''))
  return [{ kind: 'line', text: line.word.text, at: line.at, perhaps: !surely }]
}

/** `git config key value` */
function ofSettings({ operands }: Invocation, program: Program): Child[] {
  return operands.flatMap(({ kind, word }, i) => {
    const next = operands[i + 1]
    return kind !== 'setting' || next === undefined
      ? []
      : ofSetting(word.text, next.word.text, next.at, program)
  })
}

function ofOperand(
  words: readonly Word[],
  { options }: Invocation,
  at: number,
  kind: Kind,
): Child[] {
  const rest = words.slice(at)
  if (rest[0]?.text === '-c' && rest[1] !== undefined)
    return [{ kind: 'line', text: rest[1].text, at: at + 1 }]
  if (kind === 'lines') {
    const known = rest.every(({ text }) => text !== undefined)
    return [{ kind: 'line', text: known ? rest.map(({ text }) => text).join(' ') : undefined, at }]
  }
  const mark = options.find(({ written }) => /^(?:-[Ii]|--replace)$/.test(written))
  const more = baseName(words[0]?.text ?? '') === 'xargs'
  if (!more) return [{ kind: 'words', words: rest, at }]
  return mark === undefined
    ? [{ kind: 'words', words: [...rest, open()], at }]
    : [{ kind: 'words', words: filled(rest, mark.value?.text ?? '{}'), at }]
}

/** `sh -c line`, `sh file`; a shell that reads its input starts what it is sent. */
function ofShell({ options, operands }: Invocation): Child[] {
  const first = operands[0]
  if (first === undefined || !options.some(isLineNext)) return []
  return [{ kind: 'line', text: first.word.text, at: first.at }]
}

function isLineNext({ written, value }: Given): boolean {
  return written === '-c' && value === undefined
}

/**
 * Whether a command runs what it reads: a shell or an interpreter that is given nothing else to
 * run.
 */
export function runsInput({ node, options, operands, inert }: Invocation): boolean {
  if (node === undefined || inert || node.stdin === undefined || node.stdin === 'data') return false
  if (options.some(({ written }) => written === '-s')) return true
  const given = operands.some(({ kind, word }) => TO_RUN.has(kind) && word.text !== '-')
  return (
    !given &&
    !options.some(({ option, written }) => written === '-c' || TO_RUN.has(option?.kind ?? 'data'))
  )
}

/** Kinds of words that are what an interpreter runs. */
const TO_RUN = new Set<Kind>(['code', 'module', 'line', 'lines', 'command', 'file', 'sed', 'awk'])

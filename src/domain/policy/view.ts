import { posix } from 'node:path'
import { partsOf, type Part } from '../../command-analysis/covers.ts'
import { readLine, readWords } from '../../command-analysis/line.ts'
import type { Table } from '../../command-analysis/table.ts'
import { spelledOut } from '../../command-analysis/texts.ts'
import type { Line } from '../../command-analysis/types.ts'
import { addressSpellings } from './address.ts'
import { targetsOf } from './targets.ts'
import type { Action } from './types.ts'

/** Texts that a pattern which asks or blocks is compared with. */
export interface Spellings {
  /** Each as a whole. */
  readonly wholes: readonly string[]
  /** Places inside of texts at which another spelling begins. A pattern that begins with a star need not look at them. */
  readonly starts: readonly Start[]
}

export interface Start {
  readonly text: string
  readonly from: number
}

/** Something that a yes has to cover: a command of a line, or a target. */
export type Piece = { readonly part: Part } | { readonly target: Action }

/** An action as policies look at it. Made once for each question. */
export interface View {
  readonly action: Action
  /** What a shell would start; undefined for what is no command. */
  readonly line: Line | undefined
  /** Undefined where it cannot be told what all of it is: then only the very same text is a yes. */
  readonly pieces: readonly Piece[] | undefined
  /** What it certainly is. */
  readonly certain: Spellings
  /** All that it could be besides. */
  readonly possible: Spellings
  readonly table: Table
}

export function isCommand(type: string): boolean {
  return (
    type === 'exec' || type.startsWith('exec.') || type === 'shell' || type.startsWith('shell.')
  )
}

const made = new WeakMap<Action, View>()

/** How policies see an action. One question looks at its action several times. */
export function viewOf(action: Action, table: Table): View {
  const known = made.get(action)
  if (known?.table === table) return known
  const view = isCommand(action.type) ? ofCommand(action, table) : ofTargets(action, table)
  made.set(action, view)
  return view
}

function ofCommand(action: Action, table: Table): View {
  const { argv, target, cwd } = action
  const line = argv.length > 0 ? readWords(argv, table) : readLine(target, table)
  const [certain, possible] = [new Set<string>(line.streams), new Set([target])]
  for (const command of line.commands)
    for (const text of spelledOut(command))
      (command.reach === 'possible' ? possible : certain).add(text)
  for (const text of certain) possible.delete(text)
  return {
    action,
    line,
    table,
    pieces: partsOf(line, cwd)?.map((part) => ({ part })),
    certain: { wholes: [...certain], starts: [] },
    possible: { wholes: [...possible], starts: beginnings(line) },
  }
}

/** Places at which a command could begin in texts that nobody can read: bounded, since each is compared to its end. */
const MOST_BEGINNINGS = 256

function beginnings({ loose }: Line): Start[] {
  const starts: Start[] = []
  for (const { words } of loose) {
    const text = words.join(' ')
    let from = 0
    for (const word of words) {
      if (starts.length >= MOST_BEGINNINGS) return starts
      starts.push({ text, from })
      from += word.length + 1
    }
  }
  return starts
}

const NOTHING: Spellings = { wholes: [], starts: [] }

function ofTargets(action: Action, table: Table): View {
  const targets = targetsOf(action)
  const wholes = new Set(
    [action, ...targets].flatMap((each) => [each.target, ...spellingsOf(each)]),
  )
  return {
    action,
    table,
    line: undefined,
    pieces: targets.map((target) => ({ target })),
    certain: { wholes: [...wholes], starts: [] },
    possible: NOTHING,
  }
}

function spellingsOf(action: Action): string[] {
  if (action.type === 'net') return addressSpellings(action.target)
  return action.type === 'file' ? ofPath(action) : []
}

/** With and without its verb, and where it leads from the working folder. */
function ofPath({ target, cwd }: Action): string[] {
  const verb = /^[A-Za-z]+ +(?=\S)/.exec(target)?.[0] ?? ''
  const path = target.slice(verb.length)
  const leads = cwd.startsWith('/')
    ? posix.join(path.startsWith('/') ? '/' : cwd, path)
    : posix.normalize(path)
  return [path, leads, `${verb.trim()} ${leads}`.trim()]
}

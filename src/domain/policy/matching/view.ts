import { posix } from 'node:path'
import { partsOf, type CommandPart } from '../../../command-analysis/patterns/covers.ts'
import { readLine, readWords } from '../../../command-analysis/line.ts'
import { MOST_LOOSE } from '../../../command-analysis/reading.ts'
import type { Table } from '../../../command-analysis/programs/table.ts'
import { spelledOut } from '../../../command-analysis/patterns/texts.ts'
import type { Line } from '../../../command-analysis/types.ts'
import { addressSpellings } from './address.ts'
import { targetsOf } from './targets.ts'
import type { Action } from '../types.ts'

/** Texts with which restrictions are compared. */
export interface Spellings {
  /** Each as a whole. */
  readonly wholes: readonly string[]
  /** Positions in texts at which another spelling begins. Not needed for a leading star. */
  readonly starts: readonly TextStart[]
}

export interface TextStart {
  readonly text: string
  readonly from: number
}

/** What a permission has to cover: one command of a line, or one target. */
export type ActionPiece = { readonly part: CommandPart } | { readonly target: Action }

/** An action as policies see it. */
export interface ActionView {
  readonly action: Action
  /** What a shell would start; undefined for other actions. */
  readonly line: Line | undefined
  /** Undefined if not all of it is known. Then only a permission of exactly this text covers it. */
  readonly pieces: readonly ActionPiece[] | undefined
  /** What it certainly does. */
  readonly certain: Spellings
  /** What else it could do. */
  readonly possible: Spellings
  readonly table: Table
}

export function isCommand(type: string): boolean {
  return (
    type === 'exec' || type.startsWith('exec.') || type === 'shell' || type.startsWith('shell.')
  )
}

const views = new WeakMap<Action, ActionView>()

/** An action as policies see it. It is remembered, as one question needs it several times. */
export function viewOf(action: Action, table: Table): ActionView {
  const known = views.get(action)
  if (known?.table === table) return known
  const view = isCommand(action.type) ? new CommandView(action, table) : ofTargets(action, table)
  views.set(action, view)
  return view
}

/** A command as policies see it, read as far as they look: most questions are settled early. */
class CommandView implements ActionView {
  readonly action: Action
  readonly table: Table
  #line: Line | undefined
  #pieces: { all: ActionView['pieces'] } | undefined
  #spellings: Record<'certain' | 'possible', Spellings> | undefined

  constructor(action: Action, table: Table) {
    this.action = action
    this.table = table
  }

  get line(): Line {
    const { argv, target } = this.action
    return (this.#line ??=
      argv.length > 0 ? readWords(argv, this.table) : readLine(target, this.table))
  }

  get pieces(): ActionView['pieces'] {
    this.#pieces ??= { all: partsOf(this.line, this.action.cwd)?.map((part) => ({ part })) }
    return this.#pieces.all
  }

  get certain(): Spellings {
    return (this.#spellings ??= spellingsOfCommand(this.action, this.line)).certain
  }

  get possible(): Spellings {
    return (this.#spellings ??= spellingsOfCommand(this.action, this.line)).possible
  }
}

function spellingsOfCommand(
  { target }: Action,
  line: Line,
): Record<'certain' | 'possible', Spellings> {
  const [certain, possible] = [new Set<string>(line.streams), new Set([target])]
  for (const command of line.commands)
    for (const text of spelledOut(command))
      (command.reach === 'possible' ? possible : certain).add(text)
  for (const text of certain) possible.delete(text)
  return {
    certain: { wholes: [...certain], starts: [] },
    possible: { wholes: [...possible], starts: possibleStarts(line) },
  }
}

/** Positions at which a command could begin in text that is not understood. */
function possibleStarts({ loose }: Line): TextStart[] {
  const starts: TextStart[] = []
  for (const { words } of loose) {
    const text = words.join(' ')
    let from = 0
    for (const word of words) {
      if (starts.length >= MOST_LOOSE) return starts
      starts.push({ text, from })
      from += word.length + 1
    }
  }
  return starts
}

const NOTHING: Spellings = { wholes: [], starts: [] }

function ofTargets(action: Action, table: Table): ActionView {
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

/** With and without the verb, and resolved from the working folder. */
function ofPath({ target, cwd }: Action): string[] {
  const verb = /^[A-Za-z]+ +(?=\S)/.exec(target)?.[0] ?? ''
  const path = target.slice(verb.length)
  const resolved = cwd.startsWith('/')
    ? posix.join(path.startsWith('/') ? '/' : cwd, path)
    : posix.normalize(path)
  return [path, resolved, `${verb.trim()} ${resolved}`.trim()]
}

import { tokensOf } from './pattern-tokens.ts'
import {
  EFFECTS,
  type ProgramEffect,
  type Kind,
  type Node,
  type Operands,
  type Program,
  type Table,
} from '../programs/table.ts'

/** What a pattern that allows commands covers, in words. */
export interface GrantText {
  /** What its stars do not stand for, by what it would do: `writes a file: --output`. */
  readonly except: readonly string[]
  /** Why it lets more through than it seems to; empty for a narrow one. */
  readonly wide: readonly string[]
}

const NARROW: GrantText = { except: [], wide: [] }

/** What an operator is told of a pattern that allows commands, before and after it is written. */
export function grantText(pattern: string, anyOption: boolean, table: Table): GrantText {
  if (!/(?<!\\)(?:\\\\)*[*?]/.test(pattern)) return NARROW
  const [head, ...rest] = tokensOf(pattern)
  if (head === undefined || head.literal === '')
    return { except: [], wide: ['it begins with a star: any program is meant'] }
  const program = table.find(head.literal.slice(head.literal.lastIndexOf('/') + 1))
  if (program === undefined)
    return {
      except: [],
      wide: [`nothing is known of ${head.literal}: all of its options are covered too`],
    }
  const { node, spoken } = reached(program, rest)
  const named = new Set(rest.map(({ literal }) => literal.split('=', 1)[0] as string))
  const effects = byEffect(spoken === 0 ? [program] : [node], named)
  return {
    except: anyOption
      ? []
      : [
          ...effects.map(({ effect, names }) => `${SAYS[effect]}: ${names}`),
          ...(takesPaths(node) ? ['paths that are not in the workspace'] : []),
        ],
    wide: [
      ...(program.verbs !== undefined && spoken === 0
        ? [`every verb of ${program.name} is meant`]
        : []),
      ...(runsAnything(node) ? [`${program.name} runs whatever it is given`] : []),
      ...(anyOption
        ? [
            `every option is meant${effects.map(({ effect, names }) => `; ${SAYS[effect]}: ${names}`).join('')}`,
          ]
        : []),
    ],
  }
}

const SAYS: Record<ProgramEffect, string> = {
  plain: '',
  inert: '',
  runs: 'starts programs or code',
  writes: 'writes files',
  reads: 'reads from elsewhere',
  reaches: 'reaches other machines or accounts',
  sets: 'changes settings',
  risks: 'gives up a safeguard',
}

function reached(
  program: Program,
  words: readonly { literal: string }[],
): { node: Node; spoken: number } {
  let node: Node = program
  let spoken = 0
  for (const { literal } of words) {
    const verb = node.verbs?.get(literal)
    if (verb === undefined) {
      if (!literal.startsWith('-')) break
      continue
    }
    node = verb
    spoken++
  }
  return { node, spoken }
}

/** More names than these are only counted. */
const MOST_NAMES = 6

function byEffect(
  nodes: readonly Node[],
  named: ReadonlySet<string>,
): { effect: ProgramEffect; names: string }[] {
  return EFFECTS.filter((effect) => effect !== 'plain' && effect !== 'inert').flatMap((effect) => {
    const options = new Set(
      nodes.flatMap(({ options: all }) => [...all.values()]).filter((o) => o.effect === effect),
    )
    const names = [...options]
      .filter((option) => !option.names.some((name) => named.has(name)))
      .map((option) => option.names.at(-1) as string)
    if (names.length === 0) return []
    const more = names.length - MOST_NAMES
    const shown = names.slice(0, MOST_NAMES).join(', ')
    return [{ effect, names: more > 0 ? `${shown} and ${more} more` : shown }]
  })
}

const PATHS = new Set<Kind>(['inside', 'folder', 'write', 'transfer'])

function takesPaths({ operands }: Node): boolean {
  return kindsOf(operands).some((kind) => PATHS.has(kind))
}

function kindsOf(operands: Operands | undefined): Kind[] {
  if (operands === undefined) return []
  const { first, many, last } = operands
  return [...first, ...(many === undefined ? [] : [many]), ...last]
}

const ANYTHING = new Set<Kind>(['command', 'lines', 'line', 'code', 'file'])

function runsAnything({ operands, stdin }: Node): boolean {
  return stdin === 'commands' || kindsOf(operands).some((kind) => ANYTHING.has(kind))
}

import type { z } from 'zod'
import type { Agent } from '../domain/agents/types.ts'
import type { Approval } from '../domain/approvals/types.ts'
import type { RuleRow } from '../domain/rules/types.ts'
import type { PolicyRow } from '../domain/policy/types.ts'
import type { Shell } from '../domain/shells/types.ts'
import type { Deck } from './deck.ts'
import type { Lease } from '../domain/leases/types.ts'

/** What a row may be about: what is under the cursor when its key is pressed. */
export interface Subjects {
  agent: Agent
  approval: Approval
  lease: Lease
  policy: PolicyRow
  rule: RuleRow
  shell: Shell
  event: { seq: number }
  deck: undefined
}
export type Noun = keyof Subjects

/** Who asks, as the supervisor knows it from the door. */
export interface Caller {
  actor: string
  role: 'operator' | 'viewer'
  signal: AbortSignal
}

/** `many`: said once for each of its values. */
export interface Flag {
  about: string
  short?: string
  value?: string
  many?: boolean
}

export interface Row {
  kind: 'command' | 'query' | 'screen'
  /** `noun.verb`: the HTTP name, the audit name, the key of everything. */
  id: string
  /** Imperative, short: the palette line and the hint. */
  title: string
  /** One sentence for `--help` and the README. */
  help: string
  about: Noun
  /** Command-line spelling: words, `<required>`, `[optional]`, `<many...>`, `-- <words...>`. Absent: not on the command line. */
  cli?: string
  /** Flags by input key. */
  flags?: Record<string, Flag>
  example?: string
  /** Keys in the console, while something of `about` is under the cursor (`deck`: anywhere). */
  keys?: readonly string[]
  /** Shown in the footer, most wanted first; absent = only in help. */
  hint?: number
  danger?: 'confirm' | 'typed'
  /** Whether it acts on all the marked rows. */
  many?: boolean
  /** The key of the input that takes the subject's name or id. */
  subjectKey?: string
  viewer?: boolean
  input?: z.ZodType
  stream?: boolean
  /** Runs in the door's own process: `init`, `doctor`, `attach`, moving a cursor. */
  here?: boolean
  unavailable?: (subject: never) => string | undefined
  run?: (deck: Deck, input: never, caller: Caller) => unknown
}

/** As a row is written. Its schema is made when it is first looked at: all of them cost a command 10 ms, and it needs one. */
type Written<R> = Omit<R, 'input'> & { input?: () => z.ZodType }

type Typed<S extends z.ZodType, N extends Noun> = Omit<
  Row,
  'kind' | 'input' | 'run' | 'unavailable' | 'about'
> & {
  about: N
  input: () => S
  unavailable?: (subject: Subjects[N]) => string | undefined
  run: (deck: Deck, input: z.output<S>, caller: Caller) => Promise<unknown> | AsyncIterable<unknown>
}

/** An act of the deck: changes something, is journalled. */
export function command<S extends z.ZodType, N extends Noun>(row: Typed<S, N>): Row {
  return made({ kind: 'command', ...row } as Written<Row>)
}

/** A question to the deck: changes nothing. With `stream` its answer is one object per line. */
export function query<S extends z.ZodType, N extends Noun>(row: Typed<S, N>): Row {
  return made({ kind: 'query', ...row } as Written<Row>)
}

/** What a door does by itself: move, filter, attach, check this machine. */
export function screen<N extends Noun>(
  row: Omit<Written<Row>, 'kind' | 'run' | 'about' | 'unavailable'> & {
    about: N
    unavailable?: (subject: Subjects[N]) => string | undefined
  },
): Row {
  return made({ kind: 'screen', here: true, ...row } as Written<Row>)
}

function made({ input, ...row }: Written<Row>): Row {
  let schema: z.ZodType | undefined
  if (input === undefined) return row
  return Object.defineProperty(row as Row, 'input', {
    enumerable: true,
    get: () => (schema ??= input()),
  })
}

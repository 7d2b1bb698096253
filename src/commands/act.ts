import type { z } from 'zod'
import type { Deck } from './deck.ts'

/**
 * What somebody must be allowed to do. `see` what is there; `ask` whether an action is allowed, as an agent; `decide` on
 * what agents ask; `operate` agents, policies and the deck; `own` what concerns the deck's trust.
 */
export type Right = 'see' | 'ask' | 'decide' | 'operate' | 'own'

export type Role = 'owner' | 'operator' | 'viewer' | 'agent'

export const RIGHTS: Readonly<Record<Role, ReadonlySet<Right>>> = {
  owner: new Set<Right>(['see', 'decide', 'operate', 'own']),
  operator: new Set<Right>(['see', 'decide', 'operate']),
  viewer: new Set<Right>(['see']),
  agent: new Set<Right>(['ask']),
}

/** Who wants an act done, as the supervisor knows it from the door. */
export interface Caller {
  /** As events name who did it: `operator:cli`, `agent:a1`. */
  actor: string
  door: 'cli' | 'console' | 'guard' | 'operator'
  role: Role
  /** At a guard door: whose it is. */
  agent?: string
  /** Aborted when whoever asked is gone. */
  signal: AbortSignal
}

/**
 * How an act is written down.
 * - `none`: it changes nothing.
 * - `own`: the first thing that it does is to append its own event, and nothing happens when that fails.
 * - `intent`: it has effects outside of the journal. What is meant is written down before, what came of it after.
 */
export type AuditKind = 'none' | 'own' | 'intent'

/** What can be done or asked, whatever the door. Only the supervisor's `execute` runs it. */
export interface Act {
  /** `noun.verb`: its name on the wire and in the journal. */
  id: string
  needs: (input: unknown) => Right
  audit: (input: unknown) => AuditKind
  /** Its answer is one item after the other. */
  stream: boolean
  /** What it takes. Without one it is given what the door made, which no other door can reach. */
  input: z.ZodType | undefined
  run: (deck: Deck, input: unknown, caller: Caller) => unknown
}

type Depends<I, T> = T | ((input: I) => T)

interface WrittenAct<I> {
  id: string
  needs: Depends<I, Right>
  audit: Depends<I, AuditKind>
  stream?: boolean
}

/** An act that takes `input`. Its schema is made when it is first looked at: all of them would cost a command 10 ms, and it needs one. */
export function act<S extends z.ZodType, O>(
  written: WrittenAct<z.output<S>> & {
    input: () => S
    run: (deck: Deck, input: z.output<S>, caller: Caller) => Promise<O> | AsyncIterable<O>
  },
): TypedAct<O> {
  let schema: S | undefined
  return {
    ...common(written),
    get input() {
      return (schema ??= written.input())
    },
    run: written.run as Act['run'],
  }
}

/** An act of a door inside of the supervisor, which gives it what it takes already shaped and bounded. */
export function innerAct<I, O>(
  written: WrittenAct<I> & { run: (deck: Deck, input: I, caller: Caller) => O },
): TypedAct<Awaited<O>> {
  return { ...common(written), input: undefined, run: written.run as Act['run'] }
}

/** An act whose answer is known to the compiler. */
export interface TypedAct<O> extends Act {
  /** Never set: it carries the type of the answer, or of its items. */
  readonly answers?: O
}

function common<I>({ id, needs, audit, stream = false }: WrittenAct<I>) {
  const given =
    <T>(value: Depends<I, T>) =>
    (input: unknown): T =>
      typeof value === 'function' ? (value as (input: I) => T)(input as I) : value
  return { id, needs: given(needs), audit: given(audit), stream }
}

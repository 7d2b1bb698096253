import type { z } from 'zod'
import type { Confirmation } from '../base/confirmation.ts'
import type { Deck } from './deck.ts'

/**
 * What a caller must be allowed to do: `see` the deck; `ask`, as an agent, whether an action is
 * allowed; `decide` on what agents ask; `operate` agents, policies and the deck; `own` what the
 * trust in the deck depends on.
 */
export type Right = 'see' | 'ask' | 'decide' | 'operate' | 'own'

export type Role = 'owner' | 'operator' | 'viewer' | 'agent'

export const RIGHTS: Readonly<Record<Role, ReadonlySet<Right>>> = {
  owner: new Set<Right>(['see', 'decide', 'operate', 'own']),
  operator: new Set<Right>(['see', 'decide', 'operate']),
  viewer: new Set<Right>(['see']),
  agent: new Set<Right>(['ask']),
}

/** Who calls an act. The supervisor knows it from the door. */
export interface Caller {
  /** The actor in events: `operator:cli`, `agent:a1`. */
  actor: string
  door: 'cli' | 'console' | 'guard' | 'operator'
  role: Role
  /** At a guard door: the agent that it belongs to. */
  agent?: string
  /** Aborted when the caller is gone. */
  signal: AbortSignal
}

/**
 * How an act is recorded.
 * - `none`: it changes nothing.
 * - `own`: it first appends its own event, and does nothing if that fails.
 * - `intent`: it has effects outside of the journal. Its intent is recorded before, its result
 *   after.
 */
type AuditKind = 'none' | 'own' | 'intent'

/** What can be done or asked, at any door. Only the supervisor's `execute` runs it. */
export interface Act {
  /** `noun.verb`, as on the wire and in the journal. */
  id: string
  needs: (input: unknown) => Right
  audit: (input: unknown) => AuditKind
  /** Its answer is a stream of items. */
  stream: boolean
  /** What a person has to confirm first, as things are now. */
  confirm: ((deck: Deck, input: unknown) => Promise<Confirmation[]>) | undefined
  /** What it takes. Without a schema, only one door inside of the supervisor can call it. */
  input: z.ZodType | undefined
  run: (deck: Deck, input: unknown, caller: Caller) => unknown
}

type PerInput<I, T> = T | ((input: I) => T)

interface ActOptions<I> {
  id: string
  needs: PerInput<I, Right>
  audit: PerInput<I, AuditKind>
  stream?: boolean
}

/** An act with an input. Schemas are made when first used: to make all takes 10 ms. */
export function act<S extends z.ZodType, O>(
  options: ActOptions<z.output<S>> & {
    input: () => S
    /** Such an act takes what was confirmed as `confirm`. */
    confirm?: (deck: Deck, input: z.output<S>) => Promise<Confirmation[]>
    run: (deck: Deck, input: z.output<S>, caller: Caller) => Promise<O> | AsyncIterable<O>
  },
): TypedAct<O> {
  let schema: S | undefined
  return {
    ...common(options),
    confirm: options.confirm as Act['confirm'],
    get input() {
      return (schema ??= options.input())
    },
    run: options.run as Act['run'],
  }
}

/** An act of a door inside of the supervisor, which has already checked the input. */
export function innerAct<I, O>(
  options: ActOptions<I> & { run: (deck: Deck, input: I, caller: Caller) => O },
): TypedAct<Awaited<O>> {
  return {
    ...common(options),
    confirm: undefined,
    input: undefined,
    run: options.run as Act['run'],
  }
}

/** An act with the type of its answer. */
export interface TypedAct<O> extends Act {
  /** Never set: it only carries the type of the answer, or of its items. */
  readonly answers?: O
}

function common<I>({ id, needs, audit, stream = false }: ActOptions<I>) {
  const perInput =
    <T>(value: PerInput<I, T>) =>
    (input: unknown): T =>
      typeof value === 'function' ? (value as (input: I) => T)(input as I) : value
  return { id, needs: perInput(needs), audit: perInput(audit), stream }
}

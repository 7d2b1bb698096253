import type { z } from 'zod'
import type { Confirmation } from '../base/confirmation.ts'
import type { Right, Role } from '../domain/operators/rules.ts'
import type { Deck } from './deck.ts'

/** Who calls an act. The supervisor knows it from the door. */
export interface Caller {
  /** The actor in events: `operator:maya/cli`, `agent:a1`. */
  actor: string
  door: 'api' | 'cli' | 'console' | 'gate' | 'guard' | 'operator' | 'telegram' | 'web'
  role: Role
  /** Which operator it is. */
  operator?: string
  /** The agents that they may see and work with; without it, all. */
  agents?: ReadonlySet<string>
  /** At a guard door: the agent that it belongs to. */
  agent?: string
  /** At the door of the governance API: whose key it is, and what was sent. */
  tenant?: Tenant
  /**
   * At a door whose devices sign what they do: what is missing of a signature for this act with
   * this input, or nothing. It is asked before whatever is more than to see.
   */
  unsigned?: (act: string, input: unknown) => string | undefined
  /** Aborted when the caller is gone. */
  signal: AbortSignal
}

/** An organisation of the governance API, as one of its keys speaks for it. */
export interface Tenant {
  org: string
  /** The end of its agents' names in the deck. */
  slug: string
  /** The id of the key; '' for an agent that its pod's door knows. */
  key: string
  /** The only agent that may be spoken for; undefined for any of the organisation. */
  agentId?: string
  /** The body as it was sent. */
  raw: string
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
  /** What it needs whatever its input is: who does not have that is refused before it is read. */
  needsFirst: Right
  /** What it needs besides, as things are now. */
  needsNow: ((deck: Deck, input: unknown) => Promise<Right>) | undefined
  audit: (input: unknown) => AuditKind
  /** Its answer is a stream of items. */
  stream: boolean
  /** What a person has to confirm first, as things are now. */
  confirm: ((deck: Deck, input: unknown) => Promise<Confirmation[]>) | undefined
  /** The agents whose matter it is, as things are; null: it is the whole deck's. */
  concerns: (deck: Deck, input: unknown) => Promise<readonly string[] | null>
  /**
   * What of its answer, or of an item of it, is about agents that somebody may see; undefined for
   * none of it. An act of the whole deck without it is refused to who may see some agents only.
   */
  narrow: ((answer: unknown, sees: Sees) => unknown) | undefined
  /** What it takes. Without a schema, only one door inside of the supervisor can call it. */
  input: z.ZodType | undefined
  run: (deck: Deck, input: unknown, caller: Caller) => unknown
}

/** Whether somebody may see this agent. */
export type Sees = (agent: string) => boolean

type PerInput<I, T> = T | ((input: I) => T)

interface ActOptions<I, O> {
  id: string
  /** If that depends on its input, it is a right of those who may see. */
  needs: Right | ((input: I) => 'see' | 'decide' | 'operate' | 'own')
  audit: PerInput<I, AuditKind>
  stream?: boolean
  /** By default the `agent` of its input, and without one the whole deck. */
  concerns?: (deck: Deck, input: I) => readonly string[] | null | Promise<readonly string[] | null>
  /** Written after `run`, whose answer it takes. */
  narrow?: (answer: NoInfer<O>, sees: Sees) => O | undefined
}

/** An act with an input. Schemas are made when first used: to make all takes 10 ms. */
export function act<S extends z.ZodType, O>(
  options: ActOptions<z.output<S>, O> & {
    input: () => S
    /** Such an act takes what was confirmed as `confirm`. */
    confirm?: (deck: Deck, input: z.output<S>) => Promise<Confirmation[]>
    needsNow?: (deck: Deck, input: z.output<S>) => Promise<Right>
    run: (deck: Deck, input: z.output<S>, caller: Caller) => Promise<O> | AsyncIterable<O>
  },
): TypedAct<O> {
  let schema: S | undefined
  return {
    ...common(options),
    confirm: options.confirm as Act['confirm'],
    needsNow: options.needsNow as Act['needsNow'],
    get input() {
      return (schema ??= options.input())
    },
    run: options.run as Act['run'],
  }
}

/** An act of a door inside of the supervisor, which has already checked the input. */
export function innerAct<I, O>(
  options: ActOptions<I, Awaited<O>> & { run: (deck: Deck, input: I, caller: Caller) => O },
): TypedAct<Awaited<O>> {
  return {
    ...common(options),
    confirm: undefined,
    needsNow: undefined,
    input: undefined,
    run: options.run as Act['run'],
  }
}

/** An act with the type of its answer. */
export interface TypedAct<O> extends Act {
  /** Never set: it only carries the type of the answer, or of its items. */
  readonly answers?: O
}

function common<I, O>({ id, needs, audit, stream = false, concerns, narrow }: ActOptions<I, O>) {
  const perInput =
    <T>(value: PerInput<I, T>) =>
    (input: unknown): T =>
      typeof value === 'function' ? (value as (input: I) => T)(input as I) : value
  return {
    id,
    needs: perInput<Right>(needs),
    needsFirst: typeof needs === 'string' ? needs : ('see' as const),
    audit: perInput(audit),
    stream,
    concerns: async (deck: Deck, input: unknown) =>
      concerns === undefined ? agentIn(input) : concerns(deck, input as I),
    narrow: narrow as Act['narrow'],
  }
}

function agentIn(input: unknown): readonly string[] | null {
  const { agent } = (input ?? {}) as { agent?: unknown }
  return typeof agent === 'string' ? [agent] : null
}

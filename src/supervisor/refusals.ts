import type { Clock } from '../base/clock.ts'
import { Gathered } from '../base/gathered.ts'
import type { RefusingDoor } from '../domain/doors/types.ts'
import type { Right, Role } from '../domain/operators/rules.ts'
import { canonical } from '../base/canonical.ts'
import type { Journal } from '../journal/journal.ts'
import type { Draft } from '../journal/types.ts'

/** After the first of a kind, others are gathered for so long. */
const GATHER_MS = 60_000

/**
 * Writes down that a door refused requests before it knew of whom. Whoever makes them may make any
 * number, so that many are one event. The answer notes one.
 */
export function refusalsAt(
  id: RefusingDoor,
  { journal, clock, problem }: RefusalParts,
): (why: string) => void {
  const gathered = new Gathered(clock, GATHER_MS, (why, times) => {
    const body = { id, why, times }
    return writeDown({ type: 'door.refused', actor: 'guest', subject: '', body }, journal, problem)
  })
  return (why) => void gathered.note(why)
}

/** An act that somebody may not do. */
export interface RefusedAct {
  actor: string
  act: string
  needs: Right
  role: Role
  door: string
  /** The agent that they named, if there is one of that name. */
  subject: string
  /** They may do it, but not with this agent. */
  isOfAgent: boolean
}

/**
 * Writes down what `execute` refuses: the first of its kind before the answer. Whoever is refused
 * may try any number of times, so that those which follow are one event for each minute.
 */
export function refusedActs({
  journal,
  clock,
  problem,
}: RefusalParts): (refusal: RefusedAct) => Promise<void> {
  const gathered = new Gathered(clock, GATHER_MS, (kind, times, about) => {
    const { actor, subject = about, ...of } = JSON.parse(kind) as RefusedKind
    const draft: Draft = { type: 'act.refused', actor, subject, body: { ...of, times } }
    return writeDown(draft, journal, problem)
  })
  return ({ subject, isOfAgent, ...of }) => {
    const kind: RefusedKind = isOfAgent ? { ...of, subject } : of
    return gathered.note(canonical(kind), subject)
  }
}

/** What refusals that are told together have in common. */
type RefusedKind = Omit<RefusedAct, 'subject' | 'isOfAgent'> & { subject?: string }

async function writeDown(
  draft: Draft,
  journal: Journal,
  problem: RefusalParts['problem'],
): Promise<void> {
  try {
    await journal.append(() => [draft])
  } catch (thrown) {
    problem(`a refusal was not written down: ${String(thrown)}`)
  }
}

interface RefusalParts {
  journal: Journal
  clock: Clock
  problem: (what: string) => void
}

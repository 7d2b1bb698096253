import type { Fault } from '../../../base/fault.ts'

/** Since when something is frozen, by whom and why. Times are Unix milliseconds. */
export interface Frozen {
  at: number
  /** The actor who froze it. */
  by: string
  /** In words for a person; '' if nothing was said. */
  why: string
  /** With the whole fleet. What was frozen by itself stays frozen when the fleet is thawed. */
  withFleet: boolean
}

/** An agent that is frozen, as its row says it. */
export interface FrozenAgent extends Frozen {
  /** Nothing of it runs: its pod is paused, or it has none. */
  held: boolean
  /** Why its pod could not be paused; '' if it could. */
  problem: string
}

/** One that is frozen, by its name; or the fleet, by `FLEET`. */
export interface Freeze extends Frozen {
  id: string
  /** Of the fleet: agents that were let go on since. */
  thawed: string[]
}

/** The row that says that the whole fleet is frozen. */
export const FLEET = '*'

/** No operator was seen for too long, or nearly. */
export interface Absence {
  id: 'operators'
  /** Unix milliseconds of when somebody was seen last. */
  since: number
  /** What happens, or happened, at `until`. */
  response: AbsenceResponse
  until: number
  state: 'warned' | 'reached'
}

/** What is done when no operator was seen for too long. */
export type AbsenceResponse = 'freeze' | 'deny'

/** What came of freezing or thawing. */
export interface FreezeReport {
  /** Whose state changed, or was to be made sure of. */
  agents: string[]
  /** Milliseconds until nothing of them ran any more, or all of them ran again. */
  ms: number
  /** Pods that could not be paused or resumed. */
  failed: { agent: string; why: string }[]
  /** After the fleet was thawed: agents that were frozen by themselves. */
  stillFrozen: string[]
}

export interface FreezeService {
  /** Again, it makes sure that nothing runs. Faults: `agent.unknown`, `backend.failed`. */
  freeze(agent: string, why: string, actor: string): Promise<FreezeReport>
  /** Freezes all agents that there are, and those that are to come. Fault `backend.failed`. */
  freezeAll(why: string, actor: string): Promise<FreezeReport>
  /** Faults: `agent.unknown`, `not.possible`, `backend.failed`. */
  thaw(agent: string, actor: string): Promise<FreezeReport>
  thawAll(actor: string): Promise<FreezeReport>
  /** The names of those that go on if the fleet is thawed. */
  thawable(): string[]
}

/** What was frozen while no supervisor ran. `agent` null: the fleet. */
export interface FreezeMark {
  at: number
  by: string
  agent: string | null
  why: string
}

/** Pods that could not be paused or resumed, each with why. */
export type PodFailures = ReadonlyMap<string, Fault>

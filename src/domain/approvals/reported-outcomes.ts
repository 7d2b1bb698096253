import type { Outcome } from './types.ts'

type ReportedOutcome = Omit<Outcome, 'at'>

const MAX_REMEMBERED = 4096

/** The latest outcomes of actions that no person decided: they have no row of their own. */
export class ReportedOutcomes {
  readonly #latest = new Map<string, ReportedOutcome>()
  /** For actions up to this event it is not known whether they were reported. */
  #knownAfter: number

  /** `head`: the last event of the journal. */
  constructor(head: number) {
    this.#knownAfter = head
  }

  get(id: string): ReportedOutcome | undefined {
    return this.#latest.get(id)
  }

  /** Whether an earlier report of this action would be known. */
  knows(id: string): boolean {
    return seqOfAction(id) > this.#knownAfter
  }

  add(id: string, outcome: ReportedOutcome): void {
    this.#latest.set(id, outcome)
    const oldest = this.#latest.keys().next().value
    if (this.#latest.size <= MAX_REMEMBERED || oldest === undefined) return
    this.#latest.delete(oldest)
    this.#knownAfter = Math.max(this.#knownAfter, seqOfAction(oldest))
  }

  /** For a report that was not journalled after all. */
  forget(id: string): void {
    this.#latest.delete(id)
  }
}

/** An action's id is the number of its event. */
function seqOfAction(id: string): number {
  return Number.parseInt(id.slice('act_'.length), 36)
}

export function sameOutcome(a: ReportedOutcome, b: ReportedOutcome): boolean {
  return a.result === b.result && a.exitCode === b.exitCode && a.note === b.note
}

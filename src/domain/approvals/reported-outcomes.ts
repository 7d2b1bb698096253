import type { Outcome } from './types.ts'

type Told = Omit<Outcome, 'at'>

const MOST = 4096

/** The latest outcomes of actions that no person decided, which have no row of their own. */
export class Reported {
  readonly #latest = new Map<string, Told>()
  #since: number

  /** `head`: of actions up to this event it is not known whether they were told of. */
  constructor(head: number) {
    this.#since = head
  }

  get(id: string): Told | undefined {
    return this.#latest.get(id)
  }

  /** Whether an outcome that was told before would be known. */
  knows(id: string): boolean {
    return seqOf(id) > this.#since
  }

  add(id: string, outcome: Told): void {
    this.#latest.set(id, outcome)
    const oldest = this.#latest.keys().next().value
    if (this.#latest.size <= MOST || oldest === undefined) return
    this.#latest.delete(oldest)
    this.#since = Math.max(this.#since, seqOf(oldest))
  }

  /** What was not written down after all. */
  forget(id: string): void {
    this.#latest.delete(id)
  }
}

/** The id of an action holds its place in the journal. */
export function seqOf(id: string): number {
  return Number.parseInt(id.slice('act_'.length), 36)
}

export function sameOutcome(a: Told, b: Told): boolean {
  return a.result === b.result && a.exitCode === b.exitCode && a.note === b.note
}

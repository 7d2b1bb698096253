import type { Clock } from '../base/clock.ts'
import type { SwitchedDoor } from '../domain/doors/types.ts'
import type { Journal } from '../journal/journal.ts'

/** After the first of a kind, others are gathered for so long. */
const GATHER_MS = 60_000

/**
 * Writes down that a door refused requests before it knew of whom. Whoever makes them may make any
 * number, so that many are one event.
 */
export class Refusals {
  readonly #journal: Journal
  readonly #clock: Clock
  readonly #problem: (what: string) => void
  readonly #gathered = new Map<string, number>()

  constructor(journal: Journal, clock: Clock, problem: (what: string) => void) {
    this.#journal = journal
    this.#clock = clock
    this.#problem = problem
  }

  note(door: SwitchedDoor, why: string): void {
    const kind = `${door} ${why}`
    const more = this.#gathered.get(kind)
    if (more !== undefined) {
      this.#gathered.set(kind, more + 1)
      return
    }
    this.#gathered.set(kind, 0)
    this.#write(door, why, 1)
    this.#clock.after(GATHER_MS, () => {
      const times = this.#gathered.get(kind) ?? 0
      this.#gathered.delete(kind)
      if (times > 0) this.#write(door, why, times)
    })
  }

  #write(id: SwitchedDoor, why: string, times: number): void {
    const body = { id, why, times }
    this.#journal
      .append(() => [{ type: 'door.refused', actor: 'guest', subject: '', body }])
      .catch((thrown: unknown) =>
        this.#problem(`a refusal was not written down: ${String(thrown)}`),
      )
  }
}

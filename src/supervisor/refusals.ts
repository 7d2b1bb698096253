import type { Clock } from '../base/clock.ts'
import { Gathered } from '../base/gathered.ts'
import type { RefusingDoor } from '../domain/doors/types.ts'
import type { Journal } from '../journal/journal.ts'

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
  const gathered = new Gathered(clock, GATHER_MS, async (why, times) => {
    const body = { id, why, times }
    try {
      await journal.append(() => [{ type: 'door.refused', actor: 'guest', subject: '', body }])
    } catch (thrown) {
      problem(`a refusal was not written down: ${String(thrown)}`)
    }
  })
  return (why) => void gathered.note(why)
}

interface RefusalParts {
  journal: Journal
  clock: Clock
  problem: (what: string) => void
}

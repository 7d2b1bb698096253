import type { Journal } from '../../journal/journal.ts'
import type { Turns } from './turns.ts'

/**
 * A journal that counts what is decided in its transactions as time spent on the agent whose
 * question it is.
 */
export function timedJournal(journal: Journal, turns: Turns): Journal {
  return {
    append: (decide) => journal.append(turns.timed(decide)),
    follow: (take) => journal.follow(take),
    head: () => journal.head(),
    rows: journal.rows,
    close: () => journal.close(),
  }
}

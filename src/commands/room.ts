import type { Noun } from '../journal/noun.ts'
import type { Journal } from '../journal/journal.ts'
import type { Store } from '../store/open.ts'
import type { Clock } from '../base/clock.ts'
import type { RecordServices } from './deck.ts'
import type { Command } from './face.ts'

/** What a service of records is made from: most nouns need no more. */
export interface RecordContext {
  journal: Journal
  store: Store
  clock: Clock
}

/** What a noun brings along: for the journal, for the doors, and for the deck. */
export interface Room {
  nouns: readonly Noun[]
  commands: readonly Command[]
  /** Its service, by its name in `RecordServices`, where the journal is all that it needs. Loaded when the deck is composed. */
  service?: (context: RecordContext) => Promise<Partial<RecordServices>>
}

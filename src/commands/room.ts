import type { Noun } from '../journal/noun.ts'
import type { Journal } from '../journal/journal.ts'
import type { Store } from '../store/open.ts'
import type { Clock } from '../base/clock.ts'
import type { RecordServices } from './deck.ts'
import type { RoomCommand } from './face.ts'

/** What a service needs if its noun only keeps records. */
export interface RecordContext {
  journal: Journal
  store: Store
  clock: Clock
}

/** What a noun adds to the deck: nouns of the journal, commands and a service. */
export interface Room {
  nouns: readonly Noun[]
  commands: readonly RoomCommand[]
  /** Makes its service, by its name in `RecordServices`, if that needs only the journal. */
  service?: (context: RecordContext) => Promise<Partial<RecordServices>>
}

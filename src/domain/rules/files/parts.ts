import type { Clock } from '../../../base/clock.ts'
import type { yielder } from '../../../base/yield.ts'
import type { Journal } from '../../../journal/journal.ts'
import type { Store } from '../../../store/open.ts'
import type { Learning } from '../service.ts'

/** What rules that travel are taken from and brought into. */
export interface FilesParts {
  learning: Pick<Learning, 'usable' | 'book'>
  journal: Journal
  store: Store
  clock: Clock
  /** How long work lets others go first. */
  yielder: typeof yielder
}

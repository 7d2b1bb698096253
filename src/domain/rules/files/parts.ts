import type { Clock } from '../../../base/clock.ts'
import type { yielder } from '../../../base/yield.ts'
import type { Journal } from '../../../journal/journal.ts'
import type { Store } from '../../../store/open.ts'
import type { Learning } from '../learning/learning.ts'

/** What importing and exporting rules needs of the deck. */
export interface RuleFileParts {
  learning: Pick<Learning, 'usable' | 'book'>
  journal: Journal
  store: Store
  clock: Clock
  /** How long work lets other work run in between. */
  yielder: typeof yielder
}

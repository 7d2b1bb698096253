import type { LedgerLine } from '../domain/governance/ledger/types.ts'
import type { MirroredRows } from '../journal/types.ts'

/** What a face can be about: what is under the cursor when its key is pressed. */
export interface Subjects extends MirroredRows {
  event: { seq: number }
  action: LedgerLine
  deck: undefined
}

export type SubjectKind = keyof Subjects

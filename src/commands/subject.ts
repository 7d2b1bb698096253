import type { Freeze } from '../domain/agents/freezing/types.ts'
import type {
  ControlLine,
  EvidenceLine,
  FrameworkLine,
} from '../domain/governance/compliance/types.ts'
import type { LedgerLine } from '../domain/governance/ledger/types.ts'
import type { MirroredRows } from '../journal/types.ts'

/** What a face can be about: what is under the cursor when its key is pressed. */
export interface Subjects extends MirroredRows {
  event: { seq: number }
  action: LedgerLine
  framework: FrameworkLine
  control: ControlLine
  evidence: EvidenceLine
  deck: DeckNow
}

/** What decides whether something about the whole deck is possible. */
export interface DeckNow {
  /** While the fleet is frozen. */
  fleet: Freeze | undefined
}

export type SubjectKind = keyof Subjects

import { noun } from '../../../journal/noun.ts'
import type { DeskSignal } from './types.ts'

declare module '../../../journal/types.ts' {
  interface MirroredRows {
    signal: DeskSignal
  }
}

/** What people should look at now. It is computed, and not journalled as such. */
export const signalNoun = noun({
  name: 'signal',
  table: false,
  folds: {},
  agentOf: ({ agent }: DeskSignal) => agent,
})

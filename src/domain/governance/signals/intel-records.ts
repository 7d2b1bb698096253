import { canonical } from '../../../base/canonical.ts'
import type { RecordChanges } from '../records/service.ts'
import { MINUTE, sinceTime } from '../times.ts'
import type { IntelFact } from './types.ts'

/** The kind of record that says what an agent's tools reported last of some part. */
export const INTEL = 'guard_intel'

/** The same report is written again no more often than this. */
const AGAIN_AFTER = 5 * MINUTE

const PARTS = ['branch', 'mcp'] as const

/**
 * Writes down what a question to the guard reports that signals go by, once for each agent and
 * part, so that they need not look through all questions.
 */
export function noteIntel(
  changes: RecordChanges,
  { agent_id, action_type, intel, notGreen }: Omit<IntelFact, 'created_at'>,
): void {
  const note = (part: string, fact: Pick<IntelFact, 'intel' | 'notGreen'>) => {
    const key = `${part}/${agent_id ?? ''}`
    const before = changes.get<IntelFact>(INTEL, key)
    const isSame = before !== undefined && canonical(before.intel) === canonical(fact.intel)
    if (isSame && sinceTime(before.created_at, Date.parse(changes.now)) < AGAIN_AFTER) return
    changes.make(INTEL, key, { ...fact, agent_id, action_type, created_at: changes.now })
  }
  for (const part of PARTS) {
    const value = intel[part]
    if (typeof value === 'object' && value !== null)
      note(part, { intel: { [part]: value }, notGreen: false })
  }
  if (notGreen) note('green', { intel: {}, notGreen: true })
}

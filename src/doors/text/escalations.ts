import { ago, plain } from '../../base/text.ts'
import type { Escalation } from '../../domain/alerts/types.ts'

/** Who was told of a question that waits, in a few words; undefined if nobody was. */
export function escalationText(row: Escalation | undefined, now: number): string | undefined {
  if (row === undefined) return undefined
  if (row.held) return 'told at the end of quiet hours'
  return `escalated to ${plain(row.to.join(', '), 200)} ${ago(row.at, now)}`
}

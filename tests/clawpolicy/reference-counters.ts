import type { Row } from './reference-reading.ts'
import type { ReadReport } from './reference-report.ts'

export function countFeedback(row: Row, read: ReadReport, risk: string, now: string): void {
  const add = (key: string) => {
    row[key] = (row[key] as number) + 1
  }
  if (row.status === 'hint') row.status = 'candidate'
  row.last_seen_at = now
  add('evidence_count')
  if (risk !== '') row['risk_level'] = risk
  if (row['last_applied_at'] === '') row['last_applied_at'] = now
  if (read.miss) add('conflict_count')
  const auto = row.policy_decision === 'auto_execute'
  if (read.result === 'success') countSuccess(row, read, auto, add)
  else countOther(row, read, auto, add)
}

function countSuccess(
  row: Row,
  { evidence, pos, neg }: ReadReport,
  auto: boolean,
  add: (key: string) => void,
): void {
  add('success_streak')
  row['failure_streak'] = 0
  row.confidence = Math.min(1, row.confidence + (evidence.startsWith('explicit') ? 0.1 : 0.05))
  if (auto) add('accepted_auto_execute_count')
  if (pos) add('accepted_confirmation_count')
  if (neg) add('override_streak')
  else row['override_streak'] = 0
}

function countOther(
  row: Row,
  { bad, result, neg }: ReadReport,
  auto: boolean,
  add: (key: string) => void,
): void {
  row['success_streak'] = 0
  row.confidence = auto ? Math.max(0, row.confidence - 0.2) : Math.min(1, row.confidence + 0.05)
  if (bad) add('failure_streak')
  if (result === 'rollback') add('rollback_count')
  if (neg) add('override_streak')
}

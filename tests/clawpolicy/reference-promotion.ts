import type { LoggedLine, Row } from './reference-reading.ts'

/** What the promotion gate looks at; `window` is a number of log lines. */
export interface Gate {
  conflict: boolean
  risk: string
  window: number
}

/** Whether the promotion gate opens, by the outcomes in a log. */
export function promotes(
  row: Row,
  log: readonly LoggedLine[],
  { conflict, risk, window }: Gate,
): boolean {
  const mine = log
    .slice(-2000)
    .slice(-window)
    .filter((line) => line.type === 'decision_outcome' && line.matched?.includes(row.id) === true)
  const explicit = mine.some(({ override }) =>
    [
      'confirmed_after_prompt',
      'prefer_auto_execute',
      'prefer_confirmation',
      'blocked_auto_execute',
    ].includes(override ?? ''),
  )
  const successes = mine.filter((line) => line.result === 'success')
  const accepted = Math.max(
    row['accepted_auto_execute_count'] as number,
    successes.filter((line) => line.final === 'auto_execute' && line.override === '').length,
  )
  if (
    row.policy_decision === '' ||
    (row['evidence_count'] as number) < 3 ||
    row['summary'] === '' ||
    (row['validation'] as string[]).length === 0 ||
    conflict
  )
    return false
  if (
    [
      'git_history',
      'file_pattern',
      'workflow_test_ratio',
      'tech_stack_frequency',
      'rl_feedback',
      'legacy',
    ].includes(row['source_type'] as string)
  )
    return false
  if (!explicit && successes.length < 3 && accepted < 3) return false
  return !(
    ['high', 'critical'].includes(risk) &&
    row.policy_decision === 'auto_execute' &&
    !explicit
  )
}

import type { ModelReport } from './reference-reading.ts'

/** A report with its meaning. */
export interface ReadReport {
  result: string
  override: string
  ranUnasked: boolean
  bad: boolean
  pos: boolean
  neg: boolean
  miss: boolean
  evidence: string
  desired: string
}

export function readReport(
  { result: reported, cancelled, override = '' }: ModelReport,
  final: string,
): ReadReport {
  const result = reported || (cancelled ? 'cancel' : 'success')
  const pos = ['confirmed_after_prompt', 'prefer_auto_execute', 'forced_auto_execute'].includes(
    override,
  )
  const neg = ['prefer_confirmation', 'blocked_auto_execute'].includes(override)
  const miss = override === 'should_have_required_confirmation'
  const bad = result === 'failure' || result === 'rollback'
  const ranUnasked = final === 'auto_execute'
  const failed = bad && ranUnasked
  const evidence = firstOf(
    [override.startsWith('prefer_'), 'explicit_preference'],
    [pos || neg, 'explicit_correction'],
    [miss, 'missed_confirmation'],
    [failed, 'repeated_failure'],
    [result === 'success' && ranUnasked, 'repeated_success'],
  )
  const desired = firstOf(
    [pos, 'auto_execute'],
    [neg || failed, 'require_confirmation'],
    [true, final],
  )
  return { result, override, ranUnasked, bad, pos, neg, miss, evidence, desired }
}

export function firstOf(...rows: [boolean, string][]): string {
  return rows.find(([holds]) => holds)?.[1] ?? ''
}

export function suspensionReason(
  { result, ranUnasked, neg, miss }: ReadReport,
  conflict: boolean,
  n: (key: string) => number,
): string {
  const kind = firstOf(
    [result === 'rollback', 'rollback'],
    [neg, 'override'],
    [result === 'failure' && ranUnasked, 'failure'],
    [miss, 'missed'],
  )
  return firstOf(
    [kind === 'rollback', 'rollback'],
    [conflict, 'conflict'],
    [kind === 'failure' && n('failure_streak') >= 2, 'repeated_failure'],
    [kind === 'override' && n('override_streak') >= 2, 'repeated_override'],
    [kind === 'missed' && n('conflict_count') >= 2, 'missed_confirmation'],
  )
}

import {
  latestFirst,
  matchesTask,
  normalized,
  riskOf,
  scopeOf,
  selectRule,
  summaryOf,
  textOf,
  type Bag,
  type LoggedLine,
  type ModelDecision,
  type ModelReport,
  type Row,
} from './reference-reading.ts'
import { countFeedback } from './reference-counters.ts'
import { promotes, type Gate } from './reference-promotion.ts'
import { firstOf, readReport, suspensionReason, type ReadReport } from './reference-report.ts'

/**
 * The lifecycle once more, as plainly as it can be written: one mutable list of rules, one list of
 * events, no index, no drafts, nothing shared with the engine but its shapes. Slow, and only as the
 * original is: nothing is corrected.
 */
export class ReferenceModel {
  rows: Row[]
  readonly log: LoggedLine[] = []
  readonly #now: () => string
  readonly #uuid: () => string

  constructor(rows: readonly object[], now: () => string, uuid: () => string) {
    this.rows = rows.map((row) => structuredClone(row) as Row)
    this.#now = now
    this.#uuid = uuid
  }

  decide(task: Bag): ModelDecision {
    const now = this.#now()
    const matched = this.rows.filter((row) => matchesTask(row, task))
    const risk = riskOf(task)
    const confirmed = matched.filter(
      (row) => row.status === 'confirmed' && row.policy_decision !== '',
    )
    const { row, label } = selectRule(confirmed)
    const listed = latestFirst(matched.filter((one) => one.policy_decision !== ''))
    const made = (
      final: string,
      reason: string,
      fallback: string,
      resolution = label,
    ): ModelDecision => ({
      id: `dec_${this.#uuid().replaceAll('-', '').slice(0, 12)}`,
      final,
      reason,
      fallback,
      resolution,
      risk,
      matched: listed.map(({ id }) => id),
      type: textOf(task, 'task_type') || 'T2',
    })
    const [yes, no] = ['auto_execute', 'require_confirmation']
    let verdict: ModelDecision
    if (risk === 'critical')
      verdict = made(
        no,
        'Critical risk heuristic requires confirmation',
        matched.length > 0 ? 'heuristic override' : '',
        label === 'heuristic_default' ? 'critical_risk_override' : label,
      )
    else if (row !== undefined)
      verdict = made(
        row.policy_decision,
        `Confirmed ${row.scope} rule ${row.policy_decision === yes ? 'allows auto execution' : 'requires confirmation'}`,
        '',
      )
    else if (confirmed.length > 0)
      verdict = made(
        no,
        'Conflicting confirmed rules require confirmation',
        'ambiguous confirmed conflict',
      )
    else if (risk === 'low')
      verdict = made(
        yes,
        'Low-risk heuristic fallback allows auto execution',
        'first-time task; heuristic fallback',
      )
    else
      verdict = made(
        no,
        'No confirmed rule; confirmation required',
        firstOf(
          [
            matched.some((one) => one.status === 'suspended'),
            'suspended rule requires confirmation',
          ],
          [matched.length > 0, 'insufficient confidence'],
          [true, 'first-time task'],
        ),
      )
    for (const one of matched) {
      one['last_applied_at'] = now
      one.last_seen_at = now
    }
    this.log.push({ type: 'decision_evaluated', decision: verdict.id, evaluated: verdict })
    return verdict
  }

  report(task: Bag, id: string, report: ModelReport): void {
    const verdict =
      this.log
        .slice(-1000)
        .findLast((line) => line.type === 'decision_evaluated' && line.decision === id)
        ?.evaluated ?? this.decide(task)
    const now = this.#now()
    const read = readReport(report, verdict.final)
    const moves: string[] = []
    const before = this.log.length
    const targets = this.#targets(task, verdict, read)
    for (const row of targets) {
      const was = row.status
      countFeedback(row, read, verdict.risk, now)
      const window = 2000 - (this.log.length - before)
      const move = this.#transition(row, was, read, { risk: verdict.risk, window })
      if (move !== undefined) {
        moves.push(move.event)
        row['last_lifecycle_event_at'] = now
      }
      this.log.push({
        type: move?.event ?? 'rule_updated',
        rule: row.id,
        trigger: move?.reason ?? 'runtime_feedback',
        source: read.evidence,
      })
    }
    if (targets.length > 0) this.#sweep(now)
    this.log.push({
      type: 'decision_outcome',
      decision: verdict.id,
      matched: verdict.matched,
      override: read.override,
      result: read.result,
      final: verdict.final,
      transition: moves.join(','),
    })
  }

  #targets(task: Bag, verdict: ModelDecision, { evidence, desired, neg, miss }: ReadReport): Row[] {
    if (evidence === '') return []
    const everyone = evidence === 'repeated_failure' || neg || miss
    const found = verdict.matched
      .map((key) => this.rows.find((row) => row.id === key))
      .filter((row) => row !== undefined)
    const targets = found.filter((row) => everyone || row.policy_decision === desired)
    return targets.length === 0 && evidence !== 'repeated_success'
      ? [this.#create(task, evidence, desired, verdict.risk)]
      : targets
  }

  #create(task: Bag, evidence: string, desired: string, risk: string): Row {
    const type = textOf(task, 'task_type') || 'T2'
    const command = normalized(textOf(task, 'command'))
    const row = {
      id: `policy_${this.#uuid().replaceAll('-', '').slice(0, 10)}`,
      trigger: [
        `task_type:${type}`,
        command === '' ? `task:${normalized(summaryOf(task))}` : `command:${command}`,
      ],
      summary: `${desired === 'auto_execute' ? 'Auto execute' : 'Require confirmation'} for ${summaryOf(task)}`,
      validation: ['v'],
      confidence: evidence.startsWith('explicit') ? 0.6 : 0.5,
      status: 'candidate',
      ...scopeOf(task),
      evidence_count: 1,
      source_type: evidence,
      policy_decision: desired,
      risk_level: risk,
      last_seen_at: '',
      last_applied_at: '',
      success_streak: 0,
      failure_streak: 0,
      override_streak: 0,
      rollback_count: 0,
      accepted_auto_execute_count: 0,
      accepted_confirmation_count: 0,
      conflict_count: 0,
      suspension_reason: '',
      last_lifecycle_event_at: '',
    }
    this.rows.push(row)
    return row
  }

  #comparable(row: Row): Row[] {
    const name = (one: Row) => JSON.stringify([one.scope, one.scope_key, [...one.trigger].sort()])
    return this.rows.filter(
      (other) => other !== row && other.status === 'confirmed' && name(other) === name(row),
    )
  }

  #transition(
    row: Row,
    was: string,
    read: ReadReport,
    gate: Omit<Gate, 'conflict'>,
  ): { event: string; reason: string } | undefined {
    const conflict = this.#comparable(row).some(
      (other) => other.policy_decision !== row.policy_decision,
    )
    const n = (key: string) => row[key] as number
    if (was === 'confirmed') {
      const reason = suspensionReason(read, conflict, n)
      if (reason === '') return undefined
      row.status = 'suspended'
      row['suspension_reason'] = reason
      return { event: 'rule_suspended', reason }
    }
    if (was === 'suspended') {
      if (n('accepted_confirmation_count') < 2 && n('accepted_auto_execute_count') < 2)
        return this.#archive(row)
      Object.assign(row, {
        status: 'candidate',
        suspension_reason: '',
        failure_streak: 0,
        override_streak: 0,
        conflict_count: 0,
      })
      return { event: 'rule_reactivated', reason: 'positive_evidence' }
    }
    if (row.status !== 'candidate' || !promotes(row, this.log, { ...gate, conflict }))
      return undefined
    row.status = 'confirmed'
    return { event: 'rule_promoted', reason: 'candidate_promoted' }
  }

  #archive(row: Row): { event: string; reason: string } | undefined {
    const against = [
      'failure_streak',
      'override_streak',
      'rollback_count',
      'conflict_count',
    ].reduce((sum, key) => sum + (row[key] as number), 0)
    const reason = firstOf(
      [this.#comparable(row).length > 0, 'superseded'],
      [against >= 3, 'continued_negative_evidence'],
    )
    if (reason === '') return undefined
    row.status = 'archived'
    return { event: 'rule_archived', reason }
  }

  #sweep(now: string): void {
    for (const row of this.rows.filter(({ status }) => status === 'suspended')) {
      const move = this.#archive(row)
      if (move === undefined) continue
      row['last_lifecycle_event_at'] = now
      this.log.push({
        type: 'rule_archived',
        rule: row.id,
        trigger: move.reason,
        source: 'lifecycle',
      })
    }
  }
}

/**
 * The lifecycle once more, as plainly as it can be written: one mutable list of rules, one list of events, no index, no
 * drafts, nothing shared with the engine but its shapes. Slow, and only as the original is: nothing is corrected.
 */
type Row = Record<string, unknown> & {
  id: string
  trigger: string[]
  status: string
  policy_decision: string
  scope: string
  scope_key: string
  last_seen_at: string
  confidence: number
}
interface Logged {
  type: string
  rule?: string
  trigger?: string
  source?: string
  transition?: string
  matched?: string[]
  override?: string
  result?: string
  final?: string
  decision?: string
  evaluated?: Verdict
}
interface Verdict {
  id: string
  final: string
  reason: string
  resolution: string
  fallback: string
  risk: string
  matched: string[]
  type: string
}
interface Said {
  result?: string
  prompted: boolean
  cancelled: boolean
  override?: string
}
type Bag = Readonly<Record<string, unknown>>

const low =
  'test tests format lint check log status info list validate verify docs read view show display inspect describe explain analyze measure benchmark profile build compile bundle'.split(
    ' ',
  )
const high =
  'rm remove delete unlink rmdir fdisk mkfs chmod chown iptables docker podman kubectl'.split(' ')
const rank = ['low', 'medium', 'high', 'critical']

export class SlowModel {
  rows: Row[]
  readonly log: Logged[] = []
  readonly #now: () => string
  readonly #uuid: () => string

  constructor(rows: readonly object[], now: () => string, uuid: () => string) {
    this.rows = rows.map((row) => structuredClone(row) as Row)
    this.#now = now
    this.#uuid = uuid
  }

  #text(task: Bag, key: string): string {
    return (task[key] as string | undefined) ?? ''
  }
  #files(task: Bag): string[] {
    return (task['files'] as string[] | undefined) ?? []
  }
  #norm(text: string): string {
    return text.toLowerCase().split(/\s+/).filter(Boolean).join(' ')
  }
  #summary(task: Bag): string {
    return (
      this.#text(task, 'task_summary') ||
      this.#text(task, 'task_description').slice(0, 120) ||
      this.#text(task, 'command').slice(0, 120)
    )
  }

  #domain(task: Bag): string {
    const named = this.#norm(this.#text(task, 'domain'))
    if (['code', 'ops', 'docs', 'review', 'analysis'].includes(named)) return named
    const text = [
      this.#text(task, 'command'),
      this.#summary(task),
      this.#text(task, 'task_description'),
      ...this.#files(task),
    ]
      .map((part) => this.#norm(part))
      .join(' ')
    if (/docs\/|mkdocs|readme|\.md|documentation/.test(text)) return 'docs'
    if (/deploy|docker|kubernetes|kubectl|terraform|ops/.test(text)) return 'ops'
    if (/review|approve|comment|diff|audit/.test(text)) return 'review'
    return /analyze|analysis|benchmark|profile|measure/.test(text) ? 'analysis' : 'code'
  }

  #scope(task: Bag): { scope: string; scope_key: string } {
    const key = this.#text(task, 'scope_key') || this.#text(task, 'project_path') || '/proj'
    const asked = this.#text(task, 'scope')
    if (asked === 'global') return { scope: 'global', scope_key: '' }
    if (asked === 'domain')
      return { scope: 'domain', scope_key: this.#text(task, 'domain') || this.#domain(task) }
    return { scope: 'project', scope_key: key }
  }

  #matches(row: Row, task: Bag): boolean {
    if (row.status === 'archived') return false
    if (
      row.scope === 'project' &&
      row.scope_key !== '' &&
      row.scope_key !== this.#scope(task).scope_key
    )
      return false
    if (row.scope === 'domain' && row.scope_key !== '' && row.scope_key !== this.#domain(task))
      return false
    const prose = this.#norm(
      [this.#summary(task), this.#text(task, 'task_description'), this.#text(task, 'command')].join(
        ' ',
      ),
    )
    const strict = row.trigger.filter((trigger) =>
      /^(?:task_type|command|task|file|keyword):/.test(trigger),
    )
    if (strict.length === 0)
      return row.trigger.some(
        (trigger) =>
          trigger === this.#text(task, 'task_type') || prose.includes(this.#norm(trigger)),
      )
    return strict.every((trigger) => {
      const value = trigger.slice(trigger.indexOf(':') + 1)
      if (trigger.startsWith('task_type:')) return value === this.#text(task, 'task_type')
      if (trigger.startsWith('command:'))
        return this.#norm(value) === this.#norm(this.#text(task, 'command'))
      if (trigger.startsWith('task:')) return this.#norm(value) === this.#norm(this.#summary(task))
      if (trigger.startsWith('file:'))
        return this.#files(task).some((file) => this.#norm(file) === this.#norm(value))
      return prose.includes(this.#norm(value))
    })
  }

  #risk(task: Bag): string {
    const text = this.#norm(
      `${this.#text(task, 'task_description')} ${this.#text(task, 'command')}`,
    )
    const words = text.split(/[^\p{L}\p{N}_]+/u)
    let level = 'medium'
    const raise = (to: string) => {
      if (rank.indexOf(to) > rank.indexOf(level)) level = to
    }
    if (
      high.some((word) => words.includes(word)) ||
      /mkfs|fdisk|format disk|format \/dev|git push --force|git reset --hard/.test(text)
    )
      raise('critical')
    if (level === 'medium' && low.some((word) => words.includes(word))) level = 'low'
    for (const file of this.#files(task).map((path) => this.#norm(path))) {
      if (/home|etc|system|root|\.env|config\.py|config\.json|secrets/.test(file)) raise('high')
      if (/package\.json|requirements\.txt|pom\.xml|build\.gradle/.test(file)) raise('medium')
      if (/delete|remove|unlink/.test(file)) raise('critical')
    }
    return level
  }

  #at(row: Row): number {
    const text = row.last_seen_at
    if (text === '') return -Infinity
    const fraction = Number(/\.(\d+)/.exec(text)?.[1] ?? 0)
    return Date.parse(text.replace(/\.\d+/, '')) * 1000 + fraction
  }

  #select(rows: Row[]): { row: Row | undefined; label: string } {
    for (const [i, scope] of ['project', 'domain', 'global'].entries()) {
      const inside = rows
        .filter((row) => row.scope === scope)
        .map((row, place) => ({ row, place }))
        .sort((a, b) =>
          this.#at(b.row) === this.#at(a.row)
            ? a.place - b.place
            : this.#at(b.row) > this.#at(a.row)
              ? 1
              : -1,
        )
        .map(({ row }) => row)
      const top = inside[0]
      if (top === undefined) continue
      const other = inside.find((row) => row.policy_decision !== top.policy_decision)
      if (other !== undefined && !(this.#at(other) < this.#at(top)))
        return { row: undefined, label: 'ambiguous_same_scope_conflict' }
      const wider = ['project', 'domain', 'global']
        .slice(i + 1)
        .find((name) => rows.some((row) => row.scope === name))
      if (wider !== undefined) return { row: top, label: `${scope}_over_${wider}` }
      return {
        row: top,
        label:
          other !== undefined
            ? 'same_scope_newer_confirmed'
            : inside.length > 1
              ? 'same_scope_consistent_confirmed'
              : `${scope}_confirmed_rule`,
      }
    }
    return { row: undefined, label: 'heuristic_default' }
  }

  decide(task: Bag): Verdict {
    const now = this.#now()
    const matched = this.rows.filter((row) => this.#matches(row, task))
    const risk = this.#risk(task)
    const confirmed = matched.filter(
      (row) => row.status === 'confirmed' && row.policy_decision !== '',
    )
    const { row, label } = this.#select(confirmed)
    const listed = matched
      .filter((one) => one.policy_decision !== '')
      .map((one, place) => ({ one, place }))
      .sort((a, b) =>
        this.#at(a.one) === this.#at(b.one)
          ? a.place - b.place
          : this.#at(b.one) > this.#at(a.one)
            ? 1
            : -1,
      )
    const made = (
      final: string,
      reason: string,
      fallback: string,
      resolution = label,
    ): Verdict => ({
      id: `dec_${this.#uuid().replaceAll('-', '').slice(0, 12)}`,
      final,
      reason,
      fallback,
      resolution,
      risk,
      matched: listed.map(({ one }) => one.id),
      type: this.#text(task, 'task_type') || 'T2',
    })
    const [yes, no] = ['auto_execute', 'require_confirmation']
    let verdict: Verdict
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
        matched.some((one) => one.status === 'suspended')
          ? 'suspended rule requires confirmation'
          : matched.length > 0
            ? 'insufficient confidence'
            : 'first-time task',
      )
    for (const one of matched) {
      one['last_applied_at'] = now
      one.last_seen_at = now
    }
    this.log.push({ type: 'decision_evaluated', decision: verdict.id, evaluated: verdict })
    return verdict
  }

  report(task: Bag, id: string, said: Said): void {
    const verdict =
      this.log
        .slice(-1000)
        .findLast((line) => line.type === 'decision_evaluated' && line.decision === id)
        ?.evaluated ?? this.decide(task)
    const now = this.#now()
    const heard = hear(said, verdict.final)
    const moves: string[] = []
    const before = this.log.length
    const targets = this.#targets(task, verdict, heard)
    for (const row of targets) {
      const was = row.status
      this.#count(row, heard, verdict.risk, now)
      const move = this.#transition(
        row,
        was,
        heard,
        verdict.risk,
        2000 - (this.log.length - before),
      )
      if (move !== undefined) {
        moves.push(move.event)
        row['last_lifecycle_event_at'] = now
      }
      this.log.push({
        type: move?.event ?? 'rule_updated',
        rule: row.id,
        trigger: move?.reason ?? 'runtime_feedback',
        source: heard.evidence,
      })
    }
    if (targets.length > 0) this.#sweep(now)
    this.log.push({
      type: 'decision_outcome',
      decision: verdict.id,
      matched: verdict.matched,
      override: heard.override,
      result: heard.result,
      final: verdict.final,
      transition: moves.join(','),
    })
  }

  #targets(task: Bag, verdict: Verdict, { evidence, desired, neg, miss }: Heard): Row[] {
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
    const type = this.#text(task, 'task_type') || 'T2'
    const command = this.#norm(this.#text(task, 'command'))
    const row = {
      id: `policy_${this.#uuid().replaceAll('-', '').slice(0, 10)}`,
      trigger: [
        `task_type:${type}`,
        command === '' ? `task:${this.#norm(this.#summary(task))}` : `command:${command}`,
      ],
      summary: `${desired === 'auto_execute' ? 'Auto execute' : 'Require confirmation'} for ${this.#summary(task)}`,
      validation: ['v'],
      confidence: evidence.startsWith('explicit') ? 0.6 : 0.5,
      status: 'candidate',
      ...this.#scope(task),
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

  #count(row: Row, heard: Heard, risk: string, now: string): void {
    const add = (key: string) => {
      row[key] = (row[key] as number) + 1
    }
    if (row.status === 'hint') row.status = 'candidate'
    row.last_seen_at = now
    add('evidence_count')
    if (risk !== '') row['risk_level'] = risk
    if (row['last_applied_at'] === '') row['last_applied_at'] = now
    if (heard.miss) add('conflict_count')
    const auto = row.policy_decision === 'auto_execute'
    if (heard.result === 'success') this.#countSuccess(row, heard, auto, add)
    else this.#countOther(row, heard, auto, add)
  }

  #countSuccess(
    row: Row,
    { evidence, pos, neg }: Heard,
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

  #countOther(
    row: Row,
    { bad, result, neg }: Heard,
    auto: boolean,
    add: (key: string) => void,
  ): void {
    row['success_streak'] = 0
    row.confidence = auto ? Math.max(0, row.confidence - 0.2) : Math.min(1, row.confidence + 0.05)
    if (bad) add('failure_streak')
    if (result === 'rollback') add('rollback_count')
    if (neg) add('override_streak')
  }

  #alike(row: Row): Row[] {
    const name = (one: Row) => JSON.stringify([one.scope, one.scope_key, [...one.trigger].sort()])
    return this.rows.filter(
      (other) => other !== row && other.status === 'confirmed' && name(other) === name(row),
    )
  }

  #transition(
    row: Row,
    was: string,
    heard: Heard,
    risk: string,
    back: number,
  ): { event: string; reason: string } | undefined {
    const conflict = this.#alike(row).some((other) => other.policy_decision !== row.policy_decision)
    const n = (key: string) => row[key] as number
    if (was === 'confirmed') {
      const reason = suspends(heard, conflict, n)
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
    if (row.status !== 'candidate' || !this.#promotes(row, conflict, risk, back)) return undefined
    row.status = 'confirmed'
    return { event: 'rule_promoted', reason: 'candidate_promoted' }
  }

  #promotes(row: Row, conflict: boolean, risk: string, back: number): boolean {
    const mine = this.log
      .slice(-2000)
      .slice(-back)
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

  #archive(row: Row): { event: string; reason: string } | undefined {
    const against = [
      'failure_streak',
      'override_streak',
      'rollback_count',
      'conflict_count',
    ].reduce((sum, key) => sum + (row[key] as number), 0)
    const reason =
      this.#alike(row).length > 0 ? 'superseded' : against >= 3 ? 'continued_negative_evidence' : ''
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

/** A report, read. */
interface Heard {
  result: string
  override: string
  ranAlone: boolean
  bad: boolean
  pos: boolean
  neg: boolean
  miss: boolean
  evidence: string
  desired: string
}

function hear({ result: told, cancelled, override = '' }: Said, final: string): Heard {
  const result = told || (cancelled ? 'cancel' : 'success')
  const pos = ['confirmed_after_prompt', 'prefer_auto_execute', 'forced_auto_execute'].includes(
    override,
  )
  const neg = ['prefer_confirmation', 'blocked_auto_execute'].includes(override)
  const miss = override === 'should_have_required_confirmation'
  const bad = result === 'failure' || result === 'rollback'
  const ranAlone = final === 'auto_execute'
  const failed = bad && ranAlone
  const evidence = first(
    [override.startsWith('prefer_'), 'explicit_preference'],
    [pos || neg, 'explicit_correction'],
    [miss, 'missed_confirmation'],
    [failed, 'repeated_failure'],
    [result === 'success' && ranAlone, 'repeated_success'],
  )
  const desired = first(
    [pos, 'auto_execute'],
    [neg || failed, 'require_confirmation'],
    [true, final],
  )
  return { result, override, ranAlone, bad, pos, neg, miss, evidence, desired }
}

function first(...rows: [boolean, string][]): string {
  return rows.find(([holds]) => holds)?.[1] ?? ''
}

function suspends(
  { result, ranAlone, neg, miss }: Heard,
  conflict: boolean,
  n: (key: string) => number,
): string {
  const kind = first(
    [result === 'rollback', 'rollback'],
    [neg, 'override'],
    [result === 'failure' && ranAlone, 'failure'],
    [miss, 'missed'],
  )
  return first(
    [kind === 'rollback', 'rollback'],
    [conflict, 'conflict'],
    [kind === 'failure' && n('failure_streak') >= 2, 'repeated_failure'],
    [kind === 'override' && n('override_streak') >= 2, 'repeated_override'],
    [kind === 'missed' && n('conflict_count') >= 2, 'missed_confirmation'],
  )
}

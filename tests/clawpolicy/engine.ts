import { IndexedBook } from '../../src/clawpolicy/matching/indexed-book.ts'
import { comparisonKey, type RuleBookView } from '../../src/clawpolicy/matching/book.ts'
import { ORIGINAL, type Corrections } from '../../src/clawpolicy/corrections.ts'
import type { ConfirmationDecision, PolicyChange } from '../../src/clawpolicy/decision/decision.ts'
import { PolicyEngine } from '../../src/clawpolicy/engine.ts'
import type { EvidenceLog } from '../../src/clawpolicy/evidence/evidence.ts'
import type { Report } from '../../src/clawpolicy/evidence/feedback.ts'
import { newRule } from '../../src/clawpolicy/files/records.ts'
import { programs } from '../../src/config/programs.ts'
import { TaskMatcher, type TaskContext } from '../../src/clawpolicy/matching/matching.ts'
import type { EngineSources } from '../../src/clawpolicy/times.ts'
import type { PolicyEvent, Rule, Task } from '../../src/clawpolicy/types.ts'

/** Sources whose time advances a second at each reading and whose ids count up. */
export function countingSources(): EngineSources {
  let [ticks, ids] = [0, 0]
  return {
    now: () => Date.UTC(2026, 0, 1) * 1000 + ++ticks * 1_000_000,
    uuid: () => `${String(++ids).padStart(8, '0')}-0000-4000-8000-000000000000`,
  }
}

/** A store in memory. */
export class World {
  readonly book: IndexedBook
  readonly lines: (PolicyEvent | undefined)[] = []
  readonly engine: PolicyEngine

  constructor(rules: Rule[] = [], corrections: Corrections = ORIGINAL, project = '/proj') {
    this.book = new IndexedBook(
      rules.map((rule) => [rule.id, rule] as const),
      corrections,
    )
    this.engine = new PolicyEngine({
      project,
      corrections,
      sources: countingSources(),
      programs: programs(),
    })
  }

  get log(): EvidenceLog {
    return this.engine.evidenceLog(this.lines)
  }

  look(task: Task): ConfirmationDecision {
    return this.engine.evaluate(task, this.book)
  }

  decide(task: Task): ConfirmationDecision {
    const { decision, ...change } = this.engine.decide(task, this.book)
    this.#keep(change)
    return decision
  }

  report(task: Task, report: Report): PolicyEvent[] {
    const change = this.engine.applyReport(task, report, this.book, this.log)
    this.#keep(change)
    return change.events
  }

  /** Decides, and reports on it. */
  live(task: Task, report: Report): { decision: ConfirmationDecision; events: PolicyEvent[] } {
    const decision = this.decide(task)
    return { decision, events: this.report(task, { ...report, decisionId: decision.id }) }
  }

  rule(id: string): Rule {
    return this.book.get(id) as Rule
  }
  get rules(): Rule[] {
    return [...this.book.rules().values()]
  }

  #keep({ rules, events }: PolicyChange): void {
    for (const [key, rule] of rules) this.book.put(key, rule)
    this.lines.push(...events)
  }
}

/** Every rule is a candidate: what an index is compared with. */
export function scannedBook(rules: ReadonlyMap<string, Rule>): RuleBookView {
  return {
    get: (key) => rules.get(key),
    candidates: () => [...rules.values()],
    comparable: (rule) =>
      [...rules].filter(([, other]) => comparisonKey(other) === comparisonKey(rule)),
    archivable: () => [...rules].filter(([, rule]) => rule.status === 'suspended'),
    position: (key) => (rules.has(key) ? [...rules.keys()].indexOf(key) : Infinity),
  }
}

/** Some corrections the other way. */
export function withCorrections(base: Corrections, changes: Partial<Corrections>): Corrections {
  return { ...base, ...changes }
}

export function contextOf(task: Task, project: string, corrections: Corrections): TaskContext {
  return new TaskMatcher({ project, corrections, programs: programs() }).contextOf(task)
}

/**
 * A report about a task that was decided: whether it succeeded, and whether it ran without a
 * prompt.
 */
export function reportOf(
  success: boolean,
  autoExecuted: boolean,
  more: { decisionId?: string; result?: string; override?: string } = {},
): Report {
  return { ...more, prompted: !autoExecuted, cancelled: !success }
}

export const BASE = newRule({
  id: 'base',
  summary: 'Run tests',
  trigger: ['task_type:T2', 'command:python -m pytest tests/'],
  validation: ['v'],
  confidence: 0.9,
  status: 'confirmed',
  scope: 'project',
  scope_key: '/proj',
  evidence_count: 4,
  source_type: 'explicit_preference',
  policy_decision: 'auto_execute',
  last_seen_at: '2025-12-31T00:00:00+00:00',
})
export const PT: Task = {
  task_type: 'T2',
  task_description: 'Run tests',
  command: 'python -m pytest tests/',
}
export const MK: Task = { task_type: 'T2', task_description: 'Call thing', command: 'make thing' }

export const FAIL = reportOf(false, true, { result: 'failure' })
export const ROLLBACK = reportOf(false, true, { result: 'rollback' })
export const OK = reportOf(true, true)
export const says = (override: string, success = true): Report =>
  reportOf(success, false, { override })

import { IndexedBook } from '../../src/clawpolicy/book.ts'
import { ORIGINAL, type Corrections } from '../../src/clawpolicy/corrections.ts'
import {
  decide,
  evaluate,
  type PolicyChange,
  type ConfirmationDecision,
  type EngineContext,
} from '../../src/clawpolicy/decide.ts'
import { evidenceLog } from '../../src/clawpolicy/evidence.ts'
import { applyReport, reportOf, type Report } from '../../src/clawpolicy/feedback.ts'
import { newRule } from '../../src/clawpolicy/files/records.ts'
import type { PolicyEvent, Rule, Task } from '../../src/clawpolicy/types.ts'

/** A store in memory, whose time moves a second at each look and whose ids count up. */
export class World {
  readonly book: IndexedBook
  readonly lines: (PolicyEvent | undefined)[] = []
  readonly engine: EngineContext
  #ticks = 0

  constructor(rules: Rule[] = [], corrections: Corrections = ORIGINAL, project = '/proj') {
    this.book = new IndexedBook(rules.map((rule) => [rule.id, rule] as const))
    let ids = 0
    this.engine = {
      project,
      corrections,
      sources: {
        now: () => Date.UTC(2026, 0, 1) * 1000 + ++this.#ticks * 1_000_000,
        uuid: () => `${String(++ids).padStart(8, '0')}-0000-4000-8000-000000000000`,
      },
    }
  }

  look(task: Task): ConfirmationDecision {
    return evaluate(task, this.book, this.engine)
  }

  decide(task: Task): ConfirmationDecision {
    const { decision, ...change } = decide(task, this.book, this.engine)
    this.#keep(change)
    return decision
  }

  report(task: Task, report: Report): PolicyEvent[] {
    const change = applyReport(
      task,
      report,
      this.book,
      evidenceLog(this.lines, this.engine.corrections),
      this.engine,
    )
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

import { dirname, join, resolve } from 'node:path'
import { CORRECTED, type Corrections } from '../corrections.ts'
import type { PolicyChange } from '../decision/decision.ts'
import { PolicyEngine } from '../engine.ts'
import { plainJson, type PlainJson } from '../files/json.ts'
import { DecisionHistory, confidenceHistory } from '../evidence/history.ts'
import { IndexedBook } from '../matching/indexed-book.ts'
import type { EngineSources } from '../times.ts'
import { AUTO, type ExecutionMode, type Rule, type Task } from '../types.ts'
import { shippedPrograms } from './shipped-programs.ts'
import { PolicyStore } from './policy-store.ts'

export interface ConfirmationOptions {
  /** Which mistakes of the original are corrected; all by default. */
  corrections?: Corrections
  /** Where times and ids come from; by default the system's clock and random UUIDs. */
  sources?: EngineSources
}

/** Further facts of a decision. */
export interface DecisionDetails {
  /** To be passed to `recordExecutionResult`. */
  decisionId: string
  /** The record of the decision, with the keys that it has in the log. */
  decision: DecisionRecord
  /** The matching rules with a decision, latest first, with the keys that they have in the log. */
  matchedRules: Readonly<Record<string, PlainJson>>[]
  /** The highest confidence among the matching rules; informational. */
  confidence: number
  relevantRulesCount: number
}

/** A decision as it is logged. */
export interface DecisionRecord extends Readonly<Record<string, PlainJson>> {
  readonly decision_id: string
  readonly task_summary: string
  readonly task_type: string
  readonly command: string
  readonly risk_level: string
  readonly final_decision: ExecutionMode
  readonly reason: string
  readonly resolution: string
  readonly fallback_reason: string
  readonly explanation_text: string
}

/** Further facts of an execution. */
export interface ExecutionReport {
  /** The decision it is about; without one, the task is evaluated again. */
  decisionId?: string
  /** `success`, `failure`, `rollback`, `cancel`, or any other text. */
  executionResult?: string
  /**
   * What a person said: `confirmed_after_prompt`, `prefer_auto_execute`, `forced_auto_execute`,
   * `prefer_confirmation`, `blocked_auto_execute` or `should_have_required_confirmation`.
   */
  userOverride?: string
}

/** A rule in the confidence history. */
export type ConfidenceEntry = Pick<
  Rule,
  | 'id'
  | 'summary'
  | 'confidence'
  | 'success_streak'
  | 'status'
  | 'scope'
  | 'source_type'
  | 'policy_decision'
>

/** Decides whether tasks may run without asking, and learns from their outcomes. */
export class ConfirmationAPI {
  readonly memoryDir: string
  readonly policyStore: PolicyStore
  readonly #corrections: Corrections
  readonly #engine: PolicyEngine

  /** The memory folder is `.clawpolicy` in the working folder by default; its files are created. */
  constructor(
    memoryDir: string = join(process.cwd(), '.clawpolicy'),
    { corrections = CORRECTED, sources }: ConfirmationOptions = {},
  ) {
    this.memoryDir = memoryDir
    this.#corrections = corrections
    this.policyStore = PolicyStore.bootstrap(memoryDir, { corrections, ensureFiles: true })
    this.#engine = new PolicyEngine({
      corrections,
      project: dirname(resolve(memoryDir)),
      programs: shippedPrograms(),
      ...(sources === undefined ? {} : { sources }),
    })
  }

  /**
   * Whether a task may run without asking, and why. Logs the decision and marks the rules that
   * matched.
   */
  shouldAutoExecute(task: Task): [autoExecute: boolean, reason: string, details: DecisionDetails] {
    const { decision, ...change } = this.#engine.decide(task, this.#book())
    this.#keep(change)
    const record = plainJson(decision.record) as DecisionRecord
    const confidence = record['confidence'] as { max_confidence: number }
    const details: DecisionDetails = {
      decisionId: decision.id,
      decision: record,
      matchedRules: record['matched_rules'] as DecisionDetails['matchedRules'],
      confidence: confidence.max_confidence,
      relevantRulesCount: decision.matched.length,
    }
    return [decision.verdict === AUTO, decision.reason, details]
  }

  /** Learns from an execution. `autoExecuted`: it ran without a prompt. */
  recordExecutionResult(
    task: Task,
    success: boolean,
    autoExecuted: boolean,
    { decisionId, executionResult, userOverride }: ExecutionReport = {},
  ): void {
    const report = {
      prompted: !autoExecuted,
      cancelled: !success,
      ...(decisionId === undefined ? {} : { decisionId }),
      ...(executionResult === undefined ? {} : { result: executionResult }),
      ...(userOverride === undefined ? {} : { override: userOverride }),
    }
    const log = this.#engine.evidenceLog(this.policyStore.loadEventLines())
    this.#keep(this.#engine.applyReport(task, report, this.#book(), log))
  }

  /** Rules about a task type, or without one those with a confidence above 0.5; highest first. */
  getConfidenceHistory(taskType?: string): { rules: ConfidenceEntry[] } {
    const rules = confidenceHistory(this.policyStore.loadRules().values(), taskType)
    return {
      rules: rules.map((rule) => ({
        id: rule.id,
        summary: rule.summary,
        confidence: rule.confidence,
        success_streak: rule.success_streak,
        status: rule.status,
        scope: rule.scope,
        source_type: rule.source_type,
        policy_decision: rule.policy_decision,
      })),
    }
  }

  /** The latest decisions first, each with the outcome that was reported for it, if any. */
  getRecentDecisions(limit = 20): { decisions: DecisionRecord[] } {
    const history = new DecisionHistory(this.#corrections)
    const records = history.recentDecisions(this.policyStore.loadEventLines(), limit)
    return { decisions: records.map((record) => plainJson(record) as DecisionRecord) }
  }

  /** Why a task would be decided as it would be now. Changes nothing. */
  getExplanation(task: Task): string {
    const { record } = this.#engine.evaluate(task, this.#book())
    return record.get('explanation_text') as string
  }

  #book(): IndexedBook {
    return new IndexedBook(this.policyStore.loadRules(), this.#corrections)
  }

  /** Events first: after a crash the log says more than the rules, and never less. */
  #keep({ rules, events }: PolicyChange): void {
    this.policyStore.appendEvents(events)
    if (rules.size === 0) return
    const stored = this.policyStore.loadRules()
    for (const [key, rule] of rules) stored.set(key, rule)
    this.policyStore.saveRules(stored)
  }
}

/** The API over a memory folder, `.clawpolicy` in the working folder by default. */
export function createApi(memoryDir?: string, options: ConfirmationOptions = {}): ConfirmationAPI {
  return new ConfirmationAPI(memoryDir, options)
}

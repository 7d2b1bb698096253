import type { Table } from '../../command-analysis/programs/table.ts'
import { CORRECTED, type Corrections } from '../corrections.ts'
import { BookDraft, type RuleBookView } from '../matching/book.ts'
import { decisionRecord } from './decision-record.ts'
import type { ConfirmationDecision, DecisionReason, PolicyChange } from './decision.ts'
import type { JsonObject } from '../files/json.ts'
import { newEvent, revised } from '../files/records.ts'
import { matches, type TaskMatcher } from '../matching/matching.ts'
import { AMBIGUOUS, Precedence, type Selection } from './precedence.ts'
import type { TaskRisk } from '../risk/level.ts'
import { RiskAssessor } from '../risk/risk.ts'
import { isoTimestamp, type EngineSources } from '../times.ts'
import {
  AUTO,
  ASK,
  type ExecutionMode,
  type PolicyEvent,
  type RiskLevel,
  type Rule,
  type Task,
} from '../types.ts'

interface EvaluatorParts {
  corrections?: Corrections
  sources: EngineSources
  matcher: TaskMatcher
  /** How risky a task is, where the caller knows more of it than its text. */
  risk?: ((task: Task) => TaskRisk) | undefined
  /** Programs whose words are understood. */
  programs?: Table | undefined
}

/** Decides whether tasks may run without asking. */
export class Evaluator {
  readonly #corrections: Corrections
  readonly #sources: EngineSources
  readonly #matcher: TaskMatcher
  readonly #precedence: Precedence
  readonly #riskOf: (task: Task) => TaskRisk

  constructor({ corrections = CORRECTED, sources, matcher, risk, programs }: EvaluatorParts) {
    this.#corrections = corrections
    this.#sources = sources
    this.#matcher = matcher
    this.#precedence = new Precedence(corrections)
    const assessor = new RiskAssessor(corrections, programs)
    this.#riskOf = risk ?? ((task) => assessor.assess(task))
  }

  /** Decides about a task. Changes nothing. */
  evaluate(task: Task, book: RuleBookView): ConfirmationDecision {
    return this.#evaluateAt(task, book, this.#sources.now())
  }

  /** Decides about a task, marks the rules that matched, and logs the decision. */
  decide(task: Task, book: RuleBookView): { decision: ConfirmationDecision } & PolicyChange {
    const micros = this.#sources.now()
    const at = isoTimestamp(micros)
    const decision = this.#evaluateAt(task, book, micros)
    const draft = new BookDraft(book)
    const marks = this.#corrections['reading-changes-nothing']
      ? { last_applied_at: at }
      : { last_applied_at: at, last_seen_at: at }
    for (const { id } of decision.matched) {
      const stored = draft.get(id)
      if (stored !== undefined) draft.put(id, revised(stored, marks))
    }
    return { decision, rules: draft.changed, events: [evaluatedEvent(decision, at)] }
  }

  #evaluateAt(task: Task, book: RuleBookView, micros: number): ConfirmationDecision {
    const context = this.#matcher.contextOf(task)
    const matched = book.candidates(context).filter((rule) => matches(rule, context))
    // Sorted before anything is decided: times that cannot be compared abort the evaluation.
    const recent = this.#precedence.latestFirst(matched)
    return new ReadDecision(
      `dec_${this.#sources.uuid().replaceAll('-', '').slice(0, 12)}`,
      matched,
      {
        risk: () => this.#riskOf(task),
        choice: ({ level }) => this.#choose(matched, level),
        record: (decision) =>
          decisionRecord(decision, {
            context,
            listed: recent.filter((rule) => rule.policy_decision !== ''),
            at: isoTimestamp(micros),
            failClosed: decision.verdict === ASK || !this.#corrections['suspended-asks'],
          }),
      },
    )
  }

  #choose(matched: readonly Rule[], risk: RiskLevel): Choice {
    const confirmed = matched.filter(
      (rule) => rule.status === 'confirmed' && rule.policy_decision !== '',
    )
    const selection = this.#precedence.select(confirmed)
    return {
      ...this.#reasonFor({ risk, matched, confirmed, selection }),
      selected: selection.rule,
    }
  }

  /** The first row of the decision table that applies. */
  #reasonFor({ risk, matched, confirmed, selection }: Candidates): DecisionReason {
    const { rule, resolution } = selection
    if (risk === 'critical') {
      const overridden = resolution === 'heuristic_default'
      return {
        verdict: ASK,
        reason: 'Critical risk heuristic requires confirmation',
        resolution: overridden ? 'critical_risk_override' : resolution,
        fallback: matched.length > 0 ? 'heuristic override' : '',
      }
    }
    if (rule !== undefined) return this.#reasonOfRule(rule, risk, resolution)
    if (confirmed.length > 0)
      return {
        verdict: ASK,
        reason: 'Conflicting confirmed rules require confirmation',
        resolution: AMBIGUOUS,
        fallback: 'ambiguous confirmed conflict',
      }
    const suspended = matched.some(({ status }) => status === 'suspended')
    if (risk === 'low' && !(suspended && this.#corrections['suspended-asks'])) {
      return {
        verdict: AUTO,
        reason: 'Low-risk heuristic fallback allows auto execution',
        resolution,
        fallback: 'first-time task; heuristic fallback',
      }
    }
    return {
      verdict: ASK,
      reason: 'No confirmed rule; confirmation required',
      resolution,
      fallback: fallbackOf(matched, suspended),
    }
  }

  #reasonOfRule(rule: Rule, risk: RiskLevel, resolution: string): DecisionReason {
    const verdict = rule.policy_decision as ExecutionMode
    if (verdict === ASK)
      return {
        verdict,
        reason: `Confirmed ${rule.scope} rule requires confirmation`,
        resolution,
        fallback: '',
      }
    const learnedHigh = rule.risk_level === 'high' || rule.risk_level === 'critical'
    if (this.#corrections['risk-within-evidence'] && risk === 'high' && !learnedHigh)
      return {
        verdict: ASK,
        reason: `Confirmed ${rule.scope} rule was learned at a lower risk; confirmation required`,
        resolution,
        fallback: 'heuristic override',
      }
    return {
      verdict,
      reason: `Confirmed ${rule.scope} rule allows auto execution`,
      resolution,
      fallback: '',
    }
  }
}

/** What a decision says, why, and by which rule. */
type Choice = DecisionReason & Pick<ConfirmationDecision, 'selected'>

interface DecisionParts {
  risk: () => TaskRisk
  choice: (risk: TaskRisk) => Choice
  record: (decision: ConfirmationDecision) => JsonObject
}

/**
 * A decision whose parts are made when they are first read: where no rule matches, most callers ask
 * for nothing more.
 */
class ReadDecision implements ConfirmationDecision {
  readonly id: string
  readonly matched: Rule[]
  readonly #parts: DecisionParts
  #risk: TaskRisk | undefined
  #made: Choice | undefined
  #record: JsonObject | undefined

  constructor(id: string, matched: Rule[], parts: DecisionParts) {
    this.id = id
    this.matched = matched
    this.#parts = parts
  }

  get risk(): TaskRisk {
    return (this.#risk ??= this.#parts.risk())
  }

  get record(): JsonObject {
    return (this.#record ??= this.#parts.record(this))
  }

  get selected(): Rule | undefined {
    return this.#choice.selected
  }

  get verdict(): ExecutionMode {
    return this.#choice.verdict
  }

  get reason(): string {
    return this.#choice.reason
  }

  get resolution(): string {
    return this.#choice.resolution
  }

  get fallback(): string {
    return this.#choice.fallback
  }

  get #choice(): Choice {
    return (this.#made ??= this.#parts.choice(this.risk))
  }
}

/** What the decision table looks at. */
interface Candidates {
  risk: RiskLevel
  matched: readonly Rule[]
  confirmed: readonly Rule[]
  selection: Selection
}

function fallbackOf(matched: readonly Rule[], suspended: boolean): string {
  if (suspended) return 'suspended rule requires confirmation'
  return matched.length > 0 ? 'insufficient confidence' : 'first-time task'
}

function evaluatedEvent({ record, reason }: ConfirmationDecision, timestamp: string): PolicyEvent {
  return newEvent({
    timestamp,
    event_type: 'decision_evaluated',
    trigger_signals: [record.get('task_type') as string],
    changes: reason,
    source_node_id: 'confirmation_policy',
    payload: record,
  })
}

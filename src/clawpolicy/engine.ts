import { systemClock } from '../base/clock.ts'
import type { Table } from '../command-analysis/programs/table.ts'
import type { RuleBookView } from './matching/book.ts'
import { CandidateFactory, type RuleOrigin } from './evidence/candidates.ts'
import { CORRECTED, type Corrections } from './corrections.ts'
import type { ConfirmationDecision, PolicyChange } from './decision/decision.ts'
import { Evaluator } from './decision/evaluate.ts'
import { EventLog, type EvidenceLog } from './evidence/evidence.ts'
import { FeedbackProcessor, type Report } from './evidence/feedback.ts'
import { TaskMatcher, matches, type TaskContext } from './matching/matching.ts'
import { ruleProposals, type CandidateProposal } from './proposals.ts'
import type { TaskRisk } from './risk/level.ts'
import { clockSources, type EngineSources } from './times.ts'
import type { PolicyEvent, Rule, Task } from './types.ts'

interface PolicyEngineOptions {
  /** Which mistakes of the original are corrected; all by default. */
  corrections?: Corrections
  /** Where times and ids come from; by default the system's clock and random UUIDs. */
  sources?: EngineSources
  /** The key of the project that is served, as an absolute path; empty for none. */
  project?: string
  /** How risky a task is, where the caller knows more of it than its text. */
  risk?: (task: Task) => TaskRisk
  /**
   * Programs whose words are understood; by default none is, and every command is judged carefully.
   */
  programs?: Table
}

/**
 * Decides about tasks by learned rules, and learns from what is reported about its decisions. It
 * holds no rules and writes nothing: it answers with what has to change.
 */
export class PolicyEngine {
  readonly #corrections: Corrections
  readonly #programs: Table | undefined
  readonly #matcher: TaskMatcher
  readonly #evaluator: Evaluator
  readonly #candidates: CandidateFactory
  readonly #sources: EngineSources

  constructor({
    corrections = CORRECTED,
    sources = clockSources(systemClock),
    project = '',
    risk,
    programs,
  }: PolicyEngineOptions = {}) {
    this.#programs = programs
    this.#corrections = corrections
    this.#matcher = new TaskMatcher({ corrections, project, programs })
    const parts = { corrections, sources, matcher: this.#matcher }
    this.#evaluator = new Evaluator({ ...parts, risk, programs })
    this.#candidates = new CandidateFactory(parts)
    this.#sources = sources
  }

  /** Decides about a task, and changes nothing. */
  evaluate(task: Task, book: RuleBookView): ConfirmationDecision {
    return this.#evaluator.evaluate(task, book)
  }

  /** Decides about a task, marks the rules that matched, and logs the decision. */
  decide(task: Task, book: RuleBookView): { decision: ConfirmationDecision } & PolicyChange {
    return this.#evaluator.decide(task, book)
  }

  /** What a report about a decision changes: rules by key, and events in order. */
  applyReport(task: Task, report: Report, book: RuleBookView, log: EvidenceLog): PolicyChange {
    const feedback = new FeedbackProcessor({
      corrections: this.#corrections,
      sources: this.#sources,
      evaluator: this.#evaluator,
      candidates: this.#candidates,
    })
    return feedback.apply(task, report, book, log)
  }

  /** A log over the lines of a file; undefined stands for a line that holds no event. */
  evidenceLog(lines: readonly (PolicyEvent | undefined)[]): EvidenceLog {
    return new EventLog(lines, this.#corrections)
  }

  /** A task with everything that matching needs to know of it. */
  contextOf(task: Task): TaskContext {
    return this.#matcher.contextOf(task)
  }

  matches(rule: Rule, task: Task): boolean {
    return matches(rule, this.contextOf(task))
  }

  /** The rules that could be made from a person's decision about a task, narrowest first. */
  proposals(origin: RuleOrigin): CandidateProposal[] {
    return ruleProposals(origin, this.#candidates, this.#programs)
  }
}

import { BookDraft, comparisonKey, type RuleBookView } from '../matching/book.ts'
import type { CandidateFactory, RuleOrigin } from './candidates.ts'
import { CORRECTED, type Corrections } from '../corrections.ts'
import { counterChanges } from './counters.ts'
import type { PolicyChange } from '../decision/decision.ts'
import { speaksAgainst, type Feedback } from './direction.ts'
import type { Evaluator } from '../decision/evaluate.ts'
import {
  ARCHIVE_SWEEP,
  DENYING_OVERRIDES,
  MISSED_CONFIRMATION,
  SET_BACK,
  textField,
  type EvidenceLog,
} from './evidence.ts'
import type { JsonObject } from '../files/json.ts'
import { rehashed, revised } from '../files/records.ts'
import { FeedbackInterpreter, matchedRuleIds, type EvidenceKind } from './interpret.ts'
import { Lifecycle } from './lifecycle.ts'
import { outcomeEvent, ruleEvent } from './outcome-events.ts'
import { isoTimestamp, type EngineSources } from '../times.ts'
import { PROMOTED, archival, transitionChanges, type LifecycleTransition } from './transitions.ts'
import type { ExecutionMode, PolicyEvent, Rule, Task } from '../types.ts'

/** What is reported about a decision. */
export interface Report {
  /**
   * The decision it is about; without one, or if it is not known any more, the task is evaluated
   * now.
   */
  decisionId?: string
  /** `success`, `failure`, `rollback`, `cancel`, or any other text. */
  result?: string
  /** Whether a person was asked first. */
  prompted: boolean
  /** Whether the task was cancelled or failed, where no result says more. */
  cancelled: boolean
  /** What a person said beyond yes or no, one of the overrides. */
  override?: string
}

/** One feedback while it is applied. */
interface Application extends RuleOrigin {
  at: string
  draft: BookDraft
  log: EvidenceLog
  events: PolicyEvent[]
  transitions: LifecycleTransition[]
}

interface FeedbackParts {
  corrections?: Corrections
  sources: EngineSources
  evaluator: Evaluator
  candidates: CandidateFactory
}

/** Evidence of which a rule is made where no rule took part in the decision. */
const CREATES_RULE = new Set<EvidenceKind>([
  'explicit_correction',
  'explicit_preference',
  'repeated_failure',
  'missed_confirmation',
  'accepted_confirmation',
])

/** Applies feedback to the rules that took part in a decision. */
export class FeedbackProcessor {
  readonly #corrections: Corrections
  readonly #sources: EngineSources
  readonly #evaluator: Evaluator
  readonly #candidates: CandidateFactory
  readonly #lifecycle: Lifecycle
  readonly #interpreter: FeedbackInterpreter

  constructor({ corrections = CORRECTED, sources, evaluator, candidates }: FeedbackParts) {
    this.#corrections = corrections
    this.#sources = sources
    this.#evaluator = evaluator
    this.#candidates = candidates
    this.#lifecycle = new Lifecycle(corrections)
    this.#interpreter = new FeedbackInterpreter(corrections)
  }

  /**
   * What a report changes. Of a decision that is not known, `task` is evaluated first, and that is
   * logged too.
   */
  apply(task: Task, report: Report, book: RuleBookView, log: EvidenceLog): PolicyChange {
    const known = report.decisionId ? log.decision(report.decisionId) : undefined
    const result = report.result || (report.cancelled ? 'cancel' : 'success')
    const override = report.override ?? ''
    const replayed = known?.replies.some(
      (reply) => reply.result === result && reply.override === override,
    )
    if (replayed === true && this.#corrections['replays-count-once'])
      return { rules: new Map(), events: [] }
    const { record, draft, events } =
      known === undefined
        ? this.#evaluatedNow(task, book)
        : { record: known.record, draft: new BookDraft(book), events: [] }
    const feedback: Feedback = {
      result,
      override,
      decision: textField(record, 'final_decision') as ExecutionMode,
      risk: textField(record, 'risk_level'),
      prompted: report.prompted,
    }
    const evidence = this.#interpreter.evidenceOf(feedback, record)
    const desired = this.#interpreter.desiredMode(feedback, evidence)
    const origin: RuleOrigin = { task, record, feedback, desired }
    const at = isoTimestamp(this.#sources.now())
    const run: Application = { ...origin, at, draft, log, events, transitions: [] }
    const targets = evidence === undefined ? [] : this.#applyToTargets(run, evidence)
    if (this.#corrections['setbacks-restart']) noteSetbacks(run, targets)
    if (targets.length > 0) sweep(run)
    events.push(outcomeEvent(feedback, run.transitions, run))
    return { rules: draft.changed, events }
  }

  #evaluatedNow(
    task: Task,
    book: RuleBookView,
  ): { record: JsonObject; draft: BookDraft; events: PolicyEvent[] } {
    const { decision, rules, events } = this.#evaluator.decide(task, book)
    const draft = new BookDraft(book)
    for (const [key, rule] of rules) draft.put(key, rule)
    return { record: decision.record, draft, events: [...events] }
  }

  /**
   * The keys of the rules that learn from it: a new one, if there are none and the evidence makes
   * one.
   */
  #applyToTargets(run: Application, evidence: EvidenceKind): string[] {
    const {
      record,
      feedback: { override },
      desired,
      draft,
    } = run
    const everyMatch =
      evidence === 'repeated_failure' ||
      DENYING_OVERRIDES.has(override) ||
      override === MISSED_CONFIRMATION
    const targets = matchedRuleIds(record).filter((id) => {
      const rule = draft.get(id)
      return rule !== undefined && (everyMatch || rule.policy_decision === desired)
    })
    if (targets.length === 0 && CREATES_RULE.has(evidence)) {
      const made = this.#candidates.unhashedCandidate(run, evidence)
      draft.put(made.id, made)
      targets.push(made.id)
    }
    for (const key of targets) this.#applyTo(key, run, evidence)
    return targets
  }

  #applyTo(key: string, run: Application, evidence: EvidenceKind): void {
    const { draft, feedback, record, at } = run
    const before = draft.get(key) as Rule
    const explicit = evidence.startsWith('explicit')
    const risk = textField(record, 'risk_level')
    const after = revised(before, {
      ...counterChanges(before, feedback, explicit, this.#lifecycle.direction),
      risk_level: this.#candidates.riskLearned(before, risk, feedback.override),
      last_seen_at: at,
      last_applied_at: before.last_applied_at || at,
    })
    const transition = this.#transition(before, after, run)
    const final = transition === undefined ? rehashed(after) : moved(after, transition, at)
    draft.put(key, final)
    if (transition !== undefined) run.transitions.push(transition)
    run.events.push(ruleEvent(final, transition, evidence, run))
  }

  #transition(
    before: Rule,
    after: Rule,
    { draft, log, feedback, events }: Application,
  ): LifecycleTransition | undefined {
    const { conflict, superseded } = draft.rivals(after)
    if (before.status === 'confirmed') return this.#lifecycle.suspension(after, feedback, conflict)
    if (before.status !== 'suspended' && after.status !== 'candidate') return undefined
    const outcomes = log.outcomes(before.id, events.length)
    if (before.status === 'suspended')
      return this.#lifecycle.reactivation(after, outcomes, feedback) ?? archival(after, superseded)
    const { risk } = feedback
    const blocks = this.#lifecycle.promotionBlocks(after, { outcomes, conflict, risk, feedback })
    return blocks.length > 0 ? undefined : PROMOTED
  }
}

/**
 * Candidates that do not learn from a feedback against them start again: they stay as they are, and
 * it is logged.
 */
function noteSetbacks(run: Application, targets: readonly string[]): void {
  const { record, feedback, draft, events } = run
  for (const id of matchedRuleIds(record)) {
    const rule = draft.get(id)
    if (rule?.status !== 'candidate' || targets.includes(id) || !speaksAgainst(rule, feedback))
      continue
    draft.put(id, rule)
    events.push(ruleEvent(rule, undefined, SET_BACK, run))
  }
}

/**
 * After a feedback that changed any rule, every suspended rule in the store passes the archive
 * gate.
 */
function sweep(run: Application): void {
  const { draft, at, events } = run
  // Comparable rules are superseded by the same ones: looked up once for each group.
  const known = new Map<string, readonly Rule[]>()
  const isSuperseded = (rule: Rule): boolean => {
    const group = comparisonKey(rule)
    const confirmed = known.get(group) ?? draft.confirmedLike(rule)
    known.set(group, confirmed)
    return confirmed.some(({ id }) => id !== rule.id)
  }
  const archived = draft.archivable().flatMap(([key, rule]) => {
    const transition = archival(rule, isSuperseded(rule))
    return transition === undefined ? [] : [{ key, rule, transition }]
  })
  for (const { key, rule, transition } of archived.sort(
    (a, b) => draft.position(a.key) - draft.position(b.key),
  )) {
    const final = moved(rule, transition, at)
    draft.put(key, final)
    events.push(ruleEvent(final, transition, ARCHIVE_SWEEP, run))
  }
}

function moved(rule: Rule, transition: LifecycleTransition, at: string): Rule {
  return rehashed(revised(rule, { ...transitionChanges(transition), last_lifecycle_event_at: at }))
}

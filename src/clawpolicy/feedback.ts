import { BookDraft, likeness, type RuleBookView } from './book.ts'
import { riskLearned, unhashedCandidate } from './create.ts'
import { decide, type PolicyChange, type EngineContext } from './decide.ts'
import {
  MISSED_CONFIRMATION,
  DENYING_OVERRIDES,
  SET_BACK,
  ARCHIVE_SWEEP,
  textList,
  textField,
  type EvidenceLog,
} from './evidence.ts'
import { desiredOf, evidenceOf, matchedRuleIds, type EvidenceKind } from './interpret.ts'
import type { Json, JsonObject } from './files/json.ts'
import { counterChanges } from './learn.ts'
import {
  archival,
  transitionChanges,
  promotionBlocks,
  reactivation,
  speaksAgainst,
  suspension,
  type Feedback,
  type LifecycleTransition,
} from './lifecycle.ts'
import { newEvent, rehashed, revised } from './files/records.ts'
import { isoTimestamp } from './times.ts'
import type { PolicyEvent, Rule, Task, ExecutionMode } from './types.ts'

/** What is reported about a decision. */
export interface Report {
  /** The decision it is about; without one, or if it is not known any more, the task is judged now. */
  decisionId?: string
  /** `success`, `failure`, `rollback`, `cancel`, or any other word. */
  result?: string
  /** Whether a person was asked first. */
  prompted: boolean
  /** Whether it was given up or went wrong, where no result says more. */
  cancelled: boolean
  /** What a person said beyond yes or no, one of the overrides. */
  override?: string
}

/** A report about a task that was decided: `success`, and whether it ran on its own. */
export function reportOf(
  success: boolean,
  autoExecuted: boolean,
  more: { decisionId?: string; result?: string; override?: string } = {},
): Report {
  return { ...more, prompted: !autoExecuted, cancelled: !success }
}

/** One feedback on its way through the rules. */
interface Run {
  task: Task
  record: JsonObject
  feedback: Feedback
  desired: ExecutionMode
  at: string
  draft: BookDraft
  log: EvidenceLog
  engine: EngineContext
  events: PolicyEvent[]
  moves: LifecycleTransition[]
}

/** Applies what is reported about a decision to the rules that had part in it. */
export function applyReport(
  task: Task,
  report: Report,
  book: RuleBookView,
  log: EvidenceLog,
  engine: EngineContext,
): PolicyChange {
  const { corrections, sources } = engine
  const known = report.decisionId ? log.decision(report.decisionId) : undefined
  const said = {
    result: report.result || (report.cancelled ? 'cancel' : 'success'),
    override: report.override ?? '',
  }
  const replayed =
    known?.replies.some(
      ({ result, override }) => result === said.result && override === said.override,
    ) === true
  if (replayed && corrections['replays-count-once']) return { rules: new Map(), events: [] }
  const { record, draft, events } =
    known === undefined
      ? judgedNow(task, book, engine)
      : { record: known.record, draft: new BookDraft(book), events: [] }
  const feedback: Feedback = {
    ...said,
    decision: textField(record, 'final_decision') as ExecutionMode,
    risk: textField(record, 'risk_level'),
    prompted: report.prompted,
  }
  const evidence = evidenceOf(feedback, record, corrections)
  const desired = desiredOf(feedback, evidence, corrections)
  const run: Run = {
    task,
    record,
    feedback,
    desired,
    at: isoTimestamp(sources.now()),
    draft,
    log,
    engine,
    events,
    moves: [],
  }
  const targets = evidence === undefined ? [] : applyToTargets(run, evidence)
  if (corrections['setbacks-restart']) setBack(run, targets)
  if (targets.length > 0) sweep(run)
  events.push(outcome(run))
  return { rules: draft.changed, events }
}

function judgedNow(
  task: Task,
  book: RuleBookView,
  engine: EngineContext,
): { record: JsonObject; draft: BookDraft; events: PolicyEvent[] } {
  const { decision, rules, events } = decide(task, book, engine)
  const draft = new BookDraft(book)
  for (const [key, rule] of rules) draft.put(key, rule)
  return { record: decision.record, draft, events: [...events] }
}

const CREATES = new Set<EvidenceKind>([
  'explicit_correction',
  'explicit_preference',
  'repeated_failure',
  'missed_confirmation',
  'accepted_confirmation',
])

/** The keys of the rules that learn from it: one that is made for it, if there are none. */
function applyToTargets(run: Run, evidence: EvidenceKind): string[] {
  const {
    record,
    feedback: { override },
    desired,
    draft,
  } = run
  const everyone =
    evidence === 'repeated_failure' ||
    DENYING_OVERRIDES.has(override) ||
    override === MISSED_CONFIRMATION
  const targets = matchedRuleIds(record).filter((id) => {
    const rule = draft.get(id)
    return rule !== undefined && (everyone || rule.policy_decision === desired)
  })
  if (targets.length === 0 && CREATES.has(evidence)) {
    const made = unhashedCandidate(run, evidence)
    draft.put(made.id, made)
    targets.push(made.id)
  }
  for (const key of targets) applyTo(key, run, evidence)
  return targets
}

/** Candidates that do not learn from what speaks against them begin anew: they stay as they are, and it is noted. */
function setBack(run: Run, targets: readonly string[]): void {
  const { record, feedback, draft, events } = run
  for (const id of matchedRuleIds(record)) {
    const rule = draft.get(id)
    if (rule?.status !== 'candidate' || targets.includes(id) || !speaksAgainst(rule, feedback))
      continue
    draft.put(id, rule)
    events.push(ruleEvent(rule, undefined, SET_BACK, run))
  }
}

function applyTo(key: string, run: Run, evidence: EvidenceKind): void {
  const {
    draft,
    feedback,
    record,
    at,
    engine: { corrections },
    events,
    moves,
  } = run
  const before = draft.get(key) as Rule
  const risk_level = riskLearned(
    before,
    textField(record, 'risk_level'),
    feedback.override,
    corrections,
  )
  const after = revised(before, {
    ...counterChanges(before, feedback, evidence.startsWith('explicit'), corrections),
    risk_level,
    last_seen_at: at,
    last_applied_at: before.last_applied_at || at,
  })
  const move = transition(key, before, after, run)
  const final = rehashed(
    move === undefined
      ? after
      : revised(after, { ...transitionChanges(move), last_lifecycle_event_at: at }),
  )
  draft.put(key, final)
  if (move !== undefined) moves.push(move)
  events.push(ruleEvent(final, move, evidence, run))
}

function transition(
  key: string,
  before: Rule,
  after: Rule,
  { draft, log, feedback, engine: { corrections }, events }: Run,
): LifecycleTransition | undefined {
  const { conflict, superseded } = draft.rivals(key, after)
  const outcomes = () => log.outcomes(before.id, events.length)
  if (before.status === 'confirmed') return suspension(after, feedback, conflict, corrections)
  if (before.status === 'suspended')
    return reactivation(after, outcomes(), feedback, corrections) ?? archival(after, superseded)
  if (after.status !== 'candidate') return undefined
  if (promotionBlocks(after, outcomes(), conflict, feedback.risk, corrections, feedback).length > 0)
    return undefined
  return { to: 'confirmed', event: 'rule_promoted', reason: 'candidate_promoted' }
}

/** Every suspended rule, wherever it holds, may be archived by a feedback that changed any rule. */
function sweep(run: Run): void {
  const { draft, at, events } = run
  // What is alike is superseded by the same: asked once, however many there are.
  const known = new Map<string, boolean>()
  const superseded = (key: string, rule: Rule): boolean => {
    const like = likeness(rule)
    const is = known.get(like) ?? draft.rivals(key, rule).superseded
    known.set(like, is)
    return is
  }
  const leaving = draft.leaving().flatMap(([key, rule]) => {
    const move = archival(rule, superseded(key, rule))
    return move === undefined ? [] : [{ key, rule, move }]
  })
  for (const { key, rule, move } of leaving.sort(
    (a, b) => draft.place(a.key) - draft.place(b.key),
  )) {
    const final = rehashed(
      revised(rule, { ...transitionChanges(move), last_lifecycle_event_at: at }),
    )
    draft.put(key, final)
    events.push(ruleEvent(final, move, ARCHIVE_SWEEP, run))
  }
}

function ruleEvent(
  rule: Rule,
  move: LifecycleTransition | undefined,
  source: string,
  { at, record }: Run,
): PolicyEvent {
  const { id, status, policy_decision, evidence_count, scope, scope_key, risk_level, asset_id } =
    rule
  return newEvent({
    timestamp: at,
    event_type: move?.event ?? 'rule_updated',
    asset_id,
    trigger_signals: [textField(record, 'task_type')],
    changes: `Policy rule updated: ${status} / ${policy_decision}`,
    source_node_id: source,
    payload: new Map<string, Json>([
      ['rule_id', id],
      ['status', status],
      ['policy_decision', policy_decision],
      ['evidence_count', evidence_count],
      ['trigger', move?.reason ?? 'runtime_feedback'],
      ['scope', scope],
      ['scope_key', scope_key],
      ['risk_level', risk_level],
    ]),
  })
}

function outcome({
  record,
  feedback: { result, override, prompted },
  at,
  moves,
}: Run): PolicyEvent {
  const rules = matchedRuleIds(record)
  const said = (key: string): [string, Json] => [key, record.get(key) ?? '']
  return newEvent({
    timestamp: at,
    event_type: 'decision_outcome',
    trigger_signals: [textField(record, 'task_type')],
    changes: `Decision outcome: ${result}`,
    source_node_id: 'confirmation_policy',
    payload: new Map<string, Json>([
      said('decision_id'),
      said('final_decision'),
      ['user_override', override],
      ['execution_result', result],
      ['was_confirmed', prompted],
      ['rule_ids', rules],
      said('task_summary'),
      said('task_type'),
      said('command'),
      ['files', textList(record.get('files'))],
      said('risk_level'),
      said('scope'),
      said('scope_key'),
      ['heuristic_basis', textList(record.get('heuristic_basis'))],
      ['matched_rule_ids', [...rules]],
      said('explanation'),
      ['rollback_happened', result === 'rollback'],
      ['lifecycle_transition', moves.map(({ event }) => event).join(',')],
    ]),
  })
}

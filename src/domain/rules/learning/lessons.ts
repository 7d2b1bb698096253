import type { Clock } from '../../../base/clock.ts'
import type { Draft } from '../../../journal/types.ts'
import type { ConfirmationDecision } from '../../../clawpolicy/decision/decision.ts'
import {
  isFailure,
  APPROVING_OVERRIDES,
  ARCHIVE_SWEEP,
  textField,
  type EvidenceLog,
} from '../../../clawpolicy/evidence/evidence.ts'
import type { Report } from '../../../clawpolicy/evidence/feedback.ts'
import type { JsonObject } from '../../../clawpolicy/files/json.ts'
import { rehashed, revised } from '../../../clawpolicy/files/records.ts'
import { parseTime, isoTimestamp } from '../../../clawpolicy/times.ts'
import { ASK, AUTO, type PolicyEvent, type Rule, type Status } from '../../../clawpolicy/types.ts'
import type { Action, AgentIdentity, Risk } from '../../policy/types.ts'
import { hasTooManyRules, learnedDecision } from '../judge.ts'
import { LEARNED_FOR, LEARNER, renewedExpiry } from './renewal.ts'
import { coversOneAction, supportedRules } from './lesson-scope.ts'
import type { RuleBook } from '../rule-book.ts'
import { toStored } from '../stored.ts'
import { outcomesOf } from './support.ts'
import { engineFor, taskOf, taskRisk } from '../task.ts'
import type { RuleRecord, RuleChange, RuleEventType, RuleOutcome } from '../types.ts'

/** What a decision or an outcome teaches. */
export interface Lesson {
  /** The action or approval that it is about. */
  of: string
  agent: AgentIdentity
  action: Action
  risk: Risk
  /** Whether the action ran: then a failure speaks against allowing it. */
  ran: boolean
  result: 'success' | 'failure' | 'rollback' | 'cancel'
  /** Whether a person was asked first. */
  prompted: boolean
  /** When that was, in Unix milliseconds. */
  askedAt?: number
  /** What a person decided or demanded, in the engine's terms. */
  override?:
    | 'confirmed_after_prompt'
    | 'blocked_auto_execute'
    | 'prefer_auto_execute'
    | 'prefer_confirmation'
    | 'should_have_required_confirmation'
}

export interface LessonParts {
  book: RuleBook
  clock: Clock
}

/** What the engine made of a lesson. */
interface LearnedChanges {
  lesson: Lesson
  book: RuleBook
  events: readonly PolicyEvent[]
  outcome: RuleOutcome
  now: number
}

/**
 * The events of what a lesson changes. To be called in an append, where the book has the rules of
 * the table.
 */
export function lessonDrafts({ book, clock }: LessonParts, lesson: Lesson): Draft[] {
  const { agent, action, risk, result, prompted, override } = lesson
  const now = clock.now()
  const engine = engineFor(agent, clock, () => taskRisk(action, risk))
  const decision = learnedDecision(book, { agent, action, risk, now, clock })
  if (hasTooManyRules(decision) || (isApproval(lesson) && decision.matched.some(alwaysAsks)))
    return []
  const record = recordFor(lesson, decision, book)
  const log: EvidenceLog = {
    decision: () => ({ record, replies: [] }),
    outcomes: (id) => outcomesOf(book.get(id)),
  }
  const report: Report = {
    decisionId: lesson.of,
    result,
    prompted,
    cancelled: result !== 'success',
    ...(override === undefined ? {} : { override }),
  }
  const { rules, events } = engine.applyReport(taskOf(action, agent), report, book.at(now), log)
  const outcome: RuleOutcome = {
    at: isoTimestamp(now * 1000),
    decision: textField(record, 'final_decision'),
    override: override ?? '',
    result,
    confirmed: prompted,
  }
  return [...rules.values()]
    .filter((rule) => mayTeach(rule, book.get(rule.id), lesson))
    .map((rule) => draftOf(rule, { lesson, book, events, outcome, now }))
}

function isApproval({ override }: Lesson): boolean {
  return APPROVING_OVERRIDES.has(override ?? '')
}

/**
 * A confirmed rule that asks: an approval of its question does not mean that asking should stop.
 */
function alwaysAsks({ status, policy_decision }: Rule): boolean {
  return status === 'confirmed' && policy_decision === ASK
}

/**
 * The decision as the engine learns from it. An approval supports only rules that it may support.
 */
function recordFor(lesson: Lesson, decision: ConfirmationDecision, book: RuleBook): JsonObject {
  const wasAuto = lesson.ran && (!lesson.prompted || lesson.result !== 'success')
  const record = new Map(decision.record).set('final_decision', wasAuto ? AUTO : ASK)
  return isApproval(lesson) ? record.set('matched_rules', supportedRules(decision, book)) : record
}

function mayTeach(rule: Rule, before: RuleRecord | undefined, lesson: Lesson): boolean {
  return isSupportedByPerson(rule, before, lesson) && !isRepeated(before, lesson)
}

/** An agent's own report of a success neither confirms a rule nor resumes one. */
function isSupportedByPerson(
  { status }: Rule,
  before: RuleRecord | undefined,
  { override, result }: Lesson,
): boolean {
  return (
    override !== undefined ||
    result !== 'success' ||
    before?.rule.status === 'confirmed' ||
    status === 'archived'
  )
}

/** Equal questions that waited at the same time count as one approval, however many they were. */
function isRepeated(before: RuleRecord | undefined, lesson: Lesson): boolean {
  if (lesson.askedAt === undefined || !isApproval(lesson)) return false
  const latest = before?.outcomes.findLast(({ override }) => APPROVING_OVERRIDES.has(override))
  return latest !== undefined && parseTime(latest.at).micros / 1000 > lesson.askedAt
}

function draftOf(rule: Rule, { lesson, book, events, outcome, now }: LearnedChanges): Draft {
  const before = book.get(rule.id)
  const event = events.findLast(({ payload }) => payload.get('rule_id') === rule.id)
  const wasSwept = event?.source_node_id === ARCHIVE_SWEEP
  const isSupported = !wasSwept && supports(lesson, rule)
  return {
    type: typeOf(before?.rule.status, rule.status),
    actor: 'supervisor',
    subject: lesson.agent.name,
    body: {
      stored: toStored(withLastSeen(rule, before, isSupported), {
        expiresAt: expiryOf(before, isSupported, now),
        by: before?.by ?? LEARNER,
      }),
      from: before?.rule.status ?? null,
      because: causeOf(event),
      of: lesson.of,
      outcome: wasSwept ? null : outcome,
    } satisfies RuleChange,
  }
}

/** Whether a lesson supports a rule. An agent's own report never supports a rule that allows. */
function supports(lesson: Lesson, { policy_decision }: Rule): boolean {
  if (policy_decision === AUTO) return isApproval(lesson)
  return !isApproval(lesson) && (lesson.override !== undefined || isFailure(lesson.result))
}

/**
 * Of two rules that contradict each other, the one last seen decides. So a lesson updates that time
 * only for a rule that it supports, and an approval only for a rule about this one action.
 */
function withLastSeen(rule: Rule, before: RuleRecord | undefined, isSupported: boolean): Rule {
  const counts = isSupported && (rule.policy_decision !== AUTO || coversOneAction(rule))
  return counts || before === undefined
    ? rule
    : rehashed(revised(rule, { last_seen_at: before.rule.last_seen_at }))
}

function expiryOf(
  before: RuleRecord | undefined,
  isSupported: boolean,
  now: number,
): number | null {
  if (before === undefined) return now + LEARNED_FOR
  return isSupported ? renewedExpiry(before, now) : before.expiresAt
}

/** The engine's name for a move, or for the kind of evidence. */
function causeOf(event: PolicyEvent | undefined): string {
  if (event === undefined) return ''
  return event.event_type === 'rule_updated'
    ? event.source_node_id
    : textField(event.payload, 'trigger')
}

function typeOf(from: Status | undefined, to: Status): RuleEventType {
  if (from === undefined) return 'rule.added'
  if (from === to || to === 'hint') return 'rule.learned'
  if (to === 'candidate') return from === 'suspended' ? 'rule.resumed' : 'rule.learned'
  return EVENT_OF_MOVE[to]
}

const EVENT_OF_MOVE = {
  confirmed: 'rule.confirmed',
  suspended: 'rule.suspended',
  archived: 'rule.archived',
} as const

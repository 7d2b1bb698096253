import type { Clock } from '../../base/clock.ts'
import type { Draft } from '../../journal/types.ts'
import type { ConfirmationDecision } from '../../clawpolicy/decision.ts'
import {
  isFailure,
  APPROVING_OVERRIDES,
  ARCHIVE_SWEEP,
  textField,
  type EvidenceLog,
} from '../../clawpolicy/evidence.ts'
import type { Report } from '../../clawpolicy/feedback.ts'
import type { JsonObject } from '../../clawpolicy/files/json.ts'
import { rehashed, revised } from '../../clawpolicy/files/records.ts'
import { splitTrigger } from '../../clawpolicy/triggers.ts'
import { parseTime, isoTimestamp } from '../../clawpolicy/times.ts'
import {
  ASK,
  AUTO,
  type PolicyEvent,
  type RiskLevel,
  type Rule,
  type Status,
} from '../../clawpolicy/types.ts'
import type { Action, Risk, Doer } from '../policy/types.ts'
import { isCrowded, learnedDecision } from './judge.ts'
import type { RuleBook } from './rule-book.ts'
import { storedOf } from './stored.ts'
import { outcomesOf } from './support.ts'
import { engineFor, taskOf, taskRisk } from './task.ts'
import type { RuleRecord, RuleChange, RuleEventType, RuleOutcome } from './types.ts'

/** What a decision or an outcome has to teach. */
export interface Lesson {
  /** The action or approval that it is about. */
  of: string
  doer: Doer
  action: Action
  risk: Risk
  /** Whether it went ahead, without a person or with a person's yes: a failure then speaks against allowing. */
  ran: boolean
  result: 'success' | 'failure' | 'rollback' | 'cancel'
  /** Whether a person was asked first. */
  prompted: boolean
  /** When that was, in Unix milliseconds. */
  askedAt?: number
  /** What a person said, in the learner's words. */
  override?:
    | 'confirmed_after_prompt'
    | 'blocked_auto_execute'
    | 'prefer_auto_execute'
    | 'prefer_confirmation'
    | 'should_have_required_confirmation'
}

/** How long what was learned holds without another word that speaks for it, in milliseconds: nothing is permanent unless a person says so. */
export const LEARNED_FOR = 30 * 86_400_000

/** Who made a rule that nobody made. */
export const LEARNER = 'learner'

export interface LessonParts {
  book: RuleBook
  clock: Clock
}

/** A lesson on its way into events. */
interface Taught {
  lesson: Lesson
  book: RuleBook
  events: readonly PolicyEvent[]
  outcome: RuleOutcome
  now: number
}

/** What a lesson changes, as events to append in the same breath. To be called where the rules are as the table has them. */
export function lessonDrafts({ book, clock }: LessonParts, lesson: Lesson): Draft[] {
  const { doer, action, risk, result, prompted, override } = lesson
  const now = clock.now()
  const engine = engineFor(doer, clock, () => taskRisk(action, risk))
  const decision = learnedDecision(book, { action, risk, doer, now, clock })
  if (
    isCrowded(decision) ||
    (APPROVING_OVERRIDES.has(override ?? '') && decision.matched.some(asks))
  )
    return []
  const record = new Map(decision.record).set(
    'final_decision',
    lesson.ran && (!prompted || result !== 'success') ? AUTO : ASK,
  )
  if (APPROVING_OVERRIDES.has(override ?? '')) record.set('matched_rules', meant(decision, book))
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
  const { rules, events } = engine.applyReport(taskOf(action, doer), report, book.at(now), log)
  const outcome: RuleOutcome = {
    at: isoTimestamp(now * 1000),
    decision: textField(record, 'final_decision'),
    override: override ?? '',
    result,
    confirmed: prompted,
  }
  return [...rules.values()]
    .filter(
      (rule) => earned(rule, book.get(rule.id), lesson) && !alreadyHeard(book.get(rule.id), lesson),
    )
    .map((rule) => draftOf(rule, { lesson, book, events, outcome, now }))
}

/** An agent can ask, and never approve: what it reports as a success of its own neither confirms nor wakes a rule. */
function earned(
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

/**
 * Whether a yes is a word for what was asked alone, and none for a rule that it meets, because the rule is about more than one
 * thing. Otherwise one yes to the riskiest of a kind would let all of the kind through; and what a file wants to have
 * allowed would be confirmed by yeses to something smaller.
 */
function isBeyond(
  { policy_decision, status, risk_level, trigger }: Rule,
  by: string | undefined,
  level: RiskLevel,
): boolean {
  if (policy_decision !== AUTO || isExact(trigger)) return false
  return (
    (status !== 'confirmed' && by === LEARNER) ||
    ((level === 'high' || level === 'critical') &&
      risk_level !== 'high' &&
      risk_level !== 'critical')
  )
}

const EXACT = new Set(['command', 'task'])

/** Whether a rule is about one thing. */
function isExact(trigger: readonly string[]): boolean {
  return trigger.some((text) => EXACT.has(splitTrigger(text)?.kind ?? ''))
}

/** The rules that a yes to this is a word for. */
function meant({ record, matched, risk }: ConfirmationDecision, book: RuleBook): JsonObject[] {
  const beyond = new Set(
    matched.filter((rule) => isBeyond(rule, book.get(rule.id)?.by, risk.level)).map(({ id }) => id),
  )
  return (record.get('matched_rules') as JsonObject[]).filter(
    (rule) => !beyond.has(textField(rule, 'id')),
  )
}

/** Questions that waited together are answered together: that is one word, however often the same was asked meanwhile. */
function alreadyHeard(before: RuleRecord | undefined, { askedAt, override }: Lesson): boolean {
  if (askedAt === undefined || !APPROVING_OVERRIDES.has(override ?? '')) return false
  const last = before?.outcomes.findLast((outcome) => APPROVING_OVERRIDES.has(outcome.override))
  return last !== undefined && parseTime(last.at).micros / 1000 > askedAt
}

/** A rule that has its question put to a person: the yes that it then gets is no word for not asking any more. */
function asks({ status, policy_decision }: Rule): boolean {
  return status === 'confirmed' && policy_decision === ASK
}

function draftOf(rule: Rule, { lesson, book, events, outcome, now }: Taught): Draft {
  const before = book.get(rule.id)
  const told = events.findLast(({ payload }) => payload.get('rule_id') === rule.id)
  const swept = told?.source_node_id === ARCHIVE_SWEEP
  const renewed = !swept && renews(rule, lesson)
  return {
    type: typeFor(before?.rule.status, rule.status),
    actor: 'supervisor',
    subject: lesson.doer.name,
    body: {
      stored: storedOf(seen(rule, before, renewed), {
        expiresAt: endOf(before, renewed, now),
        by: before?.by ?? LEARNER,
      }),
      from: before?.rule.status ?? null,
      because: becauseOf(told),
      of: lesson.of,
      outcome: swept ? null : outcome,
    } satisfies RuleChange,
  }
}

/** Whether a lesson is a word for what a rule says. What an agent reports of its own is none for allowing it more. */
function renews({ policy_decision }: Rule, { override, result }: Lesson): boolean {
  const yes = APPROVING_OVERRIDES.has(override ?? '')
  return policy_decision === AUTO ? yes : !yes && (override !== undefined || isFailure(result))
}

/** Of two rules that contradict each other the one last seen decides: so only a word for a rule makes it the later one, and a yes to one thing is no word for allowing more than that. */
function seen(rule: Rule, before: RuleRecord | undefined, renewed: boolean): Rule {
  const counts = renewed && (rule.policy_decision !== AUTO || isExact(rule.trigger))
  return counts || before === undefined
    ? rule
    : rehashed(revised(rule, { last_seen_at: before.rule.last_seen_at }))
}

/** What was learned lasts from the latest word for it; what a person has set to last longer is not cut short. */
function endOf(before: RuleRecord | undefined, renewed: boolean, now: number): number | null {
  if (before === undefined) return now + LEARNED_FOR
  return renewed ? renewedEnd(before, now) : before.expiresAt
}

/** When a rule ends after another word for it, in Unix milliseconds. Those of a person end when that person said; a hint that is more than one now ends as all that was learned does. */
export function renewedEnd({ by, expiresAt, rule }: RuleRecord, now: number): number | null {
  if (by !== LEARNER || (expiresAt === null && rule.status !== 'hint')) return expiresAt
  return Math.max(expiresAt ?? 0, now + LEARNED_FOR)
}

/** The engine's word for a move, or for what kind of evidence it was. */
function becauseOf(told: PolicyEvent | undefined): string {
  if (told === undefined) return ''
  return told.event_type === 'rule_updated'
    ? told.source_node_id
    : textField(told.payload, 'trigger')
}

/** What a change is called, by where it leads. */
function typeFor(from: Status | undefined, to: Status): RuleEventType {
  if (from === undefined) return 'rule.added'
  if (from === to || to === 'hint') return 'rule.learned'
  if (to === 'candidate') return from === 'suspended' ? 'rule.resumed' : 'rule.learned'
  return LEADS_TO[to]
}

const LEADS_TO = {
  confirmed: 'rule.confirmed',
  suspended: 'rule.suspended',
  archived: 'rule.archived',
} as const

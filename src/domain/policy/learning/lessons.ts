import type { Clock } from '../../../base/clock.ts'
import type { Draft } from '../../../journal/types.ts'
import { applyReport, type Report } from '../learned/feedback.ts'
import { wordIn, type Log } from '../learned/evidence.ts'
import type { PolicyEvent, Rule, Status } from '../learned/types.ts'
import { stamp } from '../learned/times.ts'
import type { Action, Risk } from '../types.ts'
import { learnedDecision } from './judge.ts'
import type { RuleBook } from './rule-book.ts'
import { storedOf } from './stored.ts'
import { outcomesOf } from './support.ts'
import { engineFor, taskOf, taskRisk, type Doer } from './task.ts'
import type { RuleChange, RuleEventType, RuleOutcome } from './types.ts'

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
  /** What a person said, in the learner's words. */
  override?: 'confirmed_after_prompt' | 'blocked_auto_execute' | 'prefer_auto_execute' | 'prefer_confirmation' | 'should_have_required_confirmation'
}

/** How long what was learned holds without another yes, in milliseconds: nothing is permanent unless a person says so. */
export const LEARNED_FOR = 30 * 86_400_000

export interface LessonParts { book: RuleBook; clock: Clock }

/** What a lesson changes, as events to append in the same breath. To be called where the rules are as the table has them. */
export function lessonDrafts({ book, clock }: LessonParts, lesson: Lesson): Draft[] {
  const { doer, action, risk } = lesson
  const now = clock.now()
  const engine = engineFor(doer, clock, () => taskRisk(action, risk))
  const decision = learnedDecision(book, { action, risk, doer, now, clock })
  const record = new Map(decision.record).set('final_decision', lesson.ran && (!lesson.prompted || lesson.result !== 'success') ? 'auto_execute' : 'require_confirmation')
  const log: Log = { decision: () => ({ record, replies: [] }), outcomes: (id) => outcomesOf(book.get(id)) }
  const report: Report = { decisionId: lesson.of, result: lesson.result, prompted: lesson.prompted, cancelled: lesson.result !== 'success', ...(lesson.override === undefined ? {} : { override: lesson.override }) }
  const { rules, events } = applyReport(taskOf(action, doer), report, book.at(now), log, engine)
  const outcome: RuleOutcome = { at: stamp(now * 1000), decision: wordIn(record, 'final_decision'), override: lesson.override ?? '', result: lesson.result, confirmed: lesson.prompted }
  return [...rules.values()].map((rule) => draftOf(rule, { book, events, outcome, lesson, now }))
}

function draftOf(rule: Rule, { book, events, outcome, lesson, now }: { book: RuleBook; events: readonly PolicyEvent[]; outcome: RuleOutcome; lesson: Lesson; now: number }): Draft {
  const before = book.get(rule.id)
  const told = events.findLast(({ payload }) => payload.get('rule_id') === rule.id)
  const moved = told?.event_type !== 'rule_updated'
  const expiresAt = before === undefined || before.by === LEARNER ? now + LEARNED_FOR : before.expiresAt
  const swept = told?.source_node_id === 'lifecycle'
  return { type: typeFor(before?.rule.status, rule.status), actor: 'supervisor', subject: lesson.doer.name, body: {
    stored: storedOf(rule, { expiresAt: swept ? before?.expiresAt ?? null : expiresAt, by: before?.by ?? LEARNER }),
    from: before?.rule.status ?? null,
    because: told === undefined ? '' : moved ? wordIn(told.payload, 'trigger') : told.source_node_id,
    of: lesson.of, outcome: swept ? null : outcome,
  } satisfies RuleChange }
}

/** Who made a rule that nobody made. */
export const LEARNER = 'learner'

/** What a change is called, by where it leads. */
function typeFor(from: Status | undefined, to: Status): RuleEventType {
  if (from === undefined) return 'rule.added'
  if (from === to || to === 'hint') return 'rule.learned'
  if (to === 'candidate') return from === 'suspended' ? 'rule.resumed' : 'rule.learned'
  return to === 'confirmed' ? 'rule.confirmed' : to === 'suspended' ? 'rule.suspended' : 'rule.archived'
}

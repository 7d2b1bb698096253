import { matches, type TaskContext } from '../../../clawpolicy/matching/matching.ts'
import type { RuleBookView } from '../../../clawpolicy/matching/book.ts'
import type { Rule } from '../../../clawpolicy/types.ts'
import { RuleBook, type RuleLookup } from '../rule-book.ts'
import type { RuleRecord, StoredRule } from '../types.ts'

/** Rules with some of them changed or added. */
export interface RuleOverlay {
  lookup: RuleLookup
  /** The changed rules, after and before the change. */
  rules: readonly Rule[]
  /** Whether one of these matches a task. */
  touches(situation: TaskContext, now: number): boolean
}

/** Lays changed rules over others, which stay as they are. */
export function overlayRules(base: RuleLookup, changed: readonly StoredRule[]): RuleOverlay {
  const [after, before] = [new RuleBook(), new RuleBook()]
  for (const stored of changed) {
    const { id } = stored.rule
    const known = base.get(id)
    after.put(id, recordOf(stored, known))
    if (known !== undefined) before.put(id, known)
  }
  const hasMatch = (book: RuleBook, situation: TaskContext, now: number) =>
    book
      .at(now)
      .candidates(situation)
      .some((rule) => matches(rule, situation))
  return {
    rules: [...after.all(), ...before.all()].map(({ rule }) => rule),
    lookup: {
      size: Math.max(base.size, after.size),
      get: (id) => after.get(id) ?? base.get(id),
      at: (now) => overlayView(base.at(now), after, now),
    },
    touches: (situation, now) =>
      hasMatch(after, situation, now) || hasMatch(before, situation, now),
  }
}

function recordOf(stored: StoredRule, known: RuleRecord | undefined): RuleRecord {
  return { outcomes: [], changedAt: 0, seq: 0, ...known, ...stored }
}

function overlayView(base: RuleBookView, changed: RuleBook, now: number): RuleBookView {
  const top = changed.at(now)
  const isUnchanged = (id: string) => changed.get(id) === undefined
  return {
    get: (key) => (isUnchanged(key) ? base.get(key) : top.get(key)),
    candidates: (situation) => [
      ...base.candidates(situation).filter(({ id }) => isUnchanged(id)),
      ...top.candidates(situation),
    ],
    comparable: (rule) => [
      ...[...base.comparable(rule)].filter(([key]) => isUnchanged(key)),
      ...top.comparable(rule),
    ],
    archivable: () => [
      ...base.archivable().filter(([key]) => isUnchanged(key)),
      ...top.archivable(),
    ],
    position: (key) => base.position(key),
  }
}

import { matches, type TaskContext } from '../../../clawpolicy/matching.ts'
import type { RuleBookView } from '../../../clawpolicy/book.ts'
import type { Rule } from '../../../clawpolicy/types.ts'
import { RuleBook, type Rulings } from '../rule-book.ts'
import type { RuleRecord, StoredRule } from '../types.ts'

/** Rules in place of those of the same ids, as they would be and as they are. */
export interface Overlay {
  book: Rulings
  /** As they would be, and as they are. */ rules: readonly Rule[]
  /** Whether any of them speaks of a task, or did. */ touches(
    situation: TaskContext,
    now: number,
  ): boolean
}

/** The rules as they would be with some of them changed, or added. The book itself stays as it is. */
export function overlaid(base: Rulings, changed: readonly StoredRule[]): Overlay {
  const [after, before] = [new RuleBook(), new RuleBook()]
  for (const stored of changed) {
    const { id } = stored.rule
    const known = base.get(id)
    after.take(id, asKept(stored, known))
    if (known !== undefined) before.take(id, known)
  }
  const speaks = (book: RuleBook, situation: TaskContext, now: number) =>
    book
      .at(now)
      .candidates(situation)
      .some((rule) => matches(rule, situation))
  return {
    rules: [...after.all(), ...before.all()].map(({ rule }) => rule),
    book: {
      size: Math.max(base.size, after.size),
      get: (id) => after.get(id) ?? base.get(id),
      at: (now) => laidOver(base.at(now), after, now),
    },
    touches: (situation, now) => speaks(after, situation, now) || speaks(before, situation, now),
  }
}

function asKept(stored: StoredRule, known: RuleRecord | undefined): RuleRecord {
  return { outcomes: [], changedAt: 0, seq: 0, ...known, ...stored }
}

function laidOver(under: RuleBookView, over: RuleBook, now: number): RuleBookView {
  const top = over.at(now)
  const kept = (id: string) => over.get(id) === undefined
  return {
    get: (key) => (kept(key) ? under.get(key) : top.get(key)),
    candidates: (situation) => [
      ...under.candidates(situation).filter(({ id }) => kept(id)),
      ...top.candidates(situation),
    ],
    comparable: (rule) => [
      ...[...under.comparable(rule)].filter(([key]) => kept(key)),
      ...top.comparable(rule),
    ],
    archivable: () => [...under.archivable().filter(([key]) => kept(key)), ...top.archivable()],
    position: (key) => under.position(key),
  }
}

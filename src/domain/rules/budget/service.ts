import type { Clock } from '../../../base/clock.ts'
import { Fault } from '../../../base/fault.ts'
import type { Journal } from '../../../journal/journal.ts'
import type { Store } from '../../../store/open.ts'
import { assessHabits, type AssessParts } from './assess.ts'
import type { CandidateParts } from './candidates.ts'
import { HOUR_MS, readHabits } from './habits.ts'
import { planBudget } from './plan.ts'
import type { Learning } from '../learning/learning.ts'
import type { BudgetReport, BudgetService } from './types.ts'

export interface BudgetParts extends Omit<AssessParts, 'rules'>, Omit<CandidateParts, 'rules'> {
  learning: Learning
  journal: Journal
  store: Store
  clock: Clock
}

/** The highest limit. */
const MAX_PER_HOUR = 10_000

/**
 * The limit of interruptions. Changes that would reach it are proposed with their commands, and
 * none is applied.
 */
export class AttentionBudget implements BudgetService, AsyncDisposable {
  readonly #parts: BudgetParts
  readonly #lastHour: LastHour

  constructor(parts: BudgetParts) {
    this.#parts = parts
    this.#lastHour = new LastHour(parts)
  }

  async report(): Promise<BudgetReport> {
    const { store, clock, learning } = this.#parts
    await learning.usable()
    const habits = await readHabits(store, clock.now())
    const { hours, questions } = habits
    const parts = { ...this.#parts, rules: learning.book }
    const assessed = await assessHabits(parts, habits.habits)
    const perHour = this.#perHour()
    return {
      perHour,
      now: this.#lastHour.count(),
      usual: hours === 0 ? 0 : questions / hours,
      hours,
      questions,
      ...(await planBudget(parts, habits, assessed, perHour)),
    }
  }

  async set(perHour: number | null, actor: string): Promise<BudgetReport> {
    if (perHour !== null && !(Number.isInteger(perHour) && perHour >= 0 && perHour <= MAX_PER_HOUR))
      throw new Fault(
        'input.invalid',
        `an attention budget is a whole number of questions an hour, at most ${MAX_PER_HOUR}`,
        { hint: '`clawdeck policy budget off` removes the limit.' },
      )
    if (perHour !== this.#perHour())
      await this.#parts.journal.append(() => [
        { type: 'budget.set', actor, subject: '', body: { perHour } },
      ])
    return this.report()
  }

  /** The limit and the last hour, which cost little: for screens. */
  summary(): { perHour: number | null; lastHour: number } {
    return { perHour: this.#perHour(), lastHour: this.#lastHour.count() }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#lastHour[Symbol.asyncDispose]()
  }

  #perHour(): number | null {
    const row = this.#parts.journal.rows.get<{ perHour: number | null }>('budget', 'hour')
    return row?.perHour ?? null
  }
}

/** Counts the questions to persons in the last hour as they are asked. */
class LastHour implements AsyncDisposable {
  readonly #clock: Clock
  readonly #unfollow: () => void
  #times: number[]

  constructor({ journal, store, clock }: Pick<BudgetParts, 'journal' | 'store' | 'clock'>) {
    this.#clock = clock
    this.#times = store
      .prepare<[number], { askedAt: number }>(
        'SELECT askedAt FROM approval WHERE askedAt > ? ORDER BY askedAt',
      )
      .all(clock.now() - HOUR_MS)
      .map(({ askedAt }) => askedAt)
    this.#unfollow = journal.follow(({ events }) => {
      for (const { type, at } of events) if (type === 'approval.requested') this.#times.push(at)
    })
  }

  count(): number {
    const from = this.#clock.now() - HOUR_MS
    const first = this.#times.findIndex((at) => at > from)
    if (first !== 0) this.#times = first < 0 ? [] : this.#times.slice(first)
    return this.#times.length
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#unfollow()
  }
}

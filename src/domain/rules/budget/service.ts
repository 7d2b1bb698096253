import type { Clock } from '../../../base/clock.ts'
import { Fault } from '../../../base/fault.ts'
import type { Journal } from '../../../journal/journal.ts'
import type { Store } from '../../../store/open.ts'
import { askedBefore, HOUR } from './habits.ts'
import { planned, type PlanParts } from './plan.ts'
import { weighed, type WeighParts } from './weigh.ts'
import type { Learning } from '../service.ts'
import type { BudgetReport } from './types.ts'

export interface BudgetParts extends Omit<WeighParts, 'book'>, Omit<PlanParts, 'book'> {
  learning: Learning
  journal: Journal
  store: Store
  clock: Clock
}

/** The most that can be wished for. */
export const MOST_PER_HOUR = 10_000

/**
 * How often a person may be interrupted. What would bring it there is proposed, each with the command that does it; nothing is
 * ever taken.
 */
export function budgetService(parts: BudgetParts) {
  const { journal, store, clock, learning } = parts
  const asked = lastHour(parts)
  const perHour = () =>
    journal.rows.get<{ perHour: number | null }>('budget', 'hour')?.perHour ?? null

  async function report(): Promise<BudgetReport> {
    await learning.usable()
    const past = await askedBefore(store, clock.now())
    const all = await weighed({ ...parts, book: learning.book }, past.habits)
    const wish = perHour()
    const usual = past.hours === 0 ? 0 : past.questions / past.hours
    const plan = await planned({ ...parts, book: learning.book }, past, all, wish)
    return {
      perHour: wish,
      now: asked.count(),
      usual,
      hours: past.hours,
      questions: past.questions,
      ...plan,
    }
  }

  return {
    report,
    async set(wish: number | null, actor: string): Promise<BudgetReport> {
      if (wish !== null && !(Number.isInteger(wish) && wish >= 0 && wish <= MOST_PER_HOUR))
        throw new Fault(
          'input.invalid',
          `an attention budget is a whole number of questions an hour, at most ${MOST_PER_HOUR}`,
          { hint: '`clawdeck policy budget off` has none.' },
        )
      if (wish !== perHour())
        await journal.append(() => [
          { type: 'budget.set', actor, subject: '', body: { perHour: wish } },
        ])
      return report()
    },
    /** For screens: cheap. */
    facts: () => ({ perHour: perHour(), lastHour: asked.count() }),
  }
}

/** How many questions a person was asked in the last hour, counted as they come. */
function lastHour({ journal, store, clock }: Pick<BudgetParts, 'journal' | 'store' | 'clock'>): {
  count(): number
} {
  let times = store
    .prepare<[number], { askedAt: number }>(
      'SELECT askedAt FROM approval WHERE askedAt > ? ORDER BY askedAt',
    )
    .all(clock.now() - HOUR)
    .map(({ askedAt }) => askedAt)
  journal.follow(({ events }) => {
    for (const { type, at } of events) if (type === 'approval.requested') times.push(at)
  })
  return {
    count() {
      const from = clock.now() - HOUR
      const first = times.findIndex((at) => at > from)
      if (first !== 0) times = first < 0 ? [] : times.slice(first)
      return times.length
    },
  }
}

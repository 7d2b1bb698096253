import { yielder } from '../../../base/yield.ts'
import type { Approval } from '../../approvals/types.ts'
import type { Store } from '../../../store/open.ts'
import type { Action, Risk } from '../../policy/types.ts'

/** One action that an agent asked about, and every time that it did. */
export interface Habit {
  agent: string
  action: Action
  /** The highest risk that it had. */
  risk: Risk
  /** The latest approval that allowed it unchanged; '' if there is none. */
  approval: string
  /** An approval that waits now, or ''. */
  pending: string
  times: number
  allowed: number
  denied: number
  expired: number
  /** Allowed with an edited action. */
  edited: number
  failed: number
  /** Questions by hour, counted from 1970. */
  byHour: Map<number, number>
}

/** How long this work may hold the event loop. It is never urgent. */
const YIELD_EVERY_MS = 4

/** To be awaited between small steps of budget work. */
export function budgetYielder(): () => Promise<void> {
  return yielder(undefined, YIELD_EVERY_MS)
}

export interface Habits {
  habits: Habit[]
  questions: number
  /** Hours in which anything was asked. */
  hours: number
}

export const HOUR_MS = 3_600_000
const MAX_AGE_MS = 30 * 24 * HOUR_MS
const MAX_QUESTIONS = 20_000
const SLICE = 100

/** What was asked in the last 30 days, at most the latest 20,000 questions. */
export async function readHabits(store: Store, now: number): Promise<Habits> {
  const page = store.prepare<
    [number, number, number, string, number],
    { askedAt: number; id: string; row: string }
  >(
    'SELECT askedAt, id, row FROM approval WHERE askedAt >= ? AND askedAt <= ? AND NOT (askedAt = ? AND id >= ?) ORDER BY askedAt DESC, id DESC LIMIT ?',
  )
  const habits = new Map<string, Habit>()
  const hours = new Set<number>()
  const yieldIfBusy = budgetYielder()
  let [at, id, questions] = [now + 1, '', 0]
  while (questions < MAX_QUESTIONS) {
    const rows = page.all(now - MAX_AGE_MS, at, at, id, SLICE)
    for (const { row } of rows) {
      const approval = JSON.parse(row) as Approval
      addQuestion(habits, approval)
      hours.add(hourOf(approval))
    }
    questions += rows.length
    const last = rows.at(-1)
    if (last === undefined || rows.length < SLICE) break
    at = last.askedAt
    id = last.id
    await yieldIfBusy()
  }
  return { habits: [...habits.values()], questions, hours: hours.size }
}

function hourOf({ askedAt }: Approval): number {
  return Math.floor(askedAt / HOUR_MS)
}

function addQuestion(habits: Map<string, Habit>, approval: Approval): void {
  const { risk, fingerprint, state, edited, outcome } = approval
  const habit = habits.get(fingerprint) ?? newHabit(approval)
  habits.set(fingerprint, habit)
  if (risk.score > habit.risk.score) habit.risk = risk
  const hour = hourOf(approval)
  habit.byHour.set(hour, (habit.byHour.get(hour) ?? 0) + 1)
  habit.times++
  const result = state === 'allowed' && edited !== null ? 'edited' : state
  if (result === 'pending') habit.pending ||= approval.id
  else habit[result]++
  if (result === 'allowed') habit.approval ||= approval.id
  if (outcome !== null && outcome.result !== 'success') habit.failed++
}

function newHabit({ agent, action, risk }: Approval): Habit {
  return {
    agent,
    action,
    risk,
    approval: '',
    pending: '',
    times: 0,
    allowed: 0,
    denied: 0,
    expired: 0,
    edited: 0,
    failed: 0,
    byHour: new Map(),
  }
}

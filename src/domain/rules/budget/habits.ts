import type { Approval } from '../../approvals/types.ts'
import type { Store } from '../../../store/open.ts'
import type { Action, Risk } from '../../policy/types.ts'

/** One thing that an agent asked for, each time that it did. */
export interface Habit {
  agent: string
  action: Action
  /** The highest that it ever had. */
  risk: Risk
  /** The latest time that a person allowed it as it was asked; '' if nobody ever did. */
  approval: string
  /** One that waits now, or ''. */
  pending: string
  times: number
  allowed: number
  denied: number
  expired: number
  /** Allowed as something else. */
  edited: number
  failed: number
  /** Questions by hour of the clock. */
  byHour: Map<number, number>
}

/** Lets everybody else have a turn when this one has lasted some milliseconds. To be awaited between small steps. */
export function turns(): () => Promise<void> | undefined {
  let since = performance.now()
  return () => {
    if (performance.now() - since < TURN_MS) return undefined
    return new Promise((resolve) => {
      setImmediate(() => {
        since = performance.now()
        resolve()
      })
    })
  }
}

const TURN_MS = 4

export interface Past {
  habits: Habit[]
  questions: number
  hours: number
}

export const HOUR = 3_600_000
const OLDEST = 30 * 24 * HOUR
const MOST = 20_000
const SLICE = 100

/** What was asked in the last 30 days, at most the latest 20,000 times. In slices: nobody has to wait for it. */
export async function askedBefore(store: Store, now: number): Promise<Past> {
  const page = store.prepare<
    [number, number, number, string, number],
    { askedAt: number; id: string; row: string }
  >(
    'SELECT askedAt, id, row FROM approval WHERE askedAt >= ? AND askedAt <= ? AND NOT (askedAt = ? AND id >= ?) ORDER BY askedAt DESC, id DESC LIMIT ?',
  )
  const habits = new Map<string, Habit>()
  const hours = new Set<number>()
  const turn = turns()
  let [at, id, questions] = [now + 1, '', 0]
  while (questions < MOST) {
    const rows = page.all(now - OLDEST, at, at, id, SLICE)
    for (const { row } of rows) {
      const approval = JSON.parse(row) as Approval
      add(habits, approval)
      hours.add(Math.floor(approval.askedAt / HOUR))
    }
    questions += rows.length
    const last = rows.at(-1)
    if (last === undefined || rows.length < SLICE) break
    at = last.askedAt
    id = last.id
    await turn()
  }
  return { habits: [...habits.values()], questions, hours: hours.size }
}

function add(habits: Map<string, Habit>, approval: Approval): void {
  const { agent, action, risk, fingerprint, state, edited } = approval
  let habit = habits.get(fingerprint)
  if (habit === undefined)
    habits.set(
      fingerprint,
      (habit = {
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
      }),
    )
  if (risk.score > habit.risk.score) habit.risk = risk
  const hour = Math.floor(approval.askedAt / HOUR)
  habit.byHour.set(hour, (habit.byHour.get(hour) ?? 0) + 1)
  habit.times++
  const became = state === 'allowed' && edited !== null ? 'edited' : state
  if (became === 'pending') habit.pending ||= approval.id
  else habit[became]++
  if (became === 'allowed') habit.approval ||= approval.id
  if (approval.outcome !== null && approval.outcome.result !== 'success') habit.failed++
}

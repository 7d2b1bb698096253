import { createHash } from 'node:crypto'
import { encodeState, type StateInput, type StateVector } from '../../../clawpolicy/rl/state.ts'
import type { Store } from '../../../store/open.ts'
import type { Approval } from '../../approvals/types.ts'
import type { Action } from '../../policy/types.ts'
import { levelOf } from '../task.ts'

/** A question that a person decided, as the learner sees it. */
export interface RecordedDecision {
  state: StateInput
  /** People allowed it as it was asked, and it did not fail. */
  allowed: boolean
  /** How long the person took, in seconds. */
  waited: number
  /** Unix milliseconds. */
  at: number
}

export interface RecordedFilter {
  agent?: string | undefined
  since?: number | undefined
}

/** The most decisions that are read, the latest ones: this bounds the memory of a run. */
const MOST_DECISIONS = 20_000
const BUSY_MS = 10 * 60_000
const QUIET_MS = 3_600_000
/** So many questions within ten minutes keep a person busy. */
const BUSY_QUESTIONS = 5

/** Decisions of people, oldest first. Expired questions are left out: nobody decided them. */
export function recordedDecisions(
  store: Store,
  { agent, since }: RecordedFilter,
): RecordedDecision[] {
  const rows = store
    .prepare<[string | null, string | null, number], { row: string }>(
      `SELECT row FROM approval WHERE state IN ('allowed', 'denied')
       AND (? IS NULL OR row ->> '$.agent' = ?) AND askedAt >= ?
       ORDER BY askedAt DESC, id DESC LIMIT ${MOST_DECISIONS}`,
    )
    .all(agent ?? null, agent ?? null, since ?? 0)
  const approvals = rows.map(({ row }) => JSON.parse(row) as Approval).toReversed()
  const times = approvals.map(({ askedAt }) => askedAt)
  return approvals.map((approval, i) => decisionOf(approval, loadAt(times, i)))
}

function decisionOf(
  { action, risk, askedAt, decidedAt, state, edited, outcome }: Approval,
  mood: string,
): RecordedDecision {
  const failed = outcome !== null && outcome.result !== 'success'
  return {
    state: {
      taskType: TASK_TYPES[levelOf(risk.score)],
      technologies: featuresOf(action),
      mood,
      hour: new Date(askedAt).getUTCHours(),
    },
    allowed: state === 'allowed' && edited === null && !failed,
    waited: Math.max(0, (decidedAt ?? askedAt) - askedAt) / 1000,
    at: askedAt,
  }
}

/** Task types count up with what is at stake. */
const TASK_TYPES = { low: 'T1', medium: 'T2', high: 'T3', critical: 'T4' } as const

/** The names of the eight technologies of a state. */
const SLOTS = ['react', 'vue', 'fastapi', 'express', 'python', 'javascript', 'typescript', 'go']

/**
 * A state has no place for what is asked. The type, the type with the program, and that with its
 * verb are hashed into the eight places for technologies (feature hashing, Weinberger et al. 2009).
 */
function featuresOf({ type, target }: Action): string[] {
  const [program = '', verb = ''] = target.split(/\s+/, 2)
  return [`${type} ${program}`, `${type} ${program} ${verb}`].map(
    (feature) => SLOTS[slotOf(feature)] as string,
  )
}

function slotOf(feature: string): number {
  return (createHash('sha256').update(feature).digest()[0] as number) % SLOTS.length
}

/** How busy people were at a question: the moods of a state stand for that. */
function loadAt(times: readonly number[], i: number): string {
  const now = times[i] as number
  const before = times[i - BUSY_QUESTIONS + 1]
  if (before !== undefined && now - before <= BUSY_MS) return 'stressed'
  const last = times[i - 1]
  return last === undefined || now - last > QUIET_MS ? 'relaxed' : 'focused'
}

/** The state of a recorded question for a trained agent. */
export function stateVectorOf({ state }: RecordedDecision): StateVector {
  return encodeState(state)
}

export const TASK_TYPES = ['T1', 'T2', 'T3', 'T4'] as const
type TaskType = (typeof TASK_TYPES)[number]

export const STATE_TECHNOLOGIES = [
  'react',
  'vue',
  'fastapi',
  'express',
  'python',
  'javascript',
  'typescript',
  'go',
] as const
export const MOODS = ['focused', 'relaxed', 'stressed'] as const

/** The length of a state vector. */
export const STATE_SIZE = TASK_TYPES.length + STATE_TECHNOLOGIES.length + MOODS.length + 2

/**
 * 17 numbers: task type (one-hot, 4), technologies (multi-hot, 8), mood (one-hot, 3), hour / 24,
 * and recent performance (0 to 1).
 */
export type StateVector = readonly number[]

export interface StateInput {
  taskType?: string
  technologies?: readonly string[]
  mood?: string
  /** 0 to 24, as a number or text; anything else is noon. */
  hour?: number | string
  /** Running mean of rewards, 0 to 1. */
  performance?: number
}

/** Recent performance before the first reward. */
export const INITIAL_PERFORMANCE = 0.5

/** Recent performance after one more reward: 0.7 p + 0.3 reward. */
export function nextPerformance(performance: number, reward: number): number {
  return 0.7 * performance + 0.3 * reward
}

/** A state vector, see `StateVector`. */
export function encodeState({
  taskType = '',
  technologies = ['python'],
  mood = '',
  hour,
  performance = INITIAL_PERFORMANCE,
}: StateInput): StateVector {
  const used = new Set(technologies.flatMap(technologiesIn))
  if (used.size === 0) used.add('python')
  return [
    ...oneOf(TASK_TYPES, taskTypeOf(taskType)),
    ...STATE_TECHNOLOGIES.map((technology) => (used.has(technology) ? 1 : 0)),
    ...oneOf(MOODS, mood, 'focused'),
    hourOf(hour) / 24,
    performance,
  ]
}

/** A task type in upper case; an unknown one is T2. */
function taskTypeOf(name: string): TaskType {
  const upper = name.toUpperCase()
  return TASK_TYPES.find((type) => type === upper) ?? 'T2'
}

/**
 * A technology by its exact name, else every one that the name contains: as in the original,
 * `django` contains `go`.
 */
function technologiesIn(name: string): readonly string[] {
  const lower = name.toLowerCase()
  const exact = STATE_TECHNOLOGIES.filter((technology) => technology === lower)
  return exact.length > 0
    ? exact
    : STATE_TECHNOLOGIES.filter((technology) => lower.includes(technology))
}

function hourOf(hour: number | string | undefined): number {
  const read = typeof hour === 'string' && hour.trim() === '' ? NaN : Number(hour)
  return Number.isNaN(read) ? 12 : Math.min(24, Math.max(0, read))
}

function oneOf(names: readonly string[], name: string, fallback = name): number[] {
  const chosen = names.includes(name) ? name : fallback
  return names.map((one) => (one === chosen ? 1 : 0))
}

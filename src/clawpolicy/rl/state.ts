export const TASK_TYPES = ['T1', 'T2', 'T3', 'T4'] as const
export type TaskType = (typeof TASK_TYPES)[number]

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

/** How many numbers a state has. */
export const STATE_SIZE = TASK_TYPES.length + STATE_TECHNOLOGIES.length + MOODS.length + 2

/** Task type (one of 4), technologies (any of 8), mood (one of 3), hour and recent performance, the last two from 0 to 1. */
export type StateVector = readonly number[]

export interface StateInput {
  taskType?: string
  technologies?: readonly string[]
  mood?: string
  /** 0 to 24; text is read, what is none is noon. */
  hour?: number | string
  /** Running mean of rewards, 0 to 1. */
  performance?: number
}

/** What recent performance is before anything has happened. */
export const INITIAL_PERFORMANCE = 0.5

/** Recent performance after one more reward. */
export function nextPerformance(performance: number, reward: number): number {
  return 0.7 * performance + 0.3 * reward
}

/** A situation as 17 numbers. */
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

/** A task type in its own spelling; what is none is T2. */
export function taskTypeOf(name: string): TaskType {
  const upper = name.toUpperCase()
  return TASK_TYPES.find((type) => type === upper) ?? 'T2'
}

/** A technology by its exact name, else each that the name contains: `django` says go, and so it is. */
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

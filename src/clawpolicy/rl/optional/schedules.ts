/** A learning rate over time. */
export interface LearningRateSchedule {
  kind: 'constant' | 'exponential' | 'cosine' | 'step'
  rate: number
  decay: number
  /** The number of steps of one decay. */
  steps: number
  /** The lowest rate. */
  min: number
}

export const DEFAULT_SCHEDULE: LearningRateSchedule = {
  kind: 'constant',
  rate: 0.001,
  decay: 0.96,
  steps: 100,
  min: 1e-6,
}

/** The learning rate at a step, counted from 0. */
export function learningRateAt(step: number, schedule: Partial<LearningRateSchedule> = {}): number {
  const { kind, rate, decay, steps, min } = { ...DEFAULT_SCHEDULE, ...schedule }
  const passed = step / steps
  switch (kind) {
    case 'constant':
      return Math.max(min, rate)
    case 'exponential':
      return Math.max(min, rate * decay ** passed)
    case 'cosine':
      return Math.max(min, min + ((rate - min) * (1 + Math.cos(Math.PI * passed))) / 2)
    case 'step':
      return Math.max(min, rate * decay ** Math.floor(passed))
  }
}

import type { ModelTexts } from '../files.ts'

/** One project to train; the same seed gives the same model on any thread. */
export interface TrainingJob {
  project: string
  episodes: number
  seed: number
}

export interface ProjectResult {
  project: string
  /** The number of trained episodes; fewer than requested if it was cancelled. */
  episodes: number
  /** The mean return of all episodes, and of the last tenth. */
  mean_return: number
  final_return: number
  model: ModelTexts
}

/** What a thread reports about its job. */
export type TrainingMessage =
  | { kind: 'progress'; project: string; episodes: number }
  | { kind: 'done'; result: ProjectResult }
  | { kind: 'failed'; project: string; why: string }

/** A job for a thread, and a shared number that is not 0 once it is cancelled. */
export interface TrainingOrder {
  job: TrainingJob
  cancelled: Int32Array
}

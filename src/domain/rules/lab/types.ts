/**
 * What every run of the lab is given. All of it has defaults and bounds; equal input gives equal
 * results.
 */
export interface LabInput {
  /** Only questions of this agent. */
  agent?: string | undefined
  /** Only questions asked since then, in Unix milliseconds. */
  since?: number | undefined
  /** 0 to 2^32 - 1. */
  seed?: number | undefined
  /** Training steps, each on one recorded question. */
  episodes?: number | undefined
  /** How long a run may take; it ends with what it has by then. */
  seconds?: number | undefined
}

export interface TrainInput extends LabInput {
  /** A new or empty folder for the trained model. */
  save?: string | undefined
}

export interface TuneInput extends LabInput {
  /** How many sets of hyperparameters are tried. */
  trials?: number | undefined
}

/** A run reports progress and ends with its result. */
export type LabUpdate<Result> =
  | { kind: 'progress'; line: string; done: number; of: number }
  | { kind: 'result'; result: Result }

/** The recorded questions that a run used. Times are Unix milliseconds. */
export interface LabData {
  questions: number
  allowed: number
  /** Denied, changed, or failed after they were allowed. */
  refused: number
  /** The oldest questions were used for training, and the latest held out. */
  training: number
  heldOut: number
  from: number
  until: number
}

export interface TrainReport {
  data: LabData
  episodes: number
  /** Whether the time limit ended it early. */
  stopped: boolean
  /** The mean reward of the first and of the last tenth of the episodes, 0 to 1. */
  firstReward: number
  lastReward: number
  /** The folder with the model's files, as the engine's library reads them; null if not saved. */
  saved: string | null
  /** The rewards over time, one line of text. */
  plot: string
}

/** How often people and the model agree on held-out questions. */
export interface Confusion {
  /** People allowed it; the model would have let it run, or asked. */
  allowedRun: number
  allowedAsked: number
  /** People refused it. */
  refusedRun: number
  refusedAsked: number
}

export interface EvaluateReport {
  data: LabData
  episodes: number
  stopped: boolean
  confusion: Confusion
  /** The share of held-out questions where model and people agree, 0 to 1. */
  agreement: number
  /** The same for asking about everything, as the deck does without rules. */
  alwaysAsk: number
  /** 0 to 1: right is 1, a needless question is 0.5, letting run what people refused is 0. */
  score: number
  plot: string
  /** The confusion as a table, line by line. */
  table: readonly string[]
}

export interface TuneTrial {
  actorRate: number
  criticRate: number
  prioritised: boolean
  /** As in `EvaluateReport`, on the last part of the training questions. */
  score: number
}

export interface TuneReport {
  data: LabData
  episodes: number
  stopped: boolean
  /** In the order in which they were tried. */
  trials: readonly TuneTrial[]
  best: TuneTrial
  /**
   * The share of the scores' variance that each hyperparameter explains; empty below ten trials.
   */
  importance: Readonly<Record<string, number>>
  /** Scores on the held-out questions, with the best hyperparameters and with the default ones. */
  heldOutScore: number
  defaultScore: number
  plot: string
  /** The best trials, line by line. */
  table: readonly string[]
}

/**
 * Tries the engine's reinforcement learning on recorded decisions. It advises and changes nothing.
 * Each run is read to its end or aborted; it throws what `signal` is aborted with. Faults:
 * `not.possible` for too few decisions of people or a folder that is in use, `input.invalid`,
 * `timeout`, `journal.*`.
 */
export interface Lab {
  train(input: TrainInput, signal: AbortSignal): AsyncGenerator<LabUpdate<TrainReport>>
  evaluate(input: LabInput, signal: AbortSignal): AsyncGenerator<LabUpdate<EvaluateReport>>
  tune(input: TuneInput, signal: AbortSignal): AsyncGenerator<LabUpdate<TuneReport>>
}

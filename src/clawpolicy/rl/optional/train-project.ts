import { parentPort } from 'node:worker_threads'
import { freshActorCritic, linearAgent } from '../actor-critic.ts'
import { writeModel, type ModelTexts } from '../files.ts'
import { seededRandom } from '../random.ts'
import { freshRewardModel } from '../reward.ts'
import { train } from '../trainer.ts'
import { mean } from './statistics.ts'

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

/** The URL of this file, for a thread to load. */
export const TRAINING_THREAD_URL = import.meta.url

const SAID_EVERY = 10

/** Trains one project and reports progress every ten episodes. */
export function trainProject(
  { project, episodes, seed }: TrainingJob,
  { cancelled, say }: { cancelled: () => boolean; say: (episodes: number) => void },
): ProjectResult {
  const random = seededRandom(seed)
  const learner = linearAgent(freshActorCritic(random), random)
  const { stats, steps } = cancelled()
    ? { stats: [], steps: 0 }
    : train(learner, {
        episodes,
        random,
        reward: freshRewardModel(),
        after: ({ episodes: done }) => {
          if (done % SAID_EVERY === 0) say(done)
          return cancelled()
        },
      })
  const returns = stats.map(({ total_return }) => total_return)
  return {
    project,
    episodes: steps,
    mean_return: mean(returns),
    final_return: mean(returns.slice(-Math.max(1, Math.ceil(returns.length / 10)))),
    model: writeModel(learner.networks(), { episodes: steps, steps }),
  }
}

/** Runs jobs one after the other until the thread is terminated. */
export function serveTraining(): void {
  const port = parentPort
  const say = (message: TrainingMessage) => port?.postMessage(message)
  port?.on('message', ({ job, cancelled }: TrainingOrder) => {
    try {
      const result = trainProject(job, {
        cancelled: () => Atomics.load(cancelled, 0) !== 0,
        say: (episodes) => say({ kind: 'progress', project: job.project, episodes }),
      })
      say({ kind: 'done', result })
    } catch (thrown) {
      say({
        kind: 'failed',
        project: job.project,
        why: thrown instanceof Error ? thrown.message : String(thrown),
      })
    }
  })
}

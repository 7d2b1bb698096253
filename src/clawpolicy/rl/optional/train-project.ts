import type { MessagePort } from 'node:worker_threads'
import type { WorkerEntry } from '../../../base/worker.ts'
import { freshActorCritic } from '../actor-critic.ts'
import { linearAgent } from '../linear-agent.ts'
import { writeModel } from '../files.ts'
import { seededRandom } from '../random.ts'
import { freshRewardModel } from '../reward.ts'
import { train } from '../trainer.ts'
import { mean } from './statistics.ts'
import type { ProjectResult, TrainingJob, TrainingMessage, TrainingOrder } from './training-jobs.ts'

const REPORT_EVERY = 10

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
          if (done % REPORT_EVERY === 0) say(done)
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
export const trainingWorker: WorkerEntry<Record<string, never>> = {
  url: import.meta.url,
  name: 'trainingWorker',
  run: (port) => {
    port.on('message', (order: TrainingOrder) => runOrder(order, port))
  },
}

function runOrder({ job, cancelled }: TrainingOrder, port: MessagePort): void {
  const say = (message: TrainingMessage) => port.postMessage(message)
  try {
    const result = trainProject(job, {
      cancelled: () => Atomics.load(cancelled, 0) !== 0,
      say: (episodes) => say({ kind: 'progress', project: job.project, episodes }),
    })
    say({ kind: 'done', result })
  } catch (thrown) {
    const why = thrown instanceof Error ? thrown.message : String(thrown)
    say({ kind: 'failed', project: job.project, why })
  }
}

import { setPriority } from 'node:os'
import type { MessagePort } from 'node:worker_threads'
import { asFault, type FaultJson } from '../../../base/fault.ts'
import type { WorkerEntry } from '../../../base/worker.ts'
import { openReadOnly } from '../../../store/open.ts'
import { recordedDecisions, type RecordedDecision, type RecordedFilter } from './recorded.ts'
import { runEvaluation, runTraining, runTuning, type RunOptions } from './runs.ts'

export type LabRun = 'train' | 'evaluate' | 'tune'

/**
 * What the thread is given. `aborted` is a shared number that is not 0 once the run is not wanted
 * any more.
 */
export interface LabOrder extends RecordedFilter {
  database: string
  run: LabRun
  seed: number
  episodes: number
  trials: number
  limitMs: number
  aborted: Int32Array
}

export type LabMessage =
  | { kind: 'progress'; line: string; done: number; of: number }
  | { kind: 'result'; result: unknown }
  | { kind: 'failed'; fault: FaultJson }

/** Behind everything that somebody waits for. */
const NICE = 10

/** Runs an order, and posts progress and its result. */
export const labWorker: WorkerEntry<LabOrder> = {
  url: import.meta.url,
  name: 'labWorker',
  run: (port, order) => void serve(port, order),
}

async function serve(port: MessagePort, order: LabOrder): Promise<void> {
  // Elsewhere this would be the priority of the whole process.
  if (process.platform === 'linux') setPriority(NICE)
  const post = (message: LabMessage) => port.postMessage(message)
  try {
    post({ kind: 'result', result: await runOrder(order, post) })
  } catch (thrown) {
    post({ kind: 'failed', fault: asFault(thrown).toJSON() })
  }
  port.close()
}

async function runOrder(order: LabOrder, post: (message: LabMessage) => void): Promise<unknown> {
  const decisions = decisionsIn(order)
  post({ kind: 'progress', line: `read ${decisions.length} decisions`, done: 0, of: 1 })
  const until = performance.now() + order.limitMs
  const options: RunOptions = {
    seed: order.seed,
    episodes: order.episodes,
    trials: order.trials,
    outOfTime: () => performance.now() > until,
    aborted: () => Atomics.load(order.aborted, 0) !== 0,
    progress: (line, done, of) => post({ kind: 'progress', line, done, of }),
  }
  if (order.run === 'train') return runTraining(decisions, options)
  return order.run === 'evaluate'
    ? runEvaluation(decisions, options)
    : runTuning(decisions, options)
}

/** The database is closed before anything is trained. */
function decisionsIn({ database, agent, since }: LabOrder): RecordedDecision[] {
  const store = openReadOnly(database)
  try {
    return recordedDecisions(store, { agent, since })
  } finally {
    store.close()
  }
}

import type { Worker } from 'node:worker_threads'
import { Fault } from '../../../base/fault.ts'
import { startWorker } from '../../../base/worker.ts'
import type { Store } from '../../../store/open.ts'
import { workerMessages } from '../worker-messages.ts'
import type { LabMessage, LabOrder, LabRun } from './lab-thread.ts'
import { refuseUsed, saveModel } from './model-files.ts'
import type { Trained } from './runs.ts'
import type { Lab, LabUpdate, TrainReport, TuneInput } from './types.ts'

/** A bounded number of an input: its default, and what it may be. */
interface Bounds {
  fallback: number
  least: number
  most: number
}

const SEED: Bounds = { fallback: 1, least: 0, most: 2 ** 32 - 1 }
const EPISODES: Bounds = { fallback: 2000, least: 1, most: 50_000 }
const TRIALS: Bounds = { fallback: 20, least: 1, most: 200 }
const SECONDS: Bounds = { fallback: 60, least: 1, most: 600 }
/** A trial of the tuner trains less than a training of its own. */
const TUNE_EPISODES: Bounds = { ...EPISODES, fallback: 400 }

/** Runs the lab on the deck's database, each run in a worker thread. */
export function labService({ store }: { store: Store }): Lab {
  const run = <Result>(kind: LabRun, input: TuneInput, signal: AbortSignal) =>
    runInThread<Result>(() => orderOf(store.name, kind, input), signal)
  return {
    async *train({ save, ...input }, signal) {
      if (save !== undefined) await refuseUsed(save)
      for await (const update of run<Trained>('train', input, signal)) {
        if (update.kind === 'progress') yield update
        else yield { kind: 'result', result: await saved(update.result, save) }
      }
    },
    evaluate: (input, signal) => run('evaluate', input, signal),
    tune: (input, signal) => run('tune', input, signal),
  }
}

async function saved({ model, ...report }: Trained, save = ''): Promise<TrainReport> {
  if (save === '') return { ...report, saved: null }
  await saveModel(save, model)
  return { ...report, saved: save }
}

function orderOf(database: string, run: LabRun, input: TuneInput): Omit<LabOrder, 'aborted'> {
  const { agent, since, seed, episodes, trials, seconds } = input
  return {
    database,
    run,
    agent,
    since,
    seed: bounded('seed', seed, SEED),
    episodes: bounded('episodes', episodes, run === 'tune' ? TUNE_EPISODES : EPISODES),
    trials: bounded('trials', trials, TRIALS),
    limitMs: bounded('seconds', seconds, SECONDS) * 1000,
  }
}

function bounded(
  name: string,
  value: number | undefined,
  { fallback, least, most }: Bounds,
): number {
  if (value === undefined) return fallback
  if (Number.isInteger(value) && value >= least && value <= most) return value
  throw new Fault('input.invalid', `${name} is ${value}`, {
    hint: `Give a whole number from ${least} to ${most}.`,
  })
}

/** Waits for the end of the thread however it is left. */
async function* runInThread<Result>(
  order: () => Omit<LabOrder, 'aborted'>,
  signal: AbortSignal,
): AsyncGenerator<LabUpdate<Result>> {
  signal.throwIfAborted()
  const given = order()
  const { labWorker } = await import('./lab-thread.ts')
  const aborted = new Int32Array(new SharedArrayBuffer(4))
  const thread = startWorker(labWorker, { ...given, aborted })
  const messages = workerMessages<LabMessage>(thread, 'runs the lab', signal)
  try {
    for (;;) {
      const message = await messages.next()
      if (message.kind === 'failed') throw Fault.fromJson(message.fault)
      if (message.kind === 'progress') yield message
      else {
        yield { kind: 'result', result: message.result as Result }
        return
      }
    }
  } finally {
    messages.stop()
    Atomics.store(aborted, 0, 1)
    await ended(thread)
  }
}

/**
 * A thread whose run is aborted ends by itself, with its connection closed: the database may be
 * closed after that.
 */
function ended(thread: Worker): Promise<void> {
  return new Promise((resolve) => {
    thread.once('exit', () => resolve())
    if (thread.threadId === -1) resolve()
  })
}

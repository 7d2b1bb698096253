import { availableParallelism } from 'node:os'
import type { Worker } from 'node:worker_threads'
import { startWorker } from '../../../base/worker.ts'
import { standardDeviation, mean } from './statistics.ts'
import type { TrainingJob, ProjectResult, TrainingOrder, TrainingMessage } from './training-jobs.ts'

export interface TrainingStatus {
  project: string
  state: 'waiting' | 'training' | 'done' | 'failed' | 'cancelled'
  episodes: number
  of: number
}

export interface TrainingReport {
  /** `sequential` if no thread was wanted or could be started. */
  mode: 'threads' | 'sequential'
  projects: ProjectResult[]
  failed: { project: string; why: string }[]
  /** Over the mean returns of the projects. */
  overall: { mean: number; std: number; best: string | undefined }
}

/** A running training. */
export interface DistributedTraining {
  status(): TrainingStatus[]
  /** Ends every project at its next episode; the report holds what was trained so far. */
  cancel(): void
  report: Promise<TrainingReport>
}

export interface DistributedOptions {
  /** Episodes for each project. */
  episodes?: number
  /** The seed of the first project; the next ones count up from it. */
  seed: number
  /** 0 trains on the calling thread, one project after the other. */
  threads?: number
}

const EPISODES = 100

/** The state that all workers of a training share. */
interface Run {
  jobs: TrainingJob[]
  next: number
  status: Map<string, TrainingStatus>
  results: ProjectResult[]
  failed: { project: string; why: string }[]
  cancelled: Int32Array
}

/** Trains projects in parallel on worker threads. Names must differ. */
export function trainProjects(
  projects: readonly string[],
  { episodes = EPISODES, seed, threads = availableParallelism() }: DistributedOptions,
): DistributedTraining {
  const names = [...new Set(projects)]
  const run: Run = {
    jobs: names.map((project, i) => ({ project, episodes, seed: seed + i })),
    next: 0,
    status: new Map(
      names.map((project) => [project, { project, state: 'waiting', episodes: 0, of: episodes }]),
    ),
    results: [],
    failed: [],
    cancelled: new Int32Array(new SharedArrayBuffer(4)),
  }
  return {
    status: () => [...run.status.values()],
    cancel: () => {
      Atomics.store(run.cancelled, 0, 1)
    },
    report: trained(run, Math.min(threads, names.length)),
  }
}

async function trained(run: Run, threads: number): Promise<TrainingReport> {
  const started =
    threads > 0 ? await Promise.all(Array.from({ length: threads }, () => onThread(run))) : []
  const threaded = started.some((one) => one)
  // Jobs that no thread took run here.
  await here(run)
  const order = new Map(run.jobs.map(({ project }, i) => [project, i]))
  const done = run.results.sort((a, b) => (order.get(a.project) ?? 0) - (order.get(b.project) ?? 0))
  const returns = done.map(({ mean_return }) => mean_return)
  const best = done.reduce<ProjectResult | undefined>(
    (found, result) =>
      found === undefined || result.mean_return > found.mean_return ? result : found,
    undefined,
  )
  return {
    mode: threaded ? 'threads' : 'sequential',
    projects: done,
    failed: run.failed,
    overall: { mean: mean(returns), std: standardDeviation(returns), best: best?.project },
  }
}

/** Runs jobs on one thread until there are none left. False if the thread completed none. */
async function onThread(run: Run): Promise<boolean> {
  const { trainingWorker } = await import('./train-project.ts')
  let worker: Worker
  try {
    worker = startWorker(trainingWorker, {})
  } catch {
    return false
  }
  let did = false
  return new Promise((resolve) => {
    let job: TrainingJob | undefined
    const finish = () => {
      void worker.terminate().then(() => {
        resolve(did)
      })
    }
    const give = () => {
      job = taken(run)
      if (job === undefined) finish()
      else worker.postMessage({ job, cancelled: run.cancelled } satisfies TrainingOrder)
    }
    worker.on('message', (message: TrainingMessage) => {
      noted(run, message)
      if (message.kind === 'progress') return
      did = true
      give()
    })
    worker.once('error', (thrown) => {
      if (job !== undefined) lost(run, job, did, thrown)
      finish()
    })
    give()
  })
}

/**
 * A thread that failed before its first result may not have started at all: its job is queued
 * again.
 */
function lost(run: Run, job: TrainingJob, did: boolean, thrown: unknown): void {
  if (did)
    noted(run, {
      kind: 'failed',
      project: job.project,
      why: thrown instanceof Error ? thrown.message : String(thrown),
    })
  else run.jobs.push(job)
}

async function here(run: Run): Promise<void> {
  const { trainProject } = await import('./train-project.ts')
  for (let job = taken(run); job !== undefined; job = taken(run)) {
    const { project } = job
    const result = trainProject(job, {
      cancelled: () => Atomics.load(run.cancelled, 0) !== 0,
      say: (episodes) => {
        noted(run, { kind: 'progress', project, episodes })
      },
    })
    noted(run, { kind: 'done', result })
    // Lets callers cancel or read the status between two projects.
    await new Promise((resolve) => {
      setImmediate(resolve)
    })
  }
}

function taken(run: Run): TrainingJob | undefined {
  const job = run.jobs[run.next++]
  if (job !== undefined) change(run, job.project, { state: 'training' })
  return job
}

function noted(run: Run, message: TrainingMessage): void {
  if (message.kind === 'progress') change(run, message.project, { episodes: message.episodes })
  else if (message.kind === 'failed') {
    run.failed.push({ project: message.project, why: message.why })
    change(run, message.project, { state: 'failed' })
  } else {
    const { project, episodes } = message.result
    run.results.push(message.result)
    change(run, project, {
      state: episodes < (run.status.get(project)?.of ?? 0) ? 'cancelled' : 'done',
      episodes,
    })
  }
}

function change(run: Run, project: string, changes: Partial<TrainingStatus>): void {
  const before = run.status.get(project)
  if (before !== undefined) run.status.set(project, { ...before, ...changes })
}

import { Worker, type MessagePort } from 'node:worker_threads'

/**
 * A module that can run in a worker thread. It exports one of these under `name`, so that the
 * thread finds it wherever the module was bundled to.
 */
export interface WorkerEntry<T extends object> {
  /** The module's own `import.meta.url`. */
  readonly url: string
  readonly name: string
  /** Runs in the thread. `data` is a copy of what `startWorker` was given. */
  run(port: MessagePort, data: T): void
}

const BOOTSTRAP = `
const { parentPort, workerData: { url, name, data } } = require('node:worker_threads')
import(url).then((module) => module[name].run(parentPort, data))`

/** Starts a thread that runs `entry`. */
export function startWorker<T extends object>({ url, name }: WorkerEntry<T>, data: T): Worker {
  return new Worker(BOOTSTRAP, {
    eval: true,
    workerData: { url, name, data },
    execArgv: [],
    name,
  })
}

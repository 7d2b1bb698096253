import { createRequire } from 'node:module'
import { Worker } from 'node:worker_threads'
import type { VerificationProblem } from './verification.ts'

const PROGRAM = `
const { parentPort, workerData } = require('node:worker_threads')
const Database = require(workerData.driver)
const store = new Database(workerData.path, { readonly: true, fileMustExist: true })
parentPort.postMessage('loaded')
try {
  const found = store.pragma('integrity_check(20)').map((row) => row.integrity_check)
  parentPort.postMessage(found.filter((text) => text !== 'ok'))
} finally {
  store.close()
}`

/**
 * Lets SQLite check every page of the database on disk, and every index against its table. That is
 * one long call that cannot be divided, so it runs in a thread of its own. Never rejects.
 */
export function checkPages(path: string, signal: AbortSignal): Promise<VerificationProblem[]> {
  const problem = (what: string): VerificationProblem => ({ where: 'database', seq: null, what })
  return new Promise((resolve) => {
    const thread = new Worker(PROGRAM, {
      eval: true,
      workerData: { path, driver: createRequire(import.meta.url).resolve('better-sqlite3') },
    })
    // A thread that ends while it loads the driver takes the whole process with it.
    let isLoaded = false
    const stop = () => {
      if (isLoaded && signal.aborted) void thread.terminate()
    }
    signal.addEventListener('abort', stop, { once: true })
    thread.on('message', (said: 'loaded' | string[]) => {
      isLoaded = true
      if (said === 'loaded') stop()
      else resolve(said.map(problem))
    })
    thread.once('error', (thrown) =>
      resolve([problem(`its pages cannot be read: ${String(thrown)}`)]),
    )
    thread.once('exit', () => resolve([problem('its pages could not be checked')]))
  })
}

import { createRequire } from 'node:module'
import { Worker } from 'node:worker_threads'
import type { VerificationProblem } from './verification.ts'

const PROGRAM = `
const { parentPort, workerData } = require('node:worker_threads')
const Database = require(workerData.driver)
const store = new Database(workerData.path, { readonly: true, fileMustExist: true })
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
    signal.addEventListener(
      'abort',
      () => {
        void thread.terminate()
      },
      { once: true },
    )
    thread.once('message', (found: string[]) => resolve(found.map(problem)))
    thread.once('error', (thrown) =>
      resolve([problem(`its pages cannot be read: ${String(thrown)}`)]),
    )
    thread.once('exit', () => resolve([problem('its pages could not be checked')]))
  })
}

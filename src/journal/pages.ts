import { createRequire } from 'node:module'
import { Worker } from 'node:worker_threads'
import type { Problem } from './verification.ts'

const PROGRAM = `
const { parentPort, workerData } = require('node:worker_threads')
const Database = require(workerData.driver)
const store = new Database(workerData.path, { readonly: true, fileMustExist: true })
try {
  parentPort.postMessage(store.pragma('integrity_check(20)').map((row) => row.integrity_check).filter((text) => text !== 'ok'))
} finally {
  store.close()
}`

/**
 * Has SQLite look at every page of the database as it lies on disk, and at every index against its table. That is one
 * long call, which cannot be cut in slices: it runs in a thread of its own. Never rejects.
 */
export function checkPages(path: string, signal: AbortSignal): Promise<Problem[]> {
  const problem = (what: string): Problem => ({ where: 'database', seq: null, what })
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
    thread.once('exit', () => resolve([problem('its pages could not be looked at')]))
  })
}

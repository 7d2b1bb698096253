import { EventEmitter } from 'node:events'
import { afterEach, expect, test, vi } from 'vitest'

afterEach(() => {
  vi.doUnmock('node:worker_threads')
  vi.resetModules()
})

/** A training where threads are what this makes of them. */
async function trainedWith(worker: new () => object) {
  vi.resetModules()
  vi.doMock('node:worker_threads', () => ({ Worker: worker, parentPort: null }))
  const { trainProjects } = await import('../../../src/clawpolicy/rl/optional/distributed.ts')
  return trainProjects(['one', 'two', 'three'], { episodes: 5, seed: 1, threads: 2 }).report
}

const all = [
  ['one', 5],
  ['two', 5],
  ['three', 5],
]

test('everything runs on the calling thread where none can be started', async () => {
  const report = await trainedWith(
    class {
      constructor() {
        throw new Error('no threads')
      }
    },
  )
  expect([
    report.mode,
    report.projects.map(({ project, episodes }) => [project, episodes]),
  ]).toEqual(['sequential', all])
})

test('a thread that fails before its first result returns its project', async () => {
  const report = await trainedWith(
    class extends EventEmitter {
      postMessage() {
        queueMicrotask(() => {
          this.emit('error', new Error('cannot load'))
        })
      }
      terminate() {
        return Promise.resolve(1)
      }
    },
  )
  expect([report.mode, report.failed, report.projects.length]).toEqual(['sequential', [], 3])
  expect(new Set(report.projects.map(({ project }) => project))).toEqual(
    new Set(['one', 'two', 'three']),
  )
})

test('a thread that fails later reports its project', async () => {
  const report = await trainedWith(
    class extends EventEmitter {
      #orders = 0
      postMessage({ job }: { job: { project: string } }) {
        this.#orders++
        const result = {
          project: job.project,
          episodes: 5,
          mean_return: 0.5,
          final_return: 0.5,
          model: {},
        }
        queueMicrotask(() => {
          if (this.#orders === 1) this.emit('message', { kind: 'done', result })
          else this.emit('error', new Error('out of memory'))
        })
      }
      terminate() {
        return Promise.resolve(1)
      }
    },
  )
  expect([report.mode, report.projects.length, report.failed]).toEqual([
    'threads',
    2,
    [{ project: 'three', why: 'out of memory' }],
  ])
})

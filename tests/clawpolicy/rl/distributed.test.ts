import { describe, expect, test } from 'vitest'
import { trainProjects } from '../../../src/clawpolicy/rl/optional/distributed.ts'

describe('many projects', () => {
  const projects = ['one', 'two', 'three']

  test('give the same models on threads and without', async () => {
    const threaded = await trainProjects(projects, { episodes: 40, seed: 5, threads: 2 }).report
    const single = await trainProjects(projects, { episodes: 40, seed: 5, threads: 0 }).report
    expect([threaded.mode, single.mode]).toEqual(['threads', 'sequential'])
    expect({ ...threaded, mode: '' }).toEqual({ ...single, mode: '' })
    const returns = single.projects.map(({ mean_return }) => mean_return)
    expect(single.projects.map(({ project, episodes }) => [project, episodes])).toEqual(
      projects.map((project) => [project, 40]),
    )
    expect(single.overall.best).toBe(projects[returns.indexOf(Math.max(...returns))])
    expect(single.overall.mean).toBeCloseTo(returns.reduce((a, b) => a + b, 0) / 3, 12)
  })

  test('are cancelled at the next episode, and report it', async () => {
    const training = trainProjects(projects, { episodes: 10_000_000, seed: 1, threads: 1 })
    expect(training.status().map(({ of }) => of)).toEqual([10_000_000, 10_000_000, 10_000_000])
    training.cancel()
    const report = await training.report
    expect(report.projects.every(({ episodes }) => episodes < 10_000_000)).toBe(true)
    expect(training.status().map(({ state }) => state)).toEqual([
      'cancelled',
      'cancelled',
      'cancelled',
    ])
  })

  test('none at all', async () =>
    expect(await trainProjects([], { seed: 1 }).report).toEqual({
      mode: 'sequential',
      projects: [],
      failed: [],
      overall: { mean: 0, std: 0, best: undefined },
    }))
})

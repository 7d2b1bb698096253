import { readFileSync, readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { extras } from '../../../src/clawpolicy/rl/extras.ts'
import { seededRandom } from '../../../src/clawpolicy/rl/random.ts'
import { freshRewardModel } from '../../../src/clawpolicy/rl/reward.ts'
import { encodeState } from '../../../src/clawpolicy/rl/state.ts'
import { train } from '../../../src/clawpolicy/rl/trainer.ts'

const { learningRateAt } = await extras.schedules()
const { earlyStopping, tuneHyperparameters } = await extras.tuner()
const { compareRuns, hasConverged, trainingMonitor, hasPlateaued, fitSaturation } =
  await extras.monitoring()
const { crc32c, eventFileName, tensorboardSink } = await extras.tensorboard()
const { batched, lruCache, quantize, dequantize } = await extras.performance()
const { neuralAgent } = await extras.neural()
const { trainProjects } = await extras.distributed()

test('nothing loads what is optional unless it is asked for', () => {
  const src = fileURLToPath(new URL('../../../src', import.meta.url))
  const files = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter(
    (name) => /\.tsx?$/.test(name) && !name.includes('rl/optional/'),
  )
  const loaders = files.filter((name) =>
    /^(?:import|export)[^\n]*rl\/optional\/|^(?:import|export)(?! type)[^\n]*'\.\/optional\//m.test(
      readFileSync(`${src}/${name}`, 'utf8'),
    ),
  )
  expect(loaders).toEqual([])
})

describe('schedules', () => {
  test.each([
    ['constant', 500, 0.001],
    ['exponential', 0, 0.001],
    ['exponential', 100, 0.00096],
    ['exponential', 50, 0.001 * Math.sqrt(0.96)],
    ['exponential', 1e6, 1e-6],
    ['cosine', 0, 0.001],
    ['cosine', 50, (0.001 + 1e-6) / 2],
    ['cosine', 100, 1e-6],
    ['step', 99, 0.001],
    ['step', 100, 0.00096],
    ['step', 250, 0.001 * 0.96 ** 2],
  ] as const)('%s at %i is %d', (kind, step, rate) =>
    expect(learningRateAt(step, { kind })).toBeCloseTo(rate, 12),
  )
})

describe('tuner', () => {
  const peak = ({ x }: Readonly<Record<string, unknown>>) => -(((x as number) - 0.7) ** 2)

  test('a grid has five points of a range and every choice', async () => {
    const { trials, best } = await tuneHyperparameters({
      space: { x: { low: 0, high: 1 }, y: { choices: ['a', ['b', 1]] } },
      method: 'grid',
      objective: peak,
      random: seededRandom(1),
    })
    expect(trials.map(({ settings }) => settings)).toEqual(
      [0, 0.25, 0.5, 0.75, 1].flatMap((x) => [
        { x, y: 'a' },
        { x, y: ['b', 1] },
      ]),
    )
    expect(best?.settings).toEqual({ x: 0.75, y: 'a' })
  })

  test('whole numbers stay whole, each once in a grid', async () => {
    const { trials } = await tuneHyperparameters({
      space: { n: { low: 1, high: 3, integer: true } },
      method: 'grid',
      objective: () => 0,
      random: seededRandom(1),
    })
    expect(trials.map(({ settings }) => settings['n'])).toEqual([1, 2, 3])
  })

  test.each([
    ['random', 0.1],
    ['bayesian', 0.1],
  ] as const)('%s comes close to the best', async (method, near) => {
    const { best, trials } = await tuneHyperparameters({
      space: { x: { low: 0, high: 1 }, y: { choices: [1, 2] } },
      method,
      trials: 40,
      objective: peak,
      random: seededRandom(4),
    })
    expect([trials.length, Math.abs((best?.settings['x'] as number) - 0.7) < near]).toEqual([
      40,
      true,
    ])
  })

  test('says which setting matters, from ten trials on', async () => {
    const space = { x: { low: 0, high: 1 }, y: { choices: [1, 2] } }
    const { importance } = await tuneHyperparameters({
      space,
      trials: 200,
      objective: peak,
      random: seededRandom(1),
    })
    expect(importance['x']).toBeGreaterThan(0.7)
    expect(importance['y']).toBeLessThan(0.2)
    expect(
      (await tuneHyperparameters({ space, trials: 9, objective: peak, random: seededRandom(1) }))
        .importance,
    ).toEqual({})
  })

  test('stops when nothing gets better', async () => {
    const { trials } = await tuneHyperparameters({
      space: { x: { low: 0, high: 1 } },
      trials: 99,
      objective: () => 1,
      random: seededRandom(1),
      stopping: { patience: 10, delta: 0.001 },
    })
    expect(trials.length).toBe(11)
    const stop = earlyStopping({ patience: 2, delta: 0.1 })
    expect([1, 1.05, 1.2, 1.25, 1.29].map(stop)).toEqual([false, false, false, false, true])
  })

  test.each([{ x: { choices: [] } }, { x: { low: 2, high: 1 } }, { x: { low: NaN, high: 1 } }])(
    '%j is refused',
    async (space) => {
      await expect(
        tuneHyperparameters({ space, objective: () => 0, random: seededRandom(1) }),
      ).rejects.toMatchObject({
        code: 'input.invalid',
      })
    },
  )
})

describe('monitoring', () => {
  const watched = (
    values: readonly number[],
    sink?: Parameters<typeof trainingMonitor>[0]['sink'],
  ) => {
    const held = trainingMonitor({
      now: () => 1_700_000_000_000,
      ...(sink === undefined ? {} : { sink }),
    })
    values.forEach((value, step) => held.scalar('loss', value, step))
    return held
  }

  test('sums up a series', () => {
    expect(watched([1, 2, 3, NaN, 6]).summary('loss')).toEqual({
      count: 4,
      mean: 3,
      std: Math.sqrt(3.5),
      min: 1,
      max: 6,
      latest: 6,
      first: 1,
      improvement: 5,
    })
    expect(watched([]).summary('loss')).toBeUndefined()
    expect(JSON.parse(watched([0.5]).json())).toEqual({
      loss: [{ step: 0, value: 0.5, at: 1_700_000_000_000 }],
    })
  })

  test('keeps the latest', () => {
    const held = trainingMonitor({ now: () => 0, kept: 3 })
    for (let i = 0; i < 9; i++) held.scalar('x', i, i)
    expect(held.points('x').map(({ value }) => value)).toEqual([6, 7, 8])
  })

  test('compares runs, best first', () =>
    expect(
      compareRuns({ a: watched([1]), b: watched([2]), c: watched([]) }, 'loss').map(
        ({ run }) => run,
      ),
    ).toEqual(['b', 'a']))

  test('knows convergence and plateaus', () => {
    const still = Array.from({ length: 20 }, () => 0.5)
    expect([
      hasConverged(still),
      hasConverged(still.slice(11)),
      hasConverged([...still, 9]),
      hasPlateaued(still),
      hasPlateaued(still.slice(1)),
      hasPlateaued([...still, 0.6]),
    ]).toEqual([true, false, false, true, false, false])
  })

  test('finds the limit that values approach', () => {
    const fit = fitSaturation(
      Array.from({ length: 60 }, (_, step) => 0.9 - 0.5 * Math.exp(-0.1 * step)),
    )
    expect([fit?.limit, fit?.span, fit?.rate]).toEqual([
      expect.closeTo(0.9, 2),
      expect.closeTo(0.5, 2),
      expect.closeTo(0.1, 2),
    ])
    expect(fitSaturation([1, 2])).toBeUndefined()
  })

  test('writes records that TensorBoard can check', () => {
    expect(crc32c(new TextEncoder().encode('123456789'))).toBe(0xe3069283)
    const records: Uint8Array[] = []
    watched(
      [0.5],
      tensorboardSink((bytes) => {
        records.push(bytes)
      }, 1_700_000_000_000),
    )
    expect(
      records.map((bytes) => [bytes.length - 16, new DataView(bytes.buffer).getUint32(0, true)]),
    ).toEqual([
      [26, 26],
      [26, 26],
    ])
    expect(Buffer.from(records[0] as Uint8Array).toString('latin1')).toContain('brain.Event:2')
    expect(
      Buffer.from(records[1] as Uint8Array)
        .subarray(12, -4)
        .toString('hex'),
    ).toBe('0900000040fc54d941' + '1000' + '2a0d' + '0a0b' + '0a046c6f7373' + '150000003f')
    expect(eventFileName(1_700_000_000_000)).toBe('events.out.tfevents.1700000000.clawdeck')
  })
})

describe('performance', () => {
  test.each([8, 16] as const)('numbers in %i bits are off by half a step at most', (bits) => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: -1000, max: 1000, noNaN: true })), (numbers) => {
        const small = quantize(numbers, bits)
        dequantize(small).forEach((x, i) => {
          expect(Math.abs(x - (numbers[i] as number))).toBeLessThanOrEqual(small.scale * 0.5 + 1e-9)
        })
      }),
    )
  })

  test('the one unused for longest is forgotten', () => {
    const cache = lruCache<number>(2)
    cache.set('a', 1)
    cache.set('b', 2)
    cache.get('a')
    cache.set('c', 3)
    expect([cache.get('a'), cache.get('b'), cache.get('c'), cache.size]).toEqual([
      1,
      undefined,
      3,
      2,
    ])
  })

  test('questions of a moment are answered together, known ones from the cache', async () => {
    const batches: number[][] = []
    const double = batched(
      (inputs: readonly number[]) => {
        batches.push([...inputs])
        return inputs.map((x) => 2 * x)
      },
      { batch: 3 },
    )
    expect(await Promise.all([1, 2, 2, 3, 4].map(double))).toEqual([2, 4, 4, 6, 8])
    expect(await double(4)).toBe(8)
    double.forget()
    await double(4)
    expect(batches).toEqual([[1, 2, 3], [4], [4]])
  })

  test('an error goes to everyone who asked', async () => {
    const fails = batched(() => {
      throw new Error('no')
    })
    expect((await Promise.allSettled([fails(1), fails(2)])).map(({ status }) => status)).toEqual([
      'rejected',
      'rejected',
    ])
  })
})

describe('neural networks', () => {
  test('come to judge a state by its reward', () => {
    const state = encodeState({})
    const brain = neuralAgent(seededRandom(1), { hidden: [8, 8], rate: 0.01 })
    const before = brain.value(state)
    const losses = Array.from(
      { length: 200 },
      () =>
        brain.learn({ state, action: [1, 2, 0, 1], reward: 0.8, next: state, done: true }).critic,
    )
    expect([losses[0], losses.at(-1)]).toEqual([
      expect.closeTo((before - 0.8) ** 2, 9),
      expect.closeTo(0, 4),
    ])
    expect(brain.value(state)).toBeCloseTo(0.8, 2)
  })

  test('learn what linear ones cannot: both and neither alike', () => {
    const at = (a: number, b: number) =>
      encodeState({}).map((x, i) => (i === 15 ? a : i === 16 ? b : x))
    const brain = neuralAgent(seededRandom(2), { hidden: [16], rate: 0.01 })
    const cases = [
      [0, 0, 1],
      [0, 1, 0],
      [1, 0, 0],
      [1, 1, 1],
    ] as const
    for (let i = 0; i < 600; i++)
      for (const [a, b, reward] of cases)
        brain.learn({ state: at(a, b), action: [0, 0, 0, 0], reward, next: at(a, b), done: true })
    for (const [a, b, reward] of cases) expect(brain.value(at(a, b))).toBeCloseTo(reward, 1)
  })

  test('train as the linear ones do', () => {
    const { stats } = train(neuralAgent(seededRandom(1), { hidden: [16, 16] }), {
      episodes: 40,
      random: seededRandom(2),
      reward: freshRewardModel(),
    })
    expect(stats.map(({ actor_loss }) => Number.isFinite(actor_loss))).toEqual(
      stats.map(() => true),
    )
  })
})

describe('many projects', () => {
  const projects = ['one', 'two', 'three']

  test('on threads as on one, the same models', async () => {
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

  test('are cancelled at the next episode, and say so', async () => {
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

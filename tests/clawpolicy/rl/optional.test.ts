import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { learningRateAt } from '../../../src/clawpolicy/rl/optional/schedules.ts'
import { earlyStopping, tuneHyperparameters } from '../../../src/clawpolicy/rl/optional/tuner.ts'
import {
  batched,
  lruCache,
  quantize,
  dequantize,
} from '../../../src/clawpolicy/rl/optional/performance.ts'
import { seededRandom } from '../../../src/clawpolicy/rl/random.ts'

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

  test('integers stay integers, each once in a grid', async () => {
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

  test('reports the importance of each hyperparameter from ten trials on', async () => {
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

  test('stops early without improvement', async () => {
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

  test('drops the least recently used entry', () => {
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

  test('calls of one turn form a batch, known inputs come from the cache', async () => {
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

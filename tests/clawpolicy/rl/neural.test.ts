import { describe, expect, test } from 'vitest'
import { neuralAgent } from '../../../src/clawpolicy/rl/optional/neural.ts'
import { seededRandom } from '../../../src/clawpolicy/rl/random.ts'
import { freshRewardModel } from '../../../src/clawpolicy/rl/reward.ts'
import { encodeState } from '../../../src/clawpolicy/rl/state.ts'
import { train } from '../../../src/clawpolicy/rl/trainer.ts'

describe('neural networks', () => {
  test('learn the value of a state from its reward', () => {
    const state = encodeState({})
    const learner = neuralAgent(seededRandom(1), { hidden: [8, 8], rate: 0.01 })
    const before = learner.value(state)
    const losses = Array.from(
      { length: 200 },
      () =>
        learner.learn({ state, action: [1, 2, 0, 1], reward: 0.8, next: state, done: true }).critic,
    )
    expect([losses[0], losses.at(-1)]).toEqual([
      expect.closeTo((before - 0.8) ** 2, 9),
      expect.closeTo(0, 4),
    ])
    expect(learner.value(state)).toBeCloseTo(0.8, 2)
  })

  test('learn what linear ones cannot (exclusive or)', () => {
    const at = (a: number, b: number) => encodeState({}).with(15, a).with(16, b)
    const learner = neuralAgent(seededRandom(2), { hidden: [16], rate: 0.01 })
    const cases = [
      [0, 0, 1],
      [0, 1, 0],
      [1, 0, 0],
      [1, 1, 1],
    ] as const
    for (let i = 0; i < 600; i++)
      for (const [a, b, reward] of cases)
        learner.learn({ state: at(a, b), action: [0, 0, 0, 0], reward, next: at(a, b), done: true })
    for (const [a, b, reward] of cases) expect(learner.value(at(a, b))).toBeCloseTo(reward, 1)
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

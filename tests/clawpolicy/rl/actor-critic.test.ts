import fc from 'fast-check'
import { linearAgent } from '../../../src/clawpolicy/rl/linear-agent.ts'
import { describe, expect, test } from 'vitest'
import {
  selectAction,
  freshActorCritic,
  updateNetworks,
  actionProbabilities,
  stateValue,
  zeroActorCritic,
} from '../../../src/clawpolicy/rl/actor-critic.ts'
import { readModel, writeModel } from '../../../src/clawpolicy/rl/files.ts'
import { encodeState } from '../../../src/clawpolicy/rl/state.ts'
import { seeded } from '../../support/random.ts'

describe('actor and critic', () => {
  const state = encodeState({})
  const step = { state, action: [1, 2, 0, 1], reward: 0.8, next: state, done: true } as const

  test('two updates from zero weights', () => {
    const one = updateNetworks(zeroActorCritic(), step)
    const two = updateNetworks(one.networks, step)
    expect([one.losses.actor, two.losses.actor]).toEqual([
      expect.closeTo(3.19118723637142, 9),
      expect.closeTo(2.8388940572746932, 9),
    ])
    expect([one.losses.critic, two.losses.critic]).toEqual([
      expect.closeTo(0.64, 9),
      expect.closeTo(0.529984, 9),
    ])
    expect(stateValue(two.networks.value, state)).toBeCloseTo(0.13752, 9)
    expect(actionProbabilities(two.networks.policy, state)[0]?.[1]).toBeCloseTo(
      0.3486944997563352,
      9,
    )
  })

  test('a step that is not the last counts the next value', () => {
    const { networks } = updateNetworks(zeroActorCritic(), step)
    const { losses } = updateNetworks(networks, { ...step, done: false })
    expect(losses.advantage).toBeCloseTo(0.8 + 0.99 * 0.072 - 0.072, 9)
  })

  test('greedy takes the most likely action, exploration samples', () => {
    const likely = [
      [0.1, 0.8, 0.1],
      [0.4, 0.4, 0.2],
      [0, 0, 1],
      [1, 0],
    ]
    expect(selectAction(likely, undefined)).toEqual([1, 0, 2, 0])
    const random = seeded(7)
    const firsts = Array.from({ length: 4000 }, () => selectAction(likely, random))
    const share = (head: number, value: number) =>
      firsts.filter((index) => index[head] === value).length / firsts.length
    expect(share(0, 1)).toBeCloseTo(0.9 * 0.8 + 0.1 / 3, 1)
    expect(share(3, 1)).toBeCloseTo(0.1 / 2, 1)
    expect(share(3, 1)).toBeGreaterThan(0)
  })

  test('probabilities are valid for any weights', () => {
    fc.assert(
      fc.property(
        fc.integer(),
        fc.double({ min: -1e6, max: 1e6, noNaN: true }),
        (seed, performance) => {
          const heads = actionProbabilities(
            freshActorCritic(seeded(seed)).policy,
            encodeState({ performance }),
          )
          for (const head of heads) expect(head.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 9)
        },
      ),
    )
  })

  test('an agent in place learns the same numbers', () => {
    const state = fc.record({
      taskType: fc.constantFrom('T1', 'T2', 'T3', 'T4'),
      technologies: fc.array(fc.constantFrom('react', 'vue', 'go')),
      hour: fc.integer({ min: 0, max: 24 }),
    })
    const index = fc.tuple(
      fc.integer({ min: 0, max: 2 }),
      fc.integer({ min: 0, max: 2 }),
      fc.integer({ min: 0, max: 2 }),
      fc.integer({ min: 0, max: 1 }),
    )
    const step = fc.record({
      state: state.map(encodeState),
      next: state.map(encodeState),
      action: index,
      reward: fc.double({ min: 0, max: 1, noNaN: true }),
      done: fc.boolean(),
    })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 20 }), (steps) => {
        let networks = freshActorCritic(seeded(1))
        const agent = linearAgent(networks, seeded(2))
        for (const one of steps) {
          const { networks: next, losses } = updateNetworks(networks, one)
          networks = next
          expect(agent.learn(one)).toEqual(losses)
        }
        expect(agent.networks()).toEqual(networks)
      }),
    )
  })

  test('its files read back the same', () => {
    const networks = freshActorCritic(seeded(1))
    const texts = writeModel(networks, { episodes: 3, steps: 4 })
    expect(readModel(texts)).toEqual({ networks, counts: { episodes: 3, steps: 4 } })
  })

  test.each([
    ['policy_network.json', '{"weights": [[1]], "bias": []}', 'weights should have 17 rows'],
    ['value_network.json', '[]', 'it holds no object'],
    ['metadata.json', '{"gamma": "x"', 'at character'],
    [
      'value_network.json',
      `{"weights": [${'"a", '.repeat(16)}1], "bias": 0}`,
      'weights[0] should be a number',
    ],
  ] as const)('%s with %s is refused', (file, text, why) => {
    const texts = { ...writeModel(zeroActorCritic(), { episodes: 0, steps: 0 }), [file]: text }
    expect(() => readModel(texts)).toThrow(why)
  })
})

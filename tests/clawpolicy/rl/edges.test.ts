import { describe, expect, test } from 'vitest'
import { freshActorCritic } from '../../../src/clawpolicy/rl/actor-critic.ts'
import { linearAgent } from '../../../src/clawpolicy/rl/linear-agent.ts'
import {
  readModel,
  readRewardModel,
  writeModel,
  writeRewardModel,
} from '../../../src/clawpolicy/rl/files.ts'
import { computeReward, freshRewardModel } from '../../../src/clawpolicy/rl/reward.ts'
import { encodeState } from '../../../src/clawpolicy/rl/state.ts'
import { seeded } from '../../support/random.ts'

describe('the files of a model, as the original writes them', () => {
  const agent = linearAgent(freshActorCritic(seeded(3)), seeded(4))
  const texts = writeModel(agent.networks(), { episodes: 2, steps: 5 })
  const parsed = JSON.parse(texts['policy_network.json']) as Record<string, unknown>

  test('hold weights, bias and sizes by head', () => {
    expect(Object.keys(parsed)).toEqual(['weights', 'bias', 'state_dim', 'action_dim', 'head_dims'])
    expect(parsed['head_dims']).toEqual({ agent: 3, automation: 3, style: 3, confirm: 2 })
    const { weights, bias } = parsed as Record<string, Record<string, number[][]>>
    const { policy } = agent.networks()
    const sizes = Object.entries(weights ?? {}).map(([head, rows]) => [
      head,
      rows.length,
      rows[0]?.length,
    ])
    expect(sizes).toEqual([
      ['agent', 17, 3],
      ['automation', 17, 3],
      ['style', 17, 3],
      ['confirm', 17, 2],
    ])
    expect(weights?.['automation']?.[4]).toEqual(policy.weights[4]?.slice(3, 6))
    expect(bias?.['confirm']).toEqual(policy.bias.slice(9))
  })

  test('are laid out on one line, the metadata indented', () => {
    expect(texts['value_network.json']).not.toContain('\n')
    expect(texts['metadata.json']).toBe(
      '{\n  "episode_count": 2,\n  "total_steps": 5,\n  "gamma": 0.99,\n' +
        '  "actor_lr": 0.01,\n  "critic_lr": 0.01\n}',
    )
  })

  test('read back the same', () => {
    expect(readModel(texts)).toEqual({
      networks: agent.networks(),
      counts: { episodes: 2, steps: 5 },
    })
  })

  test('read the flat layout of earlier versions of this library', () => {
    const { policy } = agent.networks()
    const flat = JSON.stringify({ weights: policy.weights, bias: policy.bias })
    const { networks } = readModel({ ...texts, 'policy_network.json': flat })
    const state = encodeState({ taskType: 'T3' })
    expect(linearAgent(networks, seeded(1)).choose(state, false)).toEqual(
      agent.choose(state, false),
    )
  })

  test.each([
    ['{"weights": {"agent": []}, "bias": {}}', 'weights: agent should have 17 rows'],
    ['{"bias": {}}', 'weights should have 17 rows'],
  ])('%s is refused', (text, why) => {
    expect(() => readModel({ ...texts, 'policy_network.json': text })).toThrow(why)
  })
})

describe('the state of rewards, as the original keeps it', () => {
  const context = { task: { duration: 900, errors: 2 }, feedback: { rewritePercentage: 0.25 } }

  test('scores where less is better are kept as they were measured', () => {
    const { model } = computeReward(freshRewardModel(), context)
    expect([
      model.signals.bug_count.history,
      model.signals.task_time.history,
      model.signals.rewrite_rate.history,
      model.signals.acceptance_rate.history,
    ]).toEqual([[0.2], [0.25], [0.25], [1]])
  })

  test.each([
    ['by default the latest thousand', undefined, 1000],
    ['all of them if asked for', Infinity, 1003],
    ['so many', 5, 5],
  ])('%s', (_, historyLimit, kept) => {
    let model = freshRewardModel('mature', historyLimit === undefined ? {} : { historyLimit })
    for (let i = 0; i < 1003; i++) model = computeReward(model, { tests: { coverage: i } }).model
    expect([model.rewards.length, model.signals.user_rating.history.length]).toEqual([kept, kept])
    const read = readRewardModel(
      writeRewardModel(model),
      historyLimit === undefined ? {} : { historyLimit },
    )
    expect(read).toEqual(model)
  })
})

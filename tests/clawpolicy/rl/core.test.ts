import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  ACTION_SIZE,
  HEAD_SIZES,
  actionAt,
  actionIndex,
  actionOfVector,
  actionVector,
} from '../../../src/clawpolicy/rl/action.ts'
import {
  selectAction,
  freshActorCritic,
  updateNetworks,
  linearAgent,
  actionProbabilities,
  stateValue,
  zeroActorCritic,
} from '../../../src/clawpolicy/rl/actor-critic.ts'
import {
  readModel,
  readRewardModel,
  writeModel,
  writeRewardModel,
} from '../../../src/clawpolicy/rl/files.ts'
import {
  EMPTY_REWARD_HISTORY,
  recordReward,
  onlineLearner,
  historicalPreferences,
  type OnlineState,
} from '../../../src/clawpolicy/rl/online.ts'
import { prioritisedReplay, uniformReplay } from '../../../src/clawpolicy/rl/replay.ts'
import {
  REWARD_SIGNALS,
  freshRewardModel,
  computeReward,
  signalScore,
  type RewardContext,
  type RewardModel,
  type RewardSignal,
} from '../../../src/clawpolicy/rl/reward.ts'
import {
  STATE_SIZE,
  nextPerformance,
  encodeState,
  type StateInput,
} from '../../../src/clawpolicy/rl/state.ts'
import { train, type TrainingProgress } from '../../../src/clawpolicy/rl/trainer.ts'
import { seeded } from '../../support/random.ts'

describe('state', () => {
  const cases: [string, StateInput, number[]][] = [
    [
      'a task in full',
      { taskType: 't3', technologies: ['FastAPI', 'Django'], mood: 'stressed', hour: 14 },
      [0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 1, 0.5833333333333334, 0.5],
    ],
    ['nothing said', {}, [0, 1, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0.5, 0.5]],
    [
      'nothing known',
      { taskType: 'T9', technologies: ['cobol'], mood: 'Relaxed', hour: 'late' },
      [0, 1, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0.5, 0.5],
    ],
    [
      'names that contain others',
      { technologies: ['mongodb', 'TypeScript + React'], hour: -3 },
      [0, 1, 0, 0, 1, 0, 0, 0, 0, 0, 1, 1, 1, 0, 0, 0, 0.5],
    ],
    [
      'an hour too late, as text',
      { hour: '30', performance: 0.25 },
      [0, 1, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 1, 0.25],
    ],
  ]
  test.each(cases)('%s', (_, situation, state) => expect(encodeState(situation)).toEqual(state))

  test('always 17 numbers from 0 to 1, one type, one mood, some technology', () => {
    const situation = fc.record(
      {
        taskType: fc.string(),
        technologies: fc.array(fc.string()),
        mood: fc.string(),
        hour: fc.oneof(fc.double(), fc.string()),
      },
      { requiredKeys: [] },
    )
    fc.assert(
      fc.property(situation, (given) => {
        const state = encodeState(given)
        const sum = (from: number, to: number) => state.slice(from, to).reduce((a, b) => a + b, 0)
        expect([
          state.length,
          state.every((x) => x >= 0 && x <= 1),
          sum(0, 4),
          sum(4, 12) > 0,
          sum(12, 15),
        ]).toEqual([STATE_SIZE, true, 1, true, 1])
      }),
    )
  })

  test('recent performance follows the rewards', () =>
    expect(nextPerformance(0.5, 1)).toBeCloseTo(0.65, 12))
})

describe('action', () => {
  test('eleven numbers', () => {
    expect(
      actionVector({ agent: 'codex', automation: 'high', style: 'interactive', confirm: true }),
    ).toEqual([0, 1, 0, 0, 0, 1, 0, 0, 1, 0, 1])
  })

  test('every action by index, by name and by vector is the same', () => {
    const index = fc.tuple(...HEAD_SIZES.map((size) => fc.nat(size - 1)))
    fc.assert(
      fc.property(index, (given) => {
        const action = actionAt(given)
        expect([
          actionIndex(action),
          actionOfVector(actionVector(action)),
          actionVector(action).length,
        ]).toEqual([given, action, ACTION_SIZE])
      }),
    )
  })

  test.each([[[3, 0, 0, 0]], [[0, -1, 0, 0]], [[0, 0, 0.5, 0]], [[0, 0, 0]], [[0, 0, 0, 0, 0]]])(
    '%j is none',
    (index) => {
      expect(() => actionAt(index)).toThrow(expect.objectContaining({ code: 'input.invalid' }))
    },
  )
})

const FULL: RewardContext = {
  taskType: 'T2',
  agent: 'claude',
  workflow: 'tdd',
  task: { duration: 300 },
  tests: { coverage: 85, failed: 1 },
  code: { complexity: 3, duplication: 0.05, lintScore: 0.9 },
  feedback: { codeAdoption: 0.9, accepted: true, rating: 4, positiveComments: 2, revisions: 1 },
}

function after(count: number, context: RewardContext = {}): RewardModel {
  return Array.from({ length: count }).reduce<RewardModel>(
    (model) => computeReward(model, context).model,
    freshRewardModel(),
  )
}

describe('reward', () => {
  test.each([
    ['a full task, early', freshRewardModel(), FULL, 0.8495056497175141],
    ['a full task, mature', freshRewardModel('mature'), FULL, 0.8483988355167397],
    ['nothing known, early', freshRewardModel(), {}, 0.753177966101695],
    ['nothing known, as the 21st', after(20), {}, 0.7141509433962264],
  ])('%s', (_, model, context, expected) =>
    expect(computeReward(model, context).reward).toBeCloseTo(expected, 12),
  )

  const scores: [RewardSignal, RewardContext, number][] = [
    ['test_coverage', { task: { testFilesCreated: true } }, 0.5],
    ['test_coverage', { task: { testFilesCreated: true, testsPassed: true } }, 0.8],
    ['test_coverage', { tests: { coverage: 120 } }, 1],
    ['bug_count', { tests: { failed: 2 }, task: { errors: 3 } }, 0.5],
    ['bug_count', { task: { errors: 99 } }, 0],
    ['acceptance_rate', { feedback: { revisions: 2 } }, 0.6],
    ['acceptance_rate', { feedback: { revisions: 9 } }, 0],
    ['acceptance_rate', { feedback: { accepted: false } }, 0],
    ['adoption_rate', { feedback: { committed: false } }, 0],
    ['rewrite_rate', { feedback: { revisions: 9 } }, 0],
    ['rewrite_rate', { feedback: { rewritePercentage: 0.25 } }, 0.75],
    ['user_rating', { feedback: { accepted: false } }, 0.25],
    ['user_rating', {}, 0.75],
    ['feedback_count', { feedback: { positiveComments: 1, negativeComments: 4 } }, 0.5],
    ['agent_preference', { taskType: 'T4', agent: 'codex' }, 0.95],
    ['agent_preference', { taskType: 'T4' }, 0.5],
    ['workflow_preference', { workflow: 'test_first' }, 0.85],
    ['code_quality', { code: { complexity: 100 } }, 0],
    ['task_time', { task: { duration: NaN } }, 1],
  ]
  test.each(scores)('%s of %j', (signal, context, expected) =>
    expect(signalScore(signal, context)).toBeCloseTo(expected, 12),
  )

  test('what was learned goes before what was assumed', () => {
    const learnt = historicalPreferences(
      recordReward(
        recordReward(
          EMPTY_REWARD_HISTORY,
          { taskType: 'T2', agent: 'claude', workflow: 'tdd' },
          0.2,
        ),
        { taskType: 'T2', agent: 'claude', workflow: 'tdd' },
        7,
      ),
    )
    expect(signalScore('agent_preference', FULL, learnt)).toBe(0.6)
    expect(signalScore('workflow_preference', FULL, learnt)).toBe(0.6)
    expect(signalScore('agent_preference', { ...FULL, agent: 'codex' }, learnt)).toBe(0.5)
  })

  test('the phase changes with the twentieth reward', () => {
    expect([after(19).phase, after(20).phase, after(40).signals.test_coverage.weight]).toEqual([
      'early',
      'mature',
      after(20).signals.test_coverage.weight,
    ])
  })

  test.each([
    [{ rating: 2 }, 1],
    [{ rating: 1 }, 1],
    [{ rating: 3 }, 0],
    [{ rating: 0 }, 0],
    [{ correction: 'no' }, 1],
    [{ correction: '' }, 0],
  ])('feedback %j: %i complaints', (feedback, count) => {
    const fresh = freshRewardModel()
    const { model } = computeReward(fresh, { feedback })
    expect(model.negativeFeedbackCount).toBe(count)
    expect(model.signals.user_rating.weight > fresh.signals.user_rating.weight).toBe(count === 1)
    expect(model.signals.agent_preference.weight < fresh.signals.agent_preference.weight).toBe(
      count === 1,
    )
  })

  test('weights sum to one and rewards stay within 0 and 1, whatever happens', () => {
    const number = fc.oneof(fc.double(), fc.integer())
    const context: fc.Arbitrary<RewardContext> = fc.record(
      {
        task: fc.record({ duration: number, errors: number }),
        tests: fc.record({ coverage: number, failed: number }),
        code: fc.record({ complexity: number, duplication: number, lintScore: number }),
        feedback: fc.record(
          { revisions: number, rating: number, codeAdoption: number, correction: fc.string() },
          { requiredKeys: [] },
        ),
      },
      { requiredKeys: [] },
    )
    fc.assert(
      fc.property(fc.array(context, { maxLength: 30 }), (contexts) => {
        const end = contexts.reduce<RewardModel>(
          (model, one) => computeReward(model, one).model,
          freshRewardModel(),
        )
        expect(end.rewards.every((reward) => reward >= 0 && reward <= 1)).toBe(true)
        expect(
          REWARD_SIGNALS.reduce((sum, signal) => sum + end.signals[signal].weight, 0),
        ).toBeCloseTo(1, 9)
      }),
    )
  })

  test('its file reads back the same', () => {
    const model = computeReward(after(20), { feedback: { rating: 1 } }).model
    expect(readRewardModel(writeRewardModel(model))).toEqual(model)
  })
})

describe('actor and critic', () => {
  const state = encodeState({})
  const step = { state, action: [1, 2, 0, 1], reward: 0.8, next: state, done: true } as const

  test('two updates from nothing', () => {
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

  test('a step that goes on counts what follows', () => {
    const { networks } = updateNetworks(zeroActorCritic(), step)
    const { losses } = updateNetworks(networks, { ...step, done: false })
    expect(losses.advantage).toBeCloseTo(0.8 + 0.99 * 0.072 - 0.072, 9)
  })

  test('greedy is the most likely, exploring is by chance', () => {
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

  test('probabilities are some, whatever the weights', () => {
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

  test('its files read back the same, and name their shapes', () => {
    const networks = freshActorCritic(seeded(1))
    const texts = writeModel(networks, { episodes: 3, steps: 4 })
    expect(readModel(texts)).toEqual({ networks, counts: { episodes: 3, steps: 4 } })
    expect(Object.keys(JSON.parse(texts['policy_network.json']) as object)).toEqual([
      'weights',
      'bias',
      'state_dim',
      'action_dim',
      'head_dims',
    ])
    expect(texts['metadata.json']).toBe(
      '{"episode_count": 3, "total_steps": 4, "gamma": 0.99, "actor_lr": 0.01, "critic_lr": 0.01}',
    )
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

describe('replay', () => {
  test('forgets the oldest', () => {
    for (const replay of [uniformReplay<number>(3), prioritisedReplay<number>(3)]) {
      for (let i = 0; i < 5; i++) replay.add(i)
      expect([replay.size, new Set(replay.sample(200, seeded(1)).map(({ item }) => item))]).toEqual(
        [3, new Set([2, 3, 4])],
      )
    }
  })

  test('surprises come back by the power of 0.6', () => {
    const replay = prioritisedReplay<number>(10)
    replay.add(0)
    replay.add(1)
    replay.renew(0, 1)
    replay.renew(1, 32)
    const share = replay.sample(9000, seeded(3)).filter(({ item }) => item === 1).length / 9000
    expect(share).toBeCloseTo(8 / 9, 1)
  })

  test('nothing comes of nothing', () =>
    expect([
      uniformReplay().sample(3, seeded(1)),
      prioritisedReplay().sample(3, seeded(1)),
    ]).toEqual([[], []]))
})

describe('training', () => {
  test('one step an episode, replay from the 32nd on, checkpoints as asked', () => {
    const brain = linearAgent(freshActorCritic(seeded(1)), seeded(2))
    let updates = 0
    const counting = {
      ...brain,
      learn: (step: Parameters<typeof brain.learn>[0]) => {
        updates++
        return brain.learn(step)
      },
    }
    const saved: number[] = []
    const { stats, steps, reward } = train(counting, {
      episodes: 34,
      random: seeded(3),
      reward: freshRewardModel(),
      checkpoint: {
        every: 10,
        save: ({ episodes }: TrainingProgress) => {
          saved.push(episodes)
        },
      },
    })
    expect([steps, updates, saved, reward.taskCount]).toEqual([
      34,
      34 + 3 * 128,
      [10, 20, 30, 34],
      34,
    ])
    expect(
      stats.every(
        ({ episode_length, total_return }) =>
          episode_length === 1 && total_return >= 0 && total_return <= 1,
      ),
    ).toBe(true)
  })

  test.each([true, false])('makes later tasks go better (surprises first: %s)', (prioritised) => {
    const { stats } = train(linearAgent(freshActorCritic(seeded(1)), seeded(2)), {
      episodes: 400,
      random: seeded(3),
      reward: freshRewardModel('mature'),
      replay: { prioritised },
    })
    const mean = (from: number, to: number) =>
      stats.slice(from, to).reduce((sum, { total_return }) => sum + total_return, 0) / (to - from)
    expect(mean(300, 400)).toBeGreaterThan(mean(0, 100))
  })

  test('ends early when told, and is the same for the same chance', () => {
    const run = () =>
      train(linearAgent(freshActorCritic(seeded(1)), seeded(2)), {
        episodes: 99,
        random: seeded(3),
        reward: freshRewardModel(),
        after: ({ episodes }) => episodes === 5,
      })
    expect(run().steps).toBe(5)
    expect(run()).toEqual(run())
  })
})

describe('learning online', () => {
  test('acts greedily, notes rewards, and saves each tenth episode', () => {
    const saved: OnlineState[] = []
    const learner = onlineLearner({
      brain: linearAgent(zeroActorCritic(), seeded(1)),
      reward: freshRewardModel(),
      save: (state) => {
        saved.push(state)
      },
    })
    const first = learner.recommend({}, true)
    expect(first).toEqual({
      action: { agent: 'claude', automation: 'low', style: 'brief', confirm: false },
      confidence: 0.85,
      confirmation: true,
    })
    for (let i = 0; i < 21; i++) learner.learn({}, first.action, {})
    expect(saved.map(({ episodes }) => episodes)).toEqual([10, 20])
    const { performance, noted: known, reward } = learner.state()
    expect(known.agents.get('["T2","claude"]')?.count).toBe(21)
    expect(reward.phase).toBe('mature')
    expect(learner.recommend({}, false)).toMatchObject({
      confidence: 0.7 + 0.3 * performance,
      confirmation: false,
    })
  })
})

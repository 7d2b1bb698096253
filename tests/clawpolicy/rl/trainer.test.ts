import { describe, expect, test } from 'vitest'
import { freshActorCritic, zeroActorCritic } from '../../../src/clawpolicy/rl/actor-critic.ts'
import { linearAgent } from '../../../src/clawpolicy/rl/linear-agent.ts'
import { onlineLearner, type OnlineState } from '../../../src/clawpolicy/rl/online.ts'
import { prioritisedReplay, uniformReplay } from '../../../src/clawpolicy/rl/replay.ts'
import { freshRewardModel } from '../../../src/clawpolicy/rl/reward.ts'
import { train, type TrainingProgress } from '../../../src/clawpolicy/rl/trainer.ts'
import { seeded } from '../../support/random.ts'

describe('replay', () => {
  test('forgets the oldest', () => {
    for (const replay of [uniformReplay<number>(3), prioritisedReplay<number>(3)]) {
      for (let i = 0; i < 5; i++) replay.add(i)
      expect([replay.size, new Set(replay.sample(200, seeded(1)).map(({ item }) => item))]).toEqual(
        [3, new Set([2, 3, 4])],
      )
    }
  })

  test('priorities follow the advantage to the power of 0.6', () => {
    const replay = prioritisedReplay<number>(10)
    replay.add(0)
    replay.add(1)
    replay.renew(0, 1)
    replay.renew(1, 32)
    const share = replay.sample(9000, seeded(3)).filter(({ item }) => item === 1).length / 9000
    expect(share).toBeCloseTo(8 / 9, 1)
  })

  test('an empty buffer gives no samples', () =>
    expect([
      uniformReplay().sample(3, seeded(1)),
      prioritisedReplay().sample(3, seeded(1)),
    ]).toEqual([[], []]))
})

describe('training', () => {
  test('one step per episode, replay from the 32nd on, checkpoints as requested', () => {
    const learner = linearAgent(freshActorCritic(seeded(1)), seeded(2))
    let updates = 0
    const counting = {
      ...learner,
      learn: (step: Parameters<typeof learner.learn>[0]) => {
        updates++
        return learner.learn(step)
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

  test('ends early when asked to, and repeats with the same seed', () => {
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
  test('acts greedily, records rewards, and saves every tenth episode', () => {
    const saved: OnlineState[] = []
    const learner = onlineLearner({
      learner: linearAgent(zeroActorCritic(), seeded(1)),
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

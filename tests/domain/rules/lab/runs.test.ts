import { describe, expect, it } from 'vitest'
import type { RecordedDecision } from '../../../../src/domain/rules/lab/recorded.ts'
import {
  runEvaluation,
  runTraining,
  runTuning,
  type RunOptions,
} from '../../../../src/domain/rules/lab/runs.ts'
import { outcomeOfAction } from '../../../../src/domain/rules/lab/outcomes.ts'
import { computeReward, freshRewardModel } from '../../../../src/clawpolicy/rl/reward.ts'
import { readModel, type ModelTexts } from '../../../../src/clawpolicy/rl/files.ts'

/** People who allow every build and refuse every push. */
const decisions = (many: number): RecordedDecision[] =>
  Array.from({ length: many }, (_, i) => ({
    state: {
      taskType: i % 2 === 0 ? 'T1' : 'T3',
      technologies: [i % 2 === 0 ? 'react' : 'go'],
      mood: 'focused',
      hour: i % 24,
    },
    allowed: i % 2 === 0,
    waited: 30,
    at: i * 1000,
  }))

const options = (more: Partial<RunOptions> = {}): RunOptions => ({
  seed: 7,
  episodes: 400,
  trials: 10,
  outOfTime: () => false,
  aborted: () => false,
  progress: () => undefined,
  ...more,
})

describe('a training', () => {
  it('gets better, says how far it is, and hands out a model', () => {
    const lines: string[] = []
    const report = runTraining(
      decisions(80),
      options({ progress: (line, done, of) => lines.push(`${done}/${of} ${line}`) }),
    )
    expect(report.data).toEqual({
      questions: 80,
      allowed: 40,
      refused: 40,
      training: 60,
      heldOut: 20,
      from: 0,
      until: 79_000,
    })
    expect(report.lastReward).toBeGreaterThan(report.firstReward + 0.1)
    expect(report).toMatchObject({ episodes: 400, stopped: false })
    expect(lines).toHaveLength(30)
    expect(lines[0]).toMatch(/^40\/1200 attempt 1 of 3, episode 40 of 400: reward 0\.\d{3}$/)
    expect(report.plot).toMatch(/^0\.\d\d [▁▂▃▄▅▆▇█]{48} 0\.\d\d$/)
    expect(readModel(report.model as ModelTexts).counts).toEqual({ episodes: 400, steps: 400 })
  })

  it('is the same for the same seed', () => {
    const once = runTraining(decisions(40), options({ episodes: 50 }))
    expect(runTraining(decisions(40), options({ episodes: 50 }))).toEqual(once)
    expect(runTraining(decisions(40), options({ episodes: 50, seed: 8 }))).not.toEqual(once)
  })

  it('ends early when the time is over', () => {
    let asked = 0
    const report = runTraining(decisions(40), options({ outOfTime: () => ++asked > 30 }))
    expect(report).toMatchObject({ episodes: 31, stopped: true })
  })

  it('needs decisions', () => {
    expect(() => runTraining(decisions(19), options())).toThrow(
      'the lab needs 20 decisions of people, and there are 19',
    )
  })
})

describe('an evaluation', () => {
  it('agrees with people who are consistent, and is better than always asking', () => {
    const report = runEvaluation(decisions(80), options())
    expect(report).toMatchObject({
      confusion: { allowedRun: 10, allowedAsked: 0, refusedRun: 0, refusedAsked: 10 },
      agreement: 1,
      alwaysAsk: 0.5,
      score: 1,
    })
    expect(report.table).toHaveLength(3)
  })

  it('finds what people want, also where they seldom refuse', () => {
    const seldom = decisions(200).map((decision, i) => {
      const refused = i % 10 === 3
      const technologies = [refused ? 'vue' : 'go', i % 3 === 0 ? 'react' : 'express']
      return { ...decision, state: { ...decision.state, technologies }, allowed: !refused }
    })
    for (const seed of [1, 2, 3, 4]) {
      const { agreement, confusion } = runEvaluation(seldom, options({ seed, episodes: 600 }))
      expect(agreement).toBe(1)
      expect(confusion.refusedAsked).toBe(5)
    }
  })

  it('of people who refuse everything lets nothing run', () => {
    const refused = decisions(80).map((decision) => ({ ...decision, allowed: false }))
    expect(runEvaluation(refused, options()).confusion).toEqual({
      allowedRun: 0,
      allowedAsked: 0,
      refusedRun: 0,
      refusedAsked: 20,
    })
  })
})

describe('a search for hyperparameters', () => {
  it('tries a bounded number, keeps the best, and compares it with the defaults', async () => {
    const lines: string[] = []
    const report = await runTuning(
      decisions(80),
      options({ episodes: 60, progress: (line) => lines.push(line) }),
    )
    expect(report.trials).toHaveLength(10)
    expect(lines.at(-1)).toMatch(/^trial 10 of 10: score \d\.\d{3}$/)
    expect(report.best.score).toBe(Math.max(...report.trials.map(({ score }) => score)))
    expect(Object.keys(report.importance)).toEqual(['actorRate', 'criticRate', 'prioritised'])
    expect(report.heldOutScore).toBeGreaterThanOrEqual(0.5)
    expect(report).toMatchObject({ stopped: false, table: { length: 6 } })
    expect(await runTuning(decisions(80), options({ episodes: 60 }))).toEqual(report)
  })

  it('leaves out a trial that was cut short', async () => {
    let asked = 0
    const report = await runTuning(
      decisions(40),
      options({ episodes: 20, outOfTime: () => ++asked > 150 }),
    )
    expect(report.trials).toHaveLength(2)
    expect(report.stopped).toBe(true)
    await expect(
      runTuning(decisions(40), options({ outOfTime: () => true })),
    ).rejects.toMatchObject({ code: 'timeout' })
  })
})

describe('the reward of an action', () => {
  const rewardOf = (allowed: boolean, confirm: boolean): number => {
    const [decision] = decisions(1) as [RecordedDecision]
    const action = { agent: 'claude', automation: 'low', style: 'brief', confirm } as const
    return computeReward(freshRewardModel(), outcomeOfAction({ ...decision, allowed }, action))
      .reward
  }

  it('ranks running what was allowed, then needed and needless questions, then running what was refused', () => {
    const ranked = [
      rewardOf(true, false),
      rewardOf(false, true),
      rewardOf(true, true),
      rewardOf(false, false),
    ]
    expect(ranked).toEqual(ranked.toSorted((a, b) => b - a))
    expect(new Set(ranked).size).toBe(4)
  })
})

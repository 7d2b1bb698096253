import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { actionRisk, predictedRisk } from '../../../../src/domain/governance/actions/risk.ts'

const CASES: [Parameters<typeof actionRisk>[0], number][] = [
  [{ actionType: 'security' }, 80],
  [{ actionType: 'review' }, 10],
  [{ actionType: 'toString' }, 20],
  [{ actionType: 'research', reversible: false }, 25],
  [{ actionType: 'research', reversible: null }, 10],
  [{ actionType: 'test', systemsTouched: ['Production', 'redis'] }, 25],
  [{ actionType: 'test', systemsTouched: ['shell', 'neon'] }, 30],
  [{ actionType: 'test', systemsTouched: ['production-eu'] }, 15],
  [{ actionType: 'review', declaredGoal: 'RM   -RF and DROP TABLE users' }, 30],
  [{ actionType: 'review', declaredGoal: 'read information' }, 30],
  [{ actionType: 'review', declaredGoal: 'buy a keyboard' }, 25],
  [{ actionType: 'deploy', declaredGoal: 'push the secret, then wipe', reversible: false }, 100],
  [{ actionType: 'review', claimedRisk: 90 }, 90],
  [{ actionType: 'security', claimedRisk: 10 }, 80],
  [{ actionType: 'review', claimedRisk: 1e9 }, 100],
  [{ actionType: 'review', claimedRisk: Number.NaN }, 10],
  [{ actionType: 'review', claimedRisk: -5 }, 10],
]

describe('the risk of an action', () => {
  test.each(CASES)('%j is %i', (question, score) => {
    expect(actionRisk(question).score).toBe(score)
  })

  const question = fc.record({
    actionType: fc.oneof(fc.constantFrom('deploy', 'security', 'other'), fc.string()),
    declaredGoal: fc.option(fc.oneof(fc.string(), fc.constantFrom('rm -rf', 'deploy the token'))),
    systemsTouched: fc.option(fc.array(fc.constantFrom('production', 'shell', 'mail'))),
    reversible: fc.option(fc.boolean()),
    claimedRisk: fc.option(fc.double()),
  })

  test('is a whole number from 0 to 100 and the sum of its factors', () => {
    fc.assert(
      fc.property(question, (given) => {
        const { score, factors } = actionRisk(given)
        expect(Number.isInteger(score) && score >= 0 && score <= 100).toBe(true)
        expect(factors.reduce((sum, { points }) => sum + points, 0)).toBe(score)
      }),
    )
  })

  test('is never lowered by what the agent says', () => {
    fc.assert(
      fc.property(question, (given) => {
        const alone = actionRisk({ ...given, claimedRisk: null }).score
        expect(actionRisk(given).score).toBeGreaterThanOrEqual(alone)
      }),
    )
  })
})

describe('what history adds', () => {
  const history = { total: 10, failed: 0, lastHour: 0, averageRisk: 30 }
  test.each([
    [{ total: 0, failed: 0, averageRisk: null }, 5],
    [{}, 0],
    [{ failed: 2 }, 0],
    [{ failed: 3 }, 10],
    [{ failed: 5 }, 10],
    [{ failed: 6 }, 15],
    [{ lastHour: 5 }, 0],
    [{ lastHour: 6 }, 5],
    [{ failed: 6, lastHour: 6 }, 20],
  ])('%j: %i', (over, adjustment) => {
    const { score, predictive } = predictedRisk(40, { ...history, ...over })
    expect(predictive.statistical.adjustment).toBe(adjustment)
    expect(score).toBe(40 + adjustment)
  })

  test('a model is heard from 60 on, within 20 points', () => {
    expect(predictedRisk(59, history, 20)).toMatchObject({ score: 59, predictive: { llm: null } })
    expect(predictedRisk(60, history, -50).score).toBe(40)
    expect(predictedRisk(95, history, 500).score).toBe(100)
    expect(predictedRisk(60, history, Number.NaN).score).toBe(60)
  })
})

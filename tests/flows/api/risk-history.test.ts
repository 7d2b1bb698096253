import { afterEach, expect, test } from 'vitest'
import { finishedAction, RESEARCH } from '../../support/api-actions.ts'
import { ApiDeck } from '../../support/api-deck.ts'

const cleanups: (() => unknown)[] = []
afterEach(async () => {
  for (const act of cleanups.splice(0).toReversed()) await act()
})

async function deck(riskFromHistory: boolean): Promise<ApiDeck> {
  return new ApiDeck((act) => cleanups.push(act), undefined, { riskFromHistory }).start()
}

test('history adds to the risk where an operator wants that', async () => {
  const api = await deck(true)
  const first = await api.call('POST /guard', RESEARCH)
  expect(first.body).toMatchObject({
    risk_score: 15,
    predictive_risk: { statistical: { adjustment: 5, total_actions: 0 }, llm: null },
  })
  for (const status of ['failed', 'failed', 'completed'])
    await finishedAction(api, { risk_score: 30, outcome: { status } })
  expect((await api.call('POST /guard', RESEARCH)).body).toMatchObject({
    risk_score: 25,
    predictive_risk: {
      statistical: {
        adjustment: 15,
        failure_rate: 0.6667,
        total_actions: 3,
        avg_historical_risk: 30,
        velocity: 3,
      },
      total_adjustment: 15,
    },
  })
  for (let i = 0; i < 3; i++) await finishedAction(api)
  // Half of them failed, and there were more than five in an hour.
  const created = await api.call('POST /actions', RESEARCH)
  expect(created.body).toMatchObject({ decision: { risk_score: 25 } })
  // A risk over the limit for what nobody is asked about waits for a person.
  const known = { ...RESEARCH, risk_score: 60 }
  expect((await api.call('POST /guard', known)).body).toMatchObject({
    decision: 'require_approval',
    risk_score: 75,
  })
  const { body } = await api.call<{ decisions: { risk_factors: object[] }[] }>('GET /guard?limit=1')
  expect(body.decisions[0]?.risk_factors).toContainEqual({
    label: '2 of 6 such actions failed in 30 days',
    points: 15,
  })
})

test('and does not by default', async () => {
  const api = await deck(false)
  await finishedAction(api, { outcome: { status: 'failed' } })
  const { body } = await api.call('POST /guard', RESEARCH)
  expect(body).toMatchObject({ risk_score: 10 })
  expect(body).not.toHaveProperty('predictive_risk')
})

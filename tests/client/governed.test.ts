import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import {
  DeckClient,
  GuardBlockedError,
  type ClientOptions,
  type GuardAnswer,
} from '../../src/client/client.ts'
import { ApiStandIn } from '../support/api-stand-in.ts'

let api: ApiStandIn
let warnings: string[]
beforeEach(async () => {
  api = await ApiStandIn.start()
  warnings = []
})
afterEach(() => api[Symbol.asyncDispose]())

function clientWith(options: Partial<ClientOptions>): DeckClient {
  const warn = (message: string): void => void warnings.push(message)
  return new DeckClient({ baseUrl: api.url, agentId: 'tester', warn, ...options })
}

function paths(): string[] {
  return api.requests.map(({ method, path }) => `${method} ${path}`)
}

const GUARD = 'POST /api/guard'
const CREATE = 'POST /api/actions'

describe('guardMode', () => {
  test('off asks nothing before', async () => {
    await clientWith({}).createAction('build', 'Compile')
    expect(paths()).toEqual([CREATE])
  })

  test('warn says what the guard thinks and goes on', async () => {
    const decisions: GuardAnswer[] = []
    const client = clientWith({ guardMode: 'warn', guardCallback: (made) => decisions.push(made) })
    await client.createAction({ action_type: 'held', declared_goal: 'Deploy', risk_score: 7 })
    expect(paths()).toEqual([GUARD, CREATE])
    expect(api.requests[0]?.body).toEqual({
      action_type: 'held',
      agent_id: 'tester',
      risk_score: 7,
      declared_goal: 'Deploy',
    })
    expect(decisions.map(({ decision }) => decision)).toEqual(['require_approval'])
    expect(warnings).toEqual(['[clawdeck] Guard says require_approval: held is not free'])
  })

  test('enforce sends nothing that the guard blocks, nor what waits when nobody would', async () => {
    const client = clientWith({ guardMode: 'enforce' })
    for (const type of ['forbidden', 'held'])
      await expect(client.createAction(type, 'Deploy')).rejects.toBeInstanceOf(GuardBlockedError)
    await client.createAction('risky', 'Deploy')
    expect(paths()).toEqual([GUARD, GUARD, GUARD, CREATE])
  })

  test('enforce with hitlMode wait lets what needs approval be created and waited for', async () => {
    const client = clientWith({ guardMode: 'enforce', hitlMode: 'wait', approvalTimeoutMs: 0 })
    await expect(client.createAction('held', 'Deploy')).rejects.toMatchObject({ code: 'TIMEOUT' })
    expect(paths().slice(0, 2)).toEqual([GUARD, CREATE])
  })

  test('takes no answer for a no only when it enforces', async () => {
    const broken = { status: 500, body: { error: 'Broken' } }
    api.prescribe(broken)
    await clientWith({ guardMode: 'warn' }).createAction('build', 'Compile')
    expect(warnings).toEqual(['[clawdeck] The guard could not be asked, going on: Broken'])
    api.prescribe(broken)
    const enforcing = clientWith({ guardMode: 'enforce' })
    await expect(enforcing.createAction('build', 'Compile')).rejects.toMatchObject({ status: 500 })
    expect(paths()).toEqual([GUARD, CREATE, GUARD])
  })

  test.each([{}, 'null', { decision: 7 }, { decision: 'maybe', reason: 'Unsure' }, []])(
    'enforce takes %j for no yes',
    async (body) => {
      api.prescribe({ body, headers: { 'content-type': 'application/json' } })
      const creating = clientWith({ guardMode: 'enforce' }).createAction('build', 'Compile')
      await expect(creating).rejects.toBeInstanceOf(GuardBlockedError)
      expect(paths()).toEqual([GUARD])
    },
  )

  test('is not stopped by a callback that throws', async () => {
    const guardCallback = (): never => {
      throw new Error('mine')
    }
    await clientWith({ guardMode: 'enforce', guardCallback }).createAction('build', 'Compile')
    expect(paths()).toEqual([GUARD, CREATE])
  })
})

const HINTS = { preferred_risk_cap: 30, prefer_reversible: true, confidence_floor: 60 }

/** What `getRecommendations` answers next: one recommendation. */
function recommend(confidence: number): void {
  const recommendation = { id: 'lrec_1', action_type: 'deploy', confidence, hints: HINTS }
  api.prescribe({ body: { recommendations: [recommendation] } })
}

describe('autoRecommend', () => {
  const ACTION = { action_type: 'deploy', declared_goal: 'Ship', risk_score: 85, confidence: 80 }

  test('enforce applies the hints, reports that, and names the recommendation', async () => {
    recommend(90)
    await clientWith({ autoRecommend: 'enforce' }).createAction(ACTION)
    expect(api.sent('POST', '/api/actions')[0]?.body).toMatchObject({
      risk_score: 30,
      reversible: true,
      confidence: 80,
      recommendation_id: 'lrec_1',
      recommendation_applied: true,
    })
    expect(api.sent('POST', '/api/learning/recommendations/events')[0]?.body).toMatchObject({
      event_type: 'applied',
      recommendation_id: 'lrec_1',
      agent_id: 'tester',
      details: { adapted_fields: ['risk_score', 'reversible'], confidence: 90 },
    })
  })

  test.each([
    ['warn', 90, 'deploy', 'warn_mode_no_autoadapt'],
    ['enforce', 60, 'deploy', 'confidence_below_threshold:60<70'],
    ['enforce', 90, 'held', 'guard_restrictive:require_approval'],
  ] as const)('%s at confidence %i leaves %s as it is', async (mode, confidence, type, reason) => {
    recommend(confidence)
    await clientWith({ autoRecommend: mode }).createAction({ ...ACTION, action_type: type })
    expect(api.sent('POST', '/api/actions')[0]?.body).toMatchObject({
      risk_score: 85,
      recommendation_id: 'lrec_1',
      recommendation_applied: false,
      recommendation_override_reason: reason,
    })
    expect(api.sent('POST', '/api/learning/recommendations/events')[0]?.body).toMatchObject({
      event_type: 'overridden',
      details: { reason },
    })
  })

  test('goes on without advice when there is none to have', async () => {
    api.prescribe({ status: 500, body: { error: 'Broken' } })
    await clientWith({ autoRecommend: 'enforce' }).createAction(ACTION)
    expect(api.sent('POST', '/api/actions')[0]?.body).toMatchObject({ risk_score: 85 })
    expect(warnings).toHaveLength(1)
  })

  test('recommendAction shows what would change', async () => {
    recommend(90)
    const { action, adapted_fields } = await clientWith({}).recommendAction(ACTION)
    expect(action).toEqual({ ...ACTION, risk_score: 30, reversible: true })
    expect(adapted_fields).toEqual(['risk_score', 'reversible'])
    expect(paths()).toEqual(['GET /api/learning/recommendations'])
    api.prescribe({ body: { recommendations: [{ id: 'lrec_1', hints: null }] } })
    expect((await clientWith({}).recommendAction(ACTION)).action).toEqual(ACTION)
    api.prescribe({ body: { recommendations: [] } })
    expect(await clientWith({}).recommendAction(ACTION)).toMatchObject({ recommendation: null })
  })
})

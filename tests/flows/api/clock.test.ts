import { generateKeyPairSync } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { ApiDeck } from '../../support/api-deck.ts'
import { ManualClock } from '../../support/clock.ts'

const MINUTE = 60_000
const DAY = 24 * 60 * MINUTE

const cleanups: (() => unknown)[] = []
let clock: ManualClock
let api: ApiDeck
beforeEach(async () => {
  clock = new ManualClock()
  api = await new ApiDeck((act) => cleanups.push(act), clock).start()
})
afterEach(async () => {
  for (const act of cleanups.splice(0).toReversed()) await act()
})

/** What happens to the wall clock once something is over. */
const SET_BACK: readonly (readonly [what: string, act: () => Promise<void> | void])[] = [
  ['set back three days', () => clock.jump(-3 * DAY)],
  [
    'set back three days, and the deck started again',
    async () => {
      await api.deck.stop()
      clock.jump(-3 * DAY)
      await api.deck.start()
      await api.open()
    },
  ],
]

describe.each(SET_BACK)('what is over stays so with the clock %s', (_, setBack) => {
  test('an action that nobody decided', async () => {
    const asked = { agent_id: 'scout', action_type: 'deploy', declared_goal: 'ship it' }
    const held = await api.call('POST /actions', asked)
    const id = String(held.body['action_id'])
    // No timer has come due: whoever comes too late is the one who is told.
    clock.jump(6 * MINUTE)
    const allowed = () => api.call(`POST /actions/${id}/approve`, { decision: 'allow' })
    expect(await allowed()).toMatchObject({ status: 409 })
    await setBack()
    expect(await allowed()).toMatchObject({
      status: 400,
      body: { error: expect.stringMatching(/pending/) as string },
    })
    expect(await api.call(`GET /actions/${id}`)).toMatchObject({
      body: { action: { status: 'failed', approved_by: null } },
    })
  })

  test('a pairing that nobody approved', async () => {
    const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
    const public_key = publicKey.export({ type: 'spki', format: 'pem' })
    const asked = { agent_id: 'scout', public_key }
    const { body } = await api.call<{ pairing: { id: string } }>('POST /pairings', asked)
    const address = `POST /pairings/${body.pairing.id}/approve`
    clock.jump(16 * MINUTE)
    expect((await api.call(address)).status).toBe(410)
    // What is written down while the clock is right is what a start goes by.
    await api.call('POST /goals', { title: 'later' })
    await setBack()
    expect((await api.call(address)).status).toBe(410)
  })

  test('the presence of an agent that is silent', async () => {
    await api.call('POST /agents/heartbeat', { agent_id: 'scout', current_task_id: 'task-1' })
    clock.jump(11 * MINUTE)
    const signals = async () => (await api.call('GET /signals')).body['signals']
    expect(await signals()).toMatchObject([{ type: 'agent_silent' }])
    await api.call('POST /goals', { title: 'later' })
    await setBack()
    // After a start, agents are given the time to be heard.
    clock.advance(15 * MINUTE)
    expect(await signals()).toMatchObject([{ type: 'agent_silent' }])
    await api.call('POST /agents/heartbeat', { agent_id: 'scout', current_task_id: 'task-1' })
    expect(await signals()).toEqual([])
  })
})

test('requests are limited by time that passes, wherever the clock is set', async () => {
  const acts: (() => unknown)[] = []
  const limited = await new ApiDeck((act) => acts.push(act), clock, {
    requestsPerMinute: 3,
  }).start()
  cleanups.push(async () => {
    for (const act of acts.toReversed()) await act()
  })
  const ask = async () => {
    const { status, headers } = await limited.call('GET /goals')
    return [status, headers.get('retry-after')]
  }
  for (let i = 0; i < 3; i++) expect(await ask()).toEqual([200, null])
  expect(await ask()).toEqual([429, '60'])
  clock.jump(-DAY)
  expect(await ask()).toEqual([429, '60'])
  clock.advance(2 * MINUTE)
  expect(await ask()).toEqual([200, null])
})

import { afterEach, beforeEach, expect, test } from 'vitest'
import { ApiDeck } from '../../support/api-deck.ts'
import { OPERATOR } from '../../support/deck.ts'

const cleanups: (() => unknown)[] = []
let api: ApiDeck
beforeEach(async () => {
  api = await new ApiDeck((act) => cleanups.push(act)).start()
})
afterEach(async () => {
  for (const act of cleanups.splice(0).toReversed()) await act()
})

test('an agent in a pod uses the API at its own door, without a key', async () => {
  const a1 = await api.deck.agent('a1')
  const created = await a1.say('POST', '/api/actions', {
    action_type: 'message',
    declared_goal: 'tell the team',
  })
  expect(created).toMatchObject({ action: { agent_id: 'a1', status: 'pending_approval' } })
  const [waiting] = await api.deck.deck.approvals.list('pending', 1)
  // Its lock bounds it, as it bounds what it asks at /v1.
  expect(waiting).toMatchObject({ agent: 'a1', action: { type: 'message' } })
  await api.deck.deck.approvals.allow(waiting?.id ?? '', {}, OPERATOR)
  const { action_id: id } = created as { action_id: string }
  expect(await a1.say('GET', `/api/actions/${id}`)).toMatchObject({
    action: { status: 'running' },
  })
})

test('it cannot speak for another agent, nor see what those with keys record', async () => {
  const a1 = await api.deck.agent('a1')
  const other = { agent_id: 'a2', action_type: 'message', declared_goal: 'tell the team' }
  expect(await a1.say('POST', '/api/actions', other)).toMatchObject({
    error: expect.stringContaining('agent_id is not a1') as string,
  })
  await api.call('POST /actions', { ...other, agent_id: 'a1', action_type: 'research' })
  expect(await a1.say('GET', '/api/actions')).toMatchObject({ total: 0 })
  const create = api.deck.deck.orgs.createKey(
    { org: 'org_pods', label: 'x', role: 'member' },
    OPERATOR,
  )
  await expect(create).rejects.toMatchObject({ code: 'not.possible' })
})

test('while the API is off, its door says so', async () => {
  await api.deck.deck.doors.close('api', OPERATOR)
  const a1 = await api.deck.agent('a1')
  expect(await a1.say('GET', '/api/actions')).toMatchObject({ error: { code: 'not.found' } })
  expect((await a1.exec('git status')).decision).toBeDefined()
})

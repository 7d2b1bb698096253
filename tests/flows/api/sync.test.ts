import { afterEach, beforeEach, expect, test } from 'vitest'
import { ApiDeck } from '../../support/api-deck.ts'

const cleanups: (() => unknown)[] = []
let api: ApiDeck
beforeEach(async () => {
  api = await new ApiDeck((act) => cleanups.push(act)).start()
})
afterEach(async () => {
  for (const act of cleanups.splice(0).toReversed()) await act()
})

const count = async (path: string) => Number((await api.call(`GET ${path}`)).body['total'])

test('records of every category are told at once', async () => {
  const action = { action_type: 'research', declared_goal: 'read', status: 'completed' }
  const all = {
    agent_id: 'scout',
    goals: [{ title: 'Ship' }],
    decisions: [{ decision: 'use SQLite' }],
    actions: [action],
    content: [{ title: 'Notes' }],
    inspiration: [{ title: 'A game', score: 0 }],
    context_points: [{ content: 'one file' }],
    context_threads: [{ name: 'storage' }],
    handoffs: [{ summary: 'half done' }],
    preferences: {
      observations: [{ observation: 'late riser' }],
      preferences: [{ preference: 'short answers' }],
      moods: [{ mood: 'calm' }],
      approaches: [{ approach: 'ask first', success: true }],
    },
    snippets: [{ name: 'retry', code: 'again' }],
    relationships: [{ name: 'Maya', relationship_type: 'colleague', description: 'met' }],
    capabilities: [{ name: 'Search', capability_type: 'skill', file_count: 2 }],
  }
  const synced = await api.call('POST /sync', all, { as: 'member' })
  expect(synced).toMatchObject({
    status: 200,
    body: {
      results: {
        goals: { synced: 1 },
        learning: { synced: 1 },
        actions: { synced: 1 },
        preferences: { synced: 4 },
        relationships: { synced: 1 },
        capabilities: { synced: 1 },
      },
      total_synced: 15,
      total_errors: 0,
      duration_ms: expect.any(Number) as number,
    },
  })
  expect(await api.call('GET /goals')).toMatchObject({
    body: { goals: [{ title: 'Ship', agent_id: 'scout' }] },
  })
  expect(await api.call('GET /relationships')).toMatchObject({
    body: { interactions: [{ summary: 'met', contact_name: 'Maya', type: 'colleague' }] },
  })
  expect(await api.call('GET /inspiration')).toMatchObject({ body: { ideas: [{ score: 0 }] } })
  expect(await api.call('GET /actions?agent_id=scout')).toMatchObject({
    body: { total: 1, actions: [{ status: 'completed' }] },
  })
  // Told again, documents and capabilities are changed, and lines of logs are added.
  const again = await api.call('POST /sync', { ...all, actions: [] })
  expect(again.body).toMatchObject({ total_synced: 14, total_errors: 0 })
  expect(await count('/snippets')).toBe(1)
  expect(await count('/capabilities')).toBe(1)
  expect(await count('/context/threads')).toBe(1)
  expect(await count('/goals')).toBe(2)
})

test('what is wrong fails by itself, and says which entry it is and why', async () => {
  const synced = await api.call('POST /sync', {
    agent_id: 'scout',
    goals: [{ title: 'One' }, { title: '' }, 'three', { title: 'Four', progress: 'half' }],
    snippets: [{ name: 'retry', code: 'again' }],
    unknown: [{}],
  })
  expect(synced).toMatchObject({
    status: 200,
    body: {
      results: {
        goals: {
          synced: 1,
          errors: [
            expect.stringMatching(/^1: title/),
            expect.stringMatching(/^2: title/),
            expect.stringMatching(/^3: progress/),
          ],
        },
        snippets: { synced: 1 },
      },
      total_synced: 2,
      total_errors: 3,
    },
  })
  expect(synced.body['results']).not.toHaveProperty('unknown')
})

test('a body that is not lists of so many is refused as a whole', async () => {
  const many = Array.from({ length: 2001 }, () => ({ title: 'x' }))
  for (const bad of [
    { goals: {} },
    { goals: many },
    { preferences: [] },
    { memory: { topics: 7 } },
  ])
    expect(await api.call('POST /sync', { agent_id: 'scout', ...bad })).toMatchObject({
      status: 400,
      body: { error: expect.any(String) as string },
    })
  expect(await count('/goals')).toBe(0)
  expect((await api.call('POST /sync', { goals: [] }, { as: 'readonly' })).status).toBe(403)
})

test('thousands are committed together', async () => {
  const points = Array.from({ length: 5000 }, (_, i) => ({ content: `point ${i}` }))
  const synced = await api.call('POST /sync', { agent_id: 'scout', context_points: points })
  expect(synced.body).toMatchObject({ total_synced: 5000, total_errors: 0 })
  expect(await count('/context/points?agent_id=scout')).toBe(5000)
  expect(await api.deck.deck.audit.rebuild()).toMatchObject({ same: true })
})

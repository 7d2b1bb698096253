import { afterEach, beforeEach, describe, expect, test } from 'vitest'
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

const SECRET = `sk-ant-${'a'.repeat(30)}`
const today = () => new Date().toISOString().slice(0, 10)

/** What is told, what comes back, and what is refused; each is listed under `many`. */
const KINDS: {
  path: string
  one: string
  many: string
  good: Record<string, unknown>
  row: object
  bad: object
}[] = [
  {
    path: '/goals',
    one: 'goal',
    many: 'goals',
    good: { title: 'Ship', agent_id: 'scout', progress: 40 },
    row: { title: 'Ship', agent_id: 'scout', progress: 40, status: 'active', category: null },
    bad: { title: '', agent_id: 'scout' },
  },
  {
    path: '/content',
    one: 'content',
    many: 'content_items',
    good: { title: 'Notes', body: `the key is ${SECRET}`, agent_id: null },
    row: { status: 'draft', body: expect.stringContaining('[REDACTED:') },
    bad: { platform: 'blog' },
  },
  {
    path: '/relationships',
    one: 'interaction',
    many: 'interactions',
    good: { summary: 'Met Maya', contactName: 'Maya' },
    row: { contact_name: 'Maya', direction: 'outbound', type: 'message' },
    bad: { summary: 7 },
  },
  {
    path: '/calendar',
    one: 'event',
    many: 'events',
    good: { summary: 'Review', start_time: '2026-03-01T10:00:00Z' },
    row: { summary: 'Review', end_time: null },
    bad: {
      summary: 'Review',
      start_time: '2026-03-01T10:00:00Z',
      end_time: '2026-03-01T09:00:00Z',
    },
  },
  {
    path: '/inspiration',
    one: 'idea',
    many: 'ideas',
    good: { title: 'A game', fun_factor: 90, learning_potential: 60, income_potential: 31 },
    row: { score: 60, status: 'pending' },
    bad: { title: 'A game', score: 'high' },
  },
  {
    path: '/handoffs',
    one: 'handoff',
    many: 'handoffs',
    good: { agent_id: 'scout', summary: 'half done', open_tasks: ['tests'], tags: ['a'] },
    row: { session_date: today(), open_tasks: ['tests'], tags: ['a'], mood_notes: null },
    bad: { agent_id: 'scout' },
  },
  {
    path: '/context/points',
    one: 'point',
    many: 'points',
    good: { content: 'SQLite it is', category: 'decision', importance: 9 },
    row: { category: 'decision', importance: 9, session_date: today() },
    bad: { content: 'SQLite it is', importance: 11 },
  },
  {
    path: '/context/threads',
    one: 'thread',
    many: 'threads',
    good: { name: 'storage', agent_id: 'scout' },
    row: { status: 'active', summary: null },
    bad: { name: 'x'.repeat(501) },
  },
  {
    path: '/snippets',
    one: 'snippet',
    many: 'snippets',
    good: { name: 'retry', code: 'for (;;) {}', tags: ['loop'] },
    row: { use_count: 0, tags: ['loop'], language: null },
    bad: { name: 'retry' },
  },
  {
    path: '/messages/docs',
    one: 'doc',
    many: 'docs',
    good: { name: 'plan', content: 'one', agent_id: 'scout' },
    row: { version: 1, created_by: 'scout' },
    bad: { name: 'plan', content: 'one' },
  },
]

describe.each(KINDS)('$path', ({ path, one, many, good, row, bad }) => {
  test('is told, listed and kept from others', async () => {
    const told = await api.call<Record<string, Record<string, unknown>>>(`POST ${path}`, good, {
      as: 'member',
    })
    expect(told).toMatchObject({ status: 201, body: { [one]: row } })
    expect(told.body[`${one}_id`]).toBe(told.body[one]?.['id'])
    expect(await api.call(`GET ${path}`, undefined, { as: 'readonly' })).toMatchObject({
      status: 200,
      body: { [many]: [row], total: 1 },
    })
    const { id: org } = await api.deck.deck.orgs.create({ slug: 'acme', name: 'Acme' }, OPERATOR)
    const other = { as: await api.key(org, 'admin') }
    expect(await api.call(`GET ${path}`, undefined, other)).toMatchObject({
      body: { [many]: [], total: 0 },
    })
  })

  test('is refused with a reason where it is not right', async () => {
    expect(await api.call(`POST ${path}`, bad)).toMatchObject({
      status: 400,
      body: { error: expect.any(String) as string, details: [expect.any(String)] },
    })
    expect((await api.call(`POST ${path}`, good, { as: 'readonly' })).status).toBe(403)
    expect(await api.call(`GET ${path}`)).toMatchObject({ body: { [many]: [], total: 0 } })
  })
})

test('goals have statistics', async () => {
  await api.call('POST /goals', { title: 'One', progress: 100, status: 'completed' })
  await api.call('POST /goals', { title: 'Two', progress: 50 })
  expect(await api.call('GET /goals')).toMatchObject({
    body: {
      goals: [{ title: 'Two' }, { title: 'One' }],
      stats: { totalGoals: 2, active: 1, completed: 1, avgProgress: 75 },
    },
  })
})

test('the latest handoff of an agent is one row, or null', async () => {
  expect(await api.call('GET /handoffs?agent_id=scout&latest=True')).toMatchObject({
    body: { handoff: null },
  })
  await api.call('POST /handoffs', { agent_id: 'scout', summary: 'first' })
  await api.call('POST /handoffs', {
    agent_id: 'scout',
    summary: 'last',
    session_date: '2026-01-02',
  })
  await api.call('POST /handoffs', { agent_id: 'other', summary: 'of another' })
  expect(await api.call('GET /handoffs?agent_id=scout&latest=true')).toMatchObject({
    body: { handoff: { summary: 'last' } },
  })
  expect(await api.call('GET /handoffs?agent_id=scout&date=2026-01-02')).toMatchObject({
    body: { handoffs: [{ summary: 'last' }], total: 1 },
  })
})

test('a context thread takes entries until it is closed, and opens again by its name', async () => {
  const named = { name: 'storage', agent_id: 'scout', summary: 'why SQLite' }
  const { body } = await api.call('POST /context/threads', named)
  const at = `/context/threads/${String(body['thread_id'])}`
  expect(body['thread_id']).toMatch(/^ct_[0-9a-f]{24}$/)
  const entry = { content: 'it is one file' }
  expect(await api.call(`POST ${at}/entries`, entry)).toMatchObject({
    status: 201,
    body: { entry: { ...entry, entry_type: 'note', thread_id: body['thread_id'] } },
  })
  expect((await api.call('POST /context/threads/ct_none/entries', entry)).status).toBe(404)
  expect(await api.call(`PATCH ${at}`, { status: 'closed' })).toMatchObject({
    body: { thread: { status: 'closed', summary: 'why SQLite' } },
  })
  expect((await api.call(`POST ${at}/entries`, entry)).status).toBe(400)
  expect((await api.call(`PATCH ${at}`, {})).status).toBe(400)
  expect((await api.call(`PATCH ${at}`, { status: 'half open' })).status).toBe(400)
  const again = await api.call('POST /context/threads', { name: 'storage', agent_id: 'scout' })
  expect(again.body).toMatchObject({
    thread_id: body['thread_id'],
    thread: { status: 'active', summary: 'why SQLite' },
  })
  // Another agent's thread of this name is another thread.
  const other = await api.call('POST /context/threads', { name: 'storage', agent_id: 'b1' })
  expect(other.body['thread_id']).not.toBe(body['thread_id'])
  expect(await api.call(`GET ${at}`)).toMatchObject({
    body: { thread: { status: 'active' }, entries: [entry] },
  })
})

test('key points come by importance', async () => {
  for (const importance of [3, 9, 5])
    await api.call('POST /context/points', { content: `${importance}`, importance })
  expect(await api.call('GET /context/points')).toMatchObject({
    body: { points: [{ content: '9' }, { content: '5' }, { content: '3' }], total: 3 },
  })
})

test('a snippet is replaced by its name, counted when used, found, and deleted', async () => {
  const retry = { name: 'retry', code: 'v1', language: 'ts', tags: ['loop', 'net'] }
  const { body } = await api.call('POST /snippets', retry)
  const id = String(body['snippet_id'])
  await api.call('POST /snippets', { name: 'print', code: 'say', language: 'py' })
  await api.call('POST /snippets', { name: 'retry', code: 'v2' })
  expect(await api.call(`POST /snippets/${id}/use`)).toMatchObject({
    status: 200,
    body: { snippet: { code: 'v2', language: 'ts', use_count: 1 } },
  })
  expect((await api.call('POST /snippets/sn_none/use')).status).toBe(404)
  expect(await api.call('GET /snippets')).toMatchObject({
    body: { snippets: [{ name: 'retry' }, { name: 'print' }], total: 2 },
  })
  for (const query of ['tag=loop', 'search=RETR', 'language=ts'])
    expect(await api.call(`GET /snippets?${query}`), query).toMatchObject({
      body: { snippets: [{ name: 'retry' }], total: 1 },
    })
  expect(await api.call(`DELETE /snippets?id=${id}`)).toMatchObject({
    status: 200,
    body: { deleted: true, id },
  })
  expect((await api.call(`DELETE /snippets?id=${id}`)).status).toBe(404)
  expect((await api.call('DELETE /snippets')).status).toBe(400)
  expect((await api.call(`GET /snippets/${id}`)).status).toBe(404)
})

test('a shared document gets a version each time, from whoever writes', async () => {
  const { body } = await api.call('POST /messages/docs', {
    name: 'plan',
    content: 'one',
    agent_id: 'scout',
  })
  const again = { name: 'plan', content: `two ${SECRET}`, agent_id: 'b1' }
  expect(await api.call('POST /messages/docs', again)).toMatchObject({
    status: 201,
    body: {
      doc_id: body['doc_id'],
      doc: { version: 2, created_by: 'scout', last_edited_by: 'b1' },
      security: { clean: false, findings_count: 1 },
    },
  })
  expect(await api.call(`GET /messages/docs?id=${String(body['doc_id'])}`)).toMatchObject({
    body: { doc: { version: 2, content: 'two [REDACTED:anthropic_api_key]' } },
  })
  expect((await api.call('GET /messages/docs?id=sd_none')).status).toBe(404)
})

test('preferences are observations, preferences, moods and approaches', async () => {
  const told = (type: string, more: object) =>
    api.call('POST /preferences', { type, agent_id: 'scout', [type]: `a ${type}`, ...more })
  for (const type of ['observation', 'preference', 'mood'])
    expect(await told(type, {})).toMatchObject({
      status: 201,
      body: { [type]: { [type]: `a ${type}` }, [`${type}_id`]: expect.any(String) as string },
    })
  await told('preference', { confidence: 80 })
  await told('approach', { success: true })
  await told('approach', { success: true })
  expect(await told('approach', { success: false })).toMatchObject({
    body: { approach: { success_count: 2, fail_count: 1 } },
  })
  expect((await told('hope', {})).status).toBe(400)
  expect(await api.call('POST /preferences', { type: 'mood' })).toMatchObject({
    status: 400,
    body: { details: [expect.stringMatching(/mood/)] },
  })
  expect(await api.call('GET /preferences?agent_id=scout')).toMatchObject({
    body: {
      summary: {
        observations_count: 1,
        preferences: [{ confidence: 80 }],
        recent_moods: [{ mood: 'a mood' }],
        top_approaches: [{ approach: 'a approach' }],
      },
    },
  })
  expect(await api.call('GET /preferences?type=approaches&agent_id=b1')).toMatchObject({
    body: { approaches: [], total: 0 },
  })
})

test('records are what the journal says', async () => {
  for (const { path, good } of KINDS) await api.call(`POST ${path}`, good)
  expect(await api.deck.deck.audit.rebuild()).toMatchObject({ same: true })
})

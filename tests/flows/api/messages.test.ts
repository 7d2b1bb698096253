import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
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

interface Mailbox {
  messages: { id: string; body: string; is_read: boolean }[]
  total: number
  unread_count: number
}

async function send(from: string, to: string | null, more: object = {}): Promise<string> {
  const sent = await api.call(
    'POST /messages',
    { from_agent_id: from, to_agent_id: to, body: `from ${from}`, ...more },
    { as: 'member' },
  )
  expect(sent).toMatchObject({ status: 201, body: { message_id: expect.stringMatching(/^msg_/) } })
  return String(sent.body['message_id'])
}

async function inbox(agent: string, query = ''): Promise<Mailbox> {
  return (await api.call<Mailbox>(`GET /messages?agent_id=${agent}${query}`)).body
}

const bodies = ({ messages }: Mailbox) => messages.map(({ body }) => body)

describe('a mailbox', () => {
  test('has what was sent to the agent and to all, but not by itself', async () => {
    await send('scout', 'b1', { body: 'one' })
    await send('scout', null, { body: 'two' })
    await send('b1', null, { body: 'mine' })
    await send('b1', 'scout', { body: 'reply' })
    await send('scout', 'c1', { body: 'not yours', message_type: 'question', urgent: true })
    const mail = await inbox('b1')
    expect(bodies(mail)).toEqual(['two', 'one'])
    expect(mail).toMatchObject({ total: 2, unread_count: 2, messages: [{ is_read: false }, {}] })
    expect(bodies(await inbox('scout', '&direction=sent'))).toEqual(['not yours', 'two', 'one'])
    expect(bodies(await inbox('b1', '&direction=all'))).toEqual(['reply', 'mine', 'two', 'one'])
    expect(bodies(await inbox('c1', '&type=question'))).toEqual(['not yours'])
    expect(bodies(await inbox('b1', '&limit=1&offset=1'))).toEqual(['one'])
  })

  test('keeps for each agent what it read and archived', async () => {
    const direct = await send('scout', 'b1', { body: 'one' })
    const all = await send('scout', null, { body: 'two' })
    const mark = (agent: string, action: string) =>
      api.call('PATCH /messages', { message_ids: [direct, all], action, agent_id: agent })
    expect((await mark('b1', 'read')).body).toEqual({ updated: 2 })
    expect((await mark('b1', 'read')).body).toEqual({ updated: 0 })
    expect((await mark('c1', 'read')).body).toEqual({ updated: 1 })
    expect(await inbox('b1')).toMatchObject({
      unread_count: 0,
      messages: [{ is_read: true, read_by: ['c1', 'b1'] }, { is_read: true }],
    })
    expect(await inbox('d1')).toMatchObject({ unread_count: 1, messages: [{ is_read: false }] })
    expect(bodies(await inbox('b1', '&unread=True'))).toEqual([])
    expect(bodies(await inbox('b1', '&unread=false'))).toEqual(['two', 'one'])
    expect((await mark('b1', 'archive')).body).toEqual({ updated: 2 })
    expect(await inbox('b1')).toMatchObject({ total: 0, messages: [] })
    expect(bodies(await inbox('c1'))).toEqual(['two'])
    expect((await api.call('PATCH /messages', { message_ids: [], action: 'read' })).status).toBe(
      400,
    )
    expect((await mark('b1', 'burn')).status).toBe(400)
  })

  test('is its organisation’s alone', async () => {
    const id = await send('scout', 'b1')
    const { id: org } = await api.deck.deck.orgs.create({ slug: 'acme', name: 'Acme' }, OPERATOR)
    const other = { as: await api.key(org, 'admin') }
    expect((await api.call(`GET /messages/${id}`)).status).toBe(200)
    expect((await api.call(`GET /messages/${id}`, undefined, other)).status).toBe(404)
    expect((await api.call('GET /messages?agent_id=b1', undefined, other)).body).toMatchObject({
      total: 0,
    })
    const mark = { message_ids: [id], action: 'read', agent_id: 'b1' }
    expect((await api.call('PATCH /messages', mark, other)).body).toEqual({ updated: 0 })
  })

  test('takes no secrets, and nothing without a sender or text', async () => {
    const secret = `ghp_${'a'.repeat(40)}`
    const sent = await api.call('POST /messages', { from_agent_id: 'scout', body: secret })
    expect(sent.body).toMatchObject({
      message: { body: '[REDACTED:github_token]', to_agent_id: null },
      security: { clean: false },
    })
    for (const bad of [{ body: 'x' }, { from_agent_id: 'scout' }, { from_agent_id: 'a', body: 7 }])
      expect((await api.call('POST /messages', bad)).status).toBe(400)
  })
})

describe('a thread', () => {
  test('counts its messages while it is open', async () => {
    const made = await api.call('POST /messages/threads', {
      name: 'release',
      participants: ['scout', 'b1'],
      created_by: 'maya',
    })
    expect(made).toMatchObject({ status: 201, body: { thread: { status: 'open' } } })
    const thread = String(made.body['thread_id'])
    expect(thread).toMatch(/^mt_/)
    await send('scout', 'b1', { thread_id: thread })
    const listed = (agent: string) => api.call(`GET /messages/threads?agent_id=${agent}`)
    for (const agent of ['scout', 'maya'])
      expect(await listed(agent)).toMatchObject({
        body: { total: 1, threads: [{ message_count: 1, last_message_at: expect.any(String) }] },
      })
    expect((await listed('c1')).body).toMatchObject({ total: 0, threads: [] })
    const resolve = { thread_id: thread, status: 'resolved', summary: 'shipped' }
    expect(await api.call('PATCH /messages/threads', resolve)).toMatchObject({
      body: { thread: { status: 'resolved', summary: 'shipped' } },
    })
    expect(bodies(await inbox('b1', `&thread_id=${thread}`))).toHaveLength(1)
    const late = { from_agent_id: 'scout', body: 'late', thread_id: thread }
    expect((await api.call('POST /messages', late)).status).toBe(400)
  })

  test('has to exist, and to be one of messages', async () => {
    const post = (id: string) =>
      api.call('POST /messages', { from_agent_id: 'scout', body: 'x', thread_id: id })
    expect((await post('mt_none')).status).toBe(404)
    expect((await post('ct_other')).status).toBe(400)
    const unknown = { thread_id: 'mt_none', status: 'resolved' }
    expect((await api.call('PATCH /messages/threads', unknown)).status).toBe(404)
  })
})

describe('an attachment', () => {
  const file = (bytes: Buffer, more: object = {}) => ({
    filename: 'naïve.png',
    mime_type: 'image/png',
    data: bytes.toString('base64'),
    ...more,
  })
  const attached = async (bytes: Buffer, more: object = {}) => {
    const sent = await api.call<{ message: { attachments: { id: string }[] } }>('POST /messages', {
      from_agent_id: 'scout',
      body: 'see',
      attachments: [file(bytes, more)],
    })
    return { status: sent.status, id: sent.body.message?.attachments[0]?.id ?? '' }
  }
  const download = (id: string) =>
    fetch(`${api.url}/api/messages/attachments?id=${id}`, {
      headers: { 'x-api-key': api.keys.readonly },
    })

  test('comes back byte for byte, by its own type and name', async () => {
    const bytes = Buffer.from(Array.from({ length: 256 }, (_, i) => i))
    const { id } = await attached(bytes)
    const answer = await download(id)
    expect(answer.headers.get('content-type')).toBe('image/png')
    expect(answer.headers.get('content-disposition')).toBe(
      `attachment; filename="na_ve.png"; filename*=UTF-8''na%C3%AFve.png`,
    )
    expect(Buffer.from(await answer.arrayBuffer())).toEqual(bytes)
    expect((await download('att_none')).status).toBe(404)
  })

  test('may be as large as three of 5 MB, and leaves the journal small', async () => {
    const bytes = Buffer.alloc(5_000_000, 7)
    const attachments = [file(bytes), file(bytes), file(bytes)]
    const message = { from_agent_id: 'scout', body: 'large', attachments }
    expect((await api.call('POST /messages', message)).status).toBe(201)
    expect(JSON.stringify(api.deck.events()).length).toBeLessThan(100_000)
    const folder = api.deck.home.attachments
    // The three are the same, so they are one file.
    expect(
      readdirSync(folder, { recursive: true, withFileTypes: true }).filter((e) => e.isFile()),
    ).toHaveLength(1)
    const larger = { ...message, attachments: [file(Buffer.alloc(5_000_001))] }
    expect((await api.call('POST /messages', larger)).status).toBe(400)
    const huge = { ...message, body: 'x'.repeat(23 << 20) }
    expect((await api.call('POST /messages', huge)).status).toBe(413)
    expect((await api.call('POST /goals', { title: 'x'.repeat(3 << 20) })).status).toBe(413)
  })

  test('of a wrong type, name or coding is refused, and nothing is kept', async () => {
    for (const more of [
      { mime_type: 'text/html' },
      { filename: '../../etc/passwd' },
      { filename: 'a"b.png' },
      { data: 'not base64!' },
    ])
      expect((await attached(Buffer.from('x'), more)).status, JSON.stringify(more)).toBe(400)
    expect(existsSync(api.deck.home.attachments)).toBe(false)
    const four = Array.from({ length: 4 }, () => file(Buffer.from('x')))
    const message = { from_agent_id: 'scout', body: 'x', attachments: four }
    expect((await api.call('POST /messages', message)).status).toBe(400)
  })

  test('that was changed on the disk is not handed out', async () => {
    const { id } = await attached(Buffer.from('as it was'))
    const folder = api.deck.home.attachments
    const [entry] = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((e) =>
      e.isFile(),
    )
    const path = join(entry?.parentPath ?? '', entry?.name ?? '')
    expect(readFileSync(path, 'utf8')).toBe('as it was')
    writeFileSync(path, 'as it is')
    expect((await download(id)).status).toBe(409)
  })
})

test('an action tells of the messages about it', async () => {
  const { body } = await api.call('POST /actions', {
    agent_id: 'scout',
    action_type: 'research',
    declared_goal: 'read',
  })
  const id = String(body['action_id'])
  const none = { total: 0, participants: [], first_message_at: null }
  expect(await api.call(`GET /actions/${id}`)).toMatchObject({ body: { message_summary: none } })
  await send('scout', 'b1', { action_id: id })
  await send('b1', 'scout', { action_id: id })
  expect(await api.call(`GET /actions/${id}`)).toMatchObject({
    body: { message_summary: { total: 2, participants: ['scout', 'b1'] } },
  })
  expect(await api.deck.deck.audit.rebuild()).toMatchObject({ same: true })
})

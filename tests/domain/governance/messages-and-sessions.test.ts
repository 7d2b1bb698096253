import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  attachmentProblems,
  base64Bytes,
  isInMailbox,
  isReadBy,
  markedMessage,
  whyNotPostTo,
  type MessageRow,
} from '../../../src/domain/governance/messages/rules.ts'
import {
  changedSession,
  sessionTotals,
  whyNotChangeSession,
  type AgentSession,
} from '../../../src/domain/governance/sessions/rules.ts'

const message = (over: Partial<MessageRow> = {}): MessageRow => ({
  from_agent_id: 'a',
  to_agent_id: 'b',
  status: 'sent',
  read_by: [],
  archived_by: [],
  ...over,
})
const broadcast = (over: Partial<MessageRow> = {}) => message({ to_agent_id: null, ...over })

describe('a mailbox', () => {
  test.each([
    [message(), 'b', 'inbox', true],
    [message(), 'a', 'inbox', false],
    [message(), 'c', 'inbox', false],
    [message(), 'a', 'sent', true],
    [message(), 'a', 'all', true],
    [message({ status: 'archived' }), 'b', 'inbox', false],
    [message({ status: 'archived' }), 'b', 'all', true],
    [message({ to_agent_id: 'a' }), 'a', 'inbox', false],
    [broadcast(), 'c', 'inbox', true],
    [broadcast(), 'a', 'inbox', false],
    [broadcast({ archived_by: ['c'] }), 'c', 'inbox', false],
    [broadcast({ archived_by: ['c'] }), 'd', 'inbox', true],
  ] as const)('%j for %s, %s: %s', (...[given, agent, direction, inside]) => {
    expect(isInMailbox(given, agent, direction)).toBe(inside)
  })

  test('each agent reads a broadcast for itself', () => {
    const read = markedMessage(broadcast(), 'b', 'read') as MessageRow
    expect([isReadBy(read, 'b'), isReadBy(read, 'c')]).toEqual([true, false])
    expect(markedMessage(read, 'b', 'read')).toBeUndefined()
    const archived = markedMessage(read, 'c', 'archive') as MessageRow
    expect([isInMailbox(archived, 'c', 'inbox'), isInMailbox(archived, 'b', 'inbox')]).toEqual([
      false,
      true,
    ])
  })

  test('only who received a message marks it', () => {
    expect(markedMessage(message(), 'b', 'read')?.status).toBe('read')
    expect(markedMessage(message(), 'b', 'archive')?.status).toBe('archived')
    expect(markedMessage(message(), 'a', 'read')).toBeUndefined()
    expect(markedMessage(message(), 'c', 'archive')).toBeUndefined()
    expect(markedMessage(message({ status: 'read' }), 'b', 'read')).toBeUndefined()
  })
})

test.each<[string, { status: string } | undefined, string | undefined]>([
  ['mt_1', { status: 'open' }, undefined],
  ['mt_1', { status: 'resolved' }, 'invalid'],
  ['mt_1', undefined, 'missing'],
  ['ct_1', { status: 'open' }, 'invalid'],
])('posting to %s, %j: %s', (id, thread, kind) => {
  expect(whyNotPostTo(id, thread)?.kind).toBe(kind)
})

describe('attachments', () => {
  const good = { filename: 'a b.txt', mime_type: 'text/plain', data: 'YWJj' }
  test.each([
    [[good, good, good], 0],
    [[good, good, good, good], 1],
    [[{ ...good, filename: '../a' }], 1],
    [[{ ...good, filename: 'a"; x="' }], 1],
    [[{ ...good, filename: 'a\r\nb' }], 1],
    [[{ ...good, filename: '..' }], 1],
    [[{ ...good, filename: '' }], 1],
    [[{ ...good, mime_type: 'text/html' }], 1],
    [[{ ...good, data: 'YWJ' }], 1],
    [[{ ...good, data: 'YW=j' }], 1],
    [[{ ...good, data: `${'A'.repeat(6_666_667)}=` }], 0],
    [[{ ...good, data: 'A'.repeat(6_666_668) }], 1],
  ])('%#', (attachments, n) => {
    expect(attachmentProblems(attachments)).toHaveLength(n)
  })

  test('are counted in bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        expect(base64Bytes(Buffer.from(bytes).toString('base64'))).toBe(bytes.length)
      }),
    )
  })
})

describe('a session', () => {
  const session: AgentSession = {
    id: 'sess_1',
    agent_id: 'scout',
    status: 'running',
    status_since: 't0',
    blocked_reason: null,
    green_level: null,
    branch_freshness: null,
    commits_behind: null,
    last_activity: 't0',
    updated_at: 't0',
  }

  test('tells when its status changes, and why it is blocked', () => {
    const change = { status: 'blocked', blocked_reason: 'no key' }
    const blocked = changedSession(session, change, { at: 't1', seq: 4 })
    expect(blocked.event).toEqual({ seq: 4, kind: 'blocked', detail: 'no key', created_at: 't1' })
    const again = changedSession(blocked.session, { status: 'running' }, { at: 't2', seq: 5 })
    expect(again.session).toMatchObject({ blocked_reason: null, status_since: 't2' })
  })

  test('tells nothing when only other fields change', () => {
    const { session: after, event } = changedSession(
      session,
      { green_level: 'package' },
      { at: 't1', seq: 4 },
    )
    expect(event).toBeNull()
    expect(after).toMatchObject({ green_level: 'package', status_since: 't0', last_activity: 't1' })
  })

  test('that ended stays as it is', () => {
    for (const status of ['finished', 'failed', 'closed', 'completed', 'cancelled'])
      expect(whyNotChangeSession({ status })?.kind).toBe('conflict')
    expect(whyNotChangeSession({ status: 'blocked' })).toBeUndefined()
  })

  test('adds up its actions', () => {
    const totals = {
      running: { count: 1, highRisk: 0, riskSum: 10, costSum: 500_000 },
      failed: { count: 1, highRisk: 0, riskSum: 40, costSum: 0 },
    }
    expect(sessionTotals({ totals, risks: { 10: 1, 40: 1 } }, 2)).toEqual({
      action_count: 2,
      total_cost: 0.5,
      max_risk: 40,
      event_count: 2,
    })
    expect(sessionTotals({ totals: {}, risks: {} }, 0).max_risk).toBe(0)
  })
})

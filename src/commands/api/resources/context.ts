import * as z from 'zod'
import { utcDate } from '../../../domain/governance/times.ts'
import type { Endpoint } from '../endpoint.ts'
import { endpoint } from '../endpoint.ts'
import { AgentId, fields, json, someText, text, YesNo } from '../inputs.ts'
import {
  changesRecord,
  createsRecord,
  getsRecord,
  listAnswer,
  listsRecords,
  listShape,
} from '../kinds/endpoints.ts'
import { newIds, type RecordKind, type Told } from '../kinds/kind.ts'

/** A day as `YYYY-MM-DD`. */
const Day = () => z.iso.date()

/** The day of a session, today unless another one was told. */
function dated({ session_date: day }: Told, { now }: { now: string }): object {
  return { session_date: day ?? utcDate(Date.parse(now)) }
}

const HANDOFF: RecordKind = {
  kind: 'handoff',
  one: 'handoff',
  many: 'handoffs',
  id: newIds.hex('ho'),
  scanned: true,
  shape: () => ({
    agent_id: AgentId,
    summary: someText(5000),
    session_date: Day().optional(),
    key_decisions: json(20_000).optional(),
    open_tasks: json(20_000).optional(),
    next_priorities: json(20_000).optional(),
    mood_notes: text(2000).optional(),
    context: json(20_000).optional(),
    tags: json(5000).optional(),
  }),
  made: dated,
}

const HANDOFFS = {
  about: 'Handoffs, newest first; with `latest` the last one alone.',
  by: ['agent_id', 'session_date'],
  page: [1000, 50],
} as const

const THREAD: RecordKind = {
  kind: 'context_thread',
  one: 'thread',
  many: 'threads',
  id: newIds.named('ct', 'agent_id', 'name'),
  shape: () => ({
    name: someText(500),
    summary: text(5000).optional(),
    agent_id: AgentId.optional(),
  }),
  defaults: { status: 'active' },
  again: (before, told) => ({ summary: told['summary'] ?? before['summary'], status: 'active' }),
}

const ENTRY_THREAD = 'thread_id'

const ENTRY: RecordKind = {
  kind: 'context_entry',
  one: 'entry',
  many: 'entries',
  id: newIds.hex('ce'),
  shape: () => ({ content: someText(5000), entry_type: text(100).optional() }),
  defaults: { entry_type: 'note' },
  within: {
    kind: THREAD.kind,
    field: ENTRY_THREAD,
    called: 'Context thread',
    whyNot: ({ status }) =>
      status === 'active' ? undefined : { kind: 'invalid', reason: 'The context thread is closed' },
  },
}

/** Entries of a thread that are answered with it. */
const MOST_ENTRIES = 1000

const POINT_CATEGORIES = ['decision', 'task', 'insight', 'question', 'general'] as const

const POINT: RecordKind = {
  kind: 'context_point',
  one: 'point',
  many: 'points',
  id: newIds.hex('cp'),
  shape: () => ({
    content: someText(5000),
    category: z.enum(POINT_CATEGORIES).optional(),
    importance: z.int().min(1).max(10).optional(),
    session_date: Day().optional(),
    agent_id: AgentId.optional(),
  }),
  defaults: { category: 'general', importance: 5 },
  made: dated,
}

/** What one session leaves for the next. */
export const contextEndpoints: readonly Endpoint[] = [
  createsRecord(HANDOFF, 'POST /handoffs', {
    about: 'Leaves word for whoever continues the work.',
  }),
  endpoint('GET /handoffs', {
    about: HANDOFFS.about,
    input: () =>
      fields({ ...listShape(HANDOFFS), date: Day().optional(), latest: YesNo.default(false) }),
    run: (api, input, caller) => {
      const { latest, date, ...rest } = input as Told
      const asked = { ...rest, session_date: rest['session_date'] ?? date }
      if (latest !== true) return listAnswer(HANDOFF, HANDOFFS, { api, asked, caller })
      const { org } = caller.tenant
      const query = { agent: rest['agent_id'] as string | undefined, limit: 1 }
      return { handoff: api.records.find(org, HANDOFF.kind, query)[0] ?? null }
    },
  }),
  createsRecord(THREAD, 'POST /context/threads', {
    about: 'Opens a thread of an agent, or the one of this name again.',
  }),
  listsRecords(THREAD, 'GET /context/threads', {
    about: 'Context threads, newest first.',
    by: ['agent_id', 'status'],
    page: [100, 20],
  }),
  getsRecord(THREAD, 'GET /context/threads/:id', {
    about: 'A context thread with its entries, newest first.',
    also: (api, { id }, { tenant: { org } }) => ({
      entries: api.records.find(org, ENTRY.kind, {
        where: { [ENTRY_THREAD]: String(id) },
        limit: MOST_ENTRIES,
      }),
    }),
  }),
  changesRecord(THREAD, 'PATCH /context/threads/:id', {
    about: 'Closes a context thread, opens it again, or says what came of it.',
    shape: () => ({ status: z.enum(['active', 'closed']), summary: text(5000) }),
  }),
  createsRecord(ENTRY, 'POST /context/threads/:id/entries', { about: 'Adds to an open thread.' }),
  listsRecords(ENTRY, 'GET /context/threads/:id/entries', {
    about: 'Entries of a thread, newest first.',
  }),
  createsRecord(POINT, 'POST /context/points', { about: 'Keeps a point of this session.' }),
  listsRecords(POINT, 'GET /context/points', {
    about: 'Key points, the most important first.',
    by: ['agent_id', 'category', 'session_date'],
  }),
]

import { randomBytes } from 'node:crypto'
import * as z from 'zod'
import type { RecordData } from '../../../../domain/governance/records/types.ts'
import { requireNo } from '../../../../domain/governance/refusals.ts'
import {
  changedSession,
  SESSION_STATUSES,
  sessionTotals,
  whyNotChangeSession,
  type AgentSession,
  type SessionChange,
} from '../../../../domain/governance/sessions/rules.ts'
import { AgentId, fields, text } from '../../inputs.ts'
import { endpoint, type Endpoint } from '../../endpoint.ts'
import {
  changesRecord,
  createsRecord,
  getsRecord,
  listsRecords,
  oneRecord,
} from '../../kinds/endpoints.ts'
import type { RecordKind } from '../../kinds/kind.ts'

const EVENT = 'session_event'

interface StoredSession extends AgentSession {
  event_count: number
}

/** A session of an agent's work. */
const SESSION: RecordKind = {
  kind: 'session',
  one: 'session',
  many: 'sessions',
  id: () => `sess_${randomBytes(6).toString('hex')}`,
  shape: () => ({
    agent_id: AgentId,
    workspace: text(1000).optional(),
    branch: text(500).optional(),
  }),
  made: (_told, { now }) => ({
    status: 'spawning',
    status_since: now,
    blocked_reason: null,
    green_level: null,
    branch_freshness: null,
    commits_behind: null,
    last_activity: now,
    event_count: 1,
  }),
  shown: (row, { api, caller }) => {
    const { org } = caller.tenant
    const { id, last_activity: latest, event_count: events } = row as unknown as StoredSession
    return {
      ...row,
      last_activity: api.actions.latestOfSession(org, id, latest),
      ...sessionTotals(api.actions.ofSession(org, id), events),
    }
  },
}

/** Changes a session; another status is an event of it. */
function moved(before: RecordData, given: SessionChange, changes: { now: string }) {
  const session = before as unknown as StoredSession
  requireNo(whyNotChangeSession(session))
  const seq = session.event_count + 1
  const { session: after, event } = changedSession(session, given, { at: changes.now, seq })
  return { after: event === null ? after : { ...after, event_count: seq }, event }
}

export const sessionEndpoints: readonly Endpoint[] = [
  createsRecord(SESSION, 'POST /sessions', { about: 'Begins a session of work.' }),
  listsRecords(SESSION, 'GET /sessions', {
    about: 'Sessions, the newest first.',
    by: ['agent_id', 'status'],
  }),
  getsRecord(SESSION, 'GET /sessions/:id', { about: 'One session.' }),
  changesRecord(SESSION, 'PATCH /sessions/:id', {
    about: 'Changes a session. One that ended stays as it is.',
    shape: () => ({
      status: z.enum(SESSION_STATUSES),
      green_level: text(50),
      branch_freshness: text(50),
      commits_behind: z.int().min(0).max(1_000_000),
      blocked_reason: text(2000),
    }),
    change: (before, given, changes) => {
      const { after, event } = moved(before, given, changes)
      if (event !== null)
        changes.make(EVENT, `${after.id}/${event.seq}`, { session_id: after.id, ...event })
      return after
    },
  }),
  endpoint('GET /sessions/:id/events', {
    about: 'The statuses that a session had, oldest first.',
    input: () => fields({ id: text(128) }),
    run: (api, { id }, caller) => {
      const { created_at } = oneRecord(api, SESSION, { id, caller })
      const first = { seq: 1, kind: 'spawning', detail: null, created_at }
      const later = api.records.find(caller.tenant.org, EVENT, {
        where: { session_id: id },
        oldest: true,
        limit: 1000,
      })
      return { events: [first, ...later] }
    },
  }),
]

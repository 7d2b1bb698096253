import { route, type NoFields, type JsonRecord } from '../core/route.ts'
import { AS_AGENT } from './fill.ts'
import type { WriteSecurity } from './rows.ts'

interface Handoff {
  id: string
  agent_id: string
  summary: string
  session_date: string
  key_decisions?: unknown
  open_tasks?: unknown
  next_priorities?: unknown
  mood_notes?: string | null
  context?: unknown
  tags?: unknown
}

interface ContextThread {
  id: string
  name: string
  status: string
  summary: string | null
}

interface Snippet {
  id: string
  name: string
  code: string
  description: string | null
  language: string | null
  use_count: number
}

/** Handoffs, context and snippets: what the next session has to know. */
export const contextRoutes = {
  /** Leaves word for whoever continues. Errors: 400. */
  createHandoff: route<
    {
      summary: string
      agent_id?: string
      session_date?: string
      key_decisions?: unknown
      open_tasks?: unknown
      next_priorities?: unknown
      mood_notes?: string
      context?: unknown
      tags?: unknown
    },
    { handoff: Handoff; handoff_id: string }
  >()('POST handoffs', 'summary', AS_AGENT),
  /** Handoffs of this agent, newest first. */
  getHandoffs: route<
    { date?: string; limit?: number; offset?: number; agent_id?: string },
    { handoffs: Handoff[]; total: number }
  >()('GET handoffs', '', AS_AGENT),
  /** The latest handoff; `handoff` is null where there is none. */
  getLatestHandoff: route<{ agent_id?: string }, { handoff: Handoff | null }>()(
    'GET handoffs',
    '',
    { ...AS_AGENT, fixed: { latest: true } },
  ),
  /** Keeps a point of this session; `importance` from 1 to 10. Errors: 400. */
  captureKeyPoint: route<
    {
      content: string
      category?: string
      importance?: number
      session_date?: string
      agent_id?: string
    },
    { point: JsonRecord; point_id: string }
  >()('POST context/points', 'content', AS_AGENT),
  /** Key points, the most important first. */
  getKeyPoints: route<
    {
      category?: string
      session_date?: string
      limit?: number
      offset?: number
      agent_id?: string
    },
    { points: JsonRecord[]; total: number }
  >()('GET context/points', '', AS_AGENT),
  /** Opens a context thread, or opens the one of this name again. Errors: 400. */
  createThread: route<
    { name: string; summary?: string; agent_id?: string },
    { thread: ContextThread; thread_id: string }
  >()('POST context/threads', 'name', AS_AGENT),
  /** Adds to a thread. Errors: 400 closed; 404. */
  addThreadEntry: route<
    { content: string; entry_type?: string },
    { entry: JsonRecord; entry_id: string }
  >()('POST context/threads/:thread_id/entries', 'content entry_type?', {
    fill: () => ({ entry_type: 'note' }),
  }),
  /** Closes a thread. Errors: 404. */
  closeThread: route<{ summary?: string }, { thread: ContextThread }>()(
    'PATCH context/threads/:thread_id',
    'summary?',
    { fixed: { status: 'closed' } },
  ),
  /** Context threads of this agent. */
  getThreads: route<
    { status?: string; limit?: number; offset?: number; agent_id?: string },
    { threads: ContextThread[]; total: number }
  >()('GET context/threads', 'status? limit:number?', AS_AGENT),
  /** Saves code under a name; one of this name is replaced. Errors: 400. */
  saveSnippet: route<
    {
      name: string
      code: string
      description?: string
      language?: string
      tags?: readonly string[]
      agent_id?: string
    },
    { snippet: Snippet; snippet_id: string; security?: WriteSecurity }
  >()('POST snippets', 'name code', AS_AGENT),
  /** Snippets, the most used first. */
  getSnippets: route<
    { search?: string; tag?: string; language?: string; limit?: number; offset?: number },
    { snippets: Snippet[]; total: number }
  >()('GET snippets'),
  /** One snippet. Errors: 404. */
  getSnippet: route<NoFields, { snippet: Snippet }>()('GET snippets/:snippet_id'),
  /** Counts a use of a snippet. Errors: 404. */
  useSnippet: route<NoFields, { snippet: Snippet }>()('POST snippets/:snippet_id/use', '', {
    bodyless: true,
  }),
  /** Deletes a snippet. Errors: 404. */
  deleteSnippet: route<{ id: string | number }, { deleted: boolean; id: string }>()(
    'DELETE snippets',
    'id:id',
  ),
}

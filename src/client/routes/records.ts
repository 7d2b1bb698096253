import { route, type JsonRecord } from '../core/route.ts'
import { AS_AGENT } from './fill.ts'
import type { WriteSecurity } from './rows.ts'

/** What one category of a bulk sync came to. */
interface SyncAnswer {
  results: Record<string, { synced: number; errors?: unknown[] }>
  total_synced: number
  total_errors: number
  duration_ms: number
}

/** Goals, content, calendar, ideas, tokens, digest, sync. */
export const recordRoutes = {
  /** Records a goal. Errors: 400. */
  createGoal: route<
    {
      title: string
      category?: string
      description?: string
      target_date?: string
      progress?: number
      status?: string
      priority?: string
      deadline?: string
      agent_id?: string
    },
    { goal: JsonRecord }
  >()('POST goals', 'title', AS_AGENT),
  /** Records something that was written. Errors: 400. */
  recordContent: route<
    {
      title: string
      platform?: string
      status?: string
      url?: string
      body?: string
      content_type?: string
      agent_id?: string
    },
    { content: JsonRecord; security?: WriteSecurity }
  >()('POST content', 'title', AS_AGENT),
  /** Records contact with somebody. Errors: 400. */
  recordInteraction: route<
    {
      summary: string
      contact_name?: string
      contact_id?: unknown
      direction?: string
      type?: string
      platform?: string
      agent_id?: string
    },
    { interaction: JsonRecord }
  >()('POST relationships', 'summary', AS_AGENT),
  /** Records an event of the calendar. Errors: 400. */
  createCalendarEvent: route<
    {
      summary: string
      start_time: string
      end_time?: string
      location?: string
      description?: string
    },
    { event: JsonRecord }
  >()('POST calendar', 'summary start_time'),
  /**
   * Records an idea; `score` from 0 to 100, or three factors that it is the mean of. Errors: 400.
   */
  recordIdea: route<
    {
      title: string
      description?: string
      category?: string
      score?: number
      fun_factor?: number
      learning_potential?: number
      income_potential?: number
      status?: string
      source?: string
    },
    { idea: JsonRecord }
  >()('POST inspiration', 'title'),
  /** Reports the state of the agent's memory. Errors: 400. */
  reportMemoryHealth: route<
    { health: unknown; entities?: unknown; topics?: unknown },
    {
      snapshot: JsonRecord
      entities_count: number
      topics_count: number
    }
  >()('POST memory', 'health:any'),
  /** Reports tokens that a model used. Errors: 400 with neither count. */
  reportTokenUsage: route<
    {
      tokens_in?: number
      tokens_out?: number
      model?: string
      session_key?: string
      session_id?: string
      context_used?: number
      context_max?: number
      agent_id?: string
    },
    { snapshot: JsonRecord }
  >()('POST tokens', 'tokens_in:number? tokens_out:number?', AS_AGENT),
  /** What happened on a day, by category; without `date` the newest of each. */
  getDailyDigest: route<
    { date?: string; agent_id?: string },
    {
      date: string | null
      agent_id: string | null
      digest: Record<string, JsonRecord>
      summary: Record<string, number>
    }
  >()('GET digest', 'date?', AS_AGENT),
  /**
   * Sends many records of all categories at once; each category fails by itself. Errors: 400; 413.
   */
  syncState: route<
    {
      agent_id?: string
      connections?: readonly unknown[]
      memory?: object
      goals?: readonly unknown[]
      learning?: readonly unknown[]
      decisions?: readonly unknown[]
      actions?: readonly unknown[]
      content?: readonly unknown[]
      inspiration?: readonly unknown[]
      context_points?: readonly unknown[]
      context_threads?: readonly unknown[]
      handoffs?: readonly unknown[]
      preferences?: object
      snippets?: readonly unknown[]
      relationships?: readonly unknown[]
      capabilities?: readonly unknown[]
    },
    SyncAnswer
  >()('POST sync', '', AS_AGENT),
  /** The audit trail of the org. */
  getActivityLogs: route<
    {
      agent_id?: string
      type?: string
      action?: string
      actor_id?: string
      resource_type?: string
      before?: string
      after?: string
      limit?: number
      offset?: number
    },
    {
      events: JsonRecord[]
      stats: { total: number; today: number; unique_actors: number }
      pagination: { limit: number; offset: number }
    }
  >()('GET activity'),
}

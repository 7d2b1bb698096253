import { route, type JsonRecord } from '../core/route.ts'
import { AS_AGENT } from './fill.ts'

interface NoteFields {
  category?: string
  importance?: number
  confidence?: number
  notes?: string
  context?: unknown
  agent_id?: string
}

/** What an agent learns about the person it works for. */
export const preferenceRoutes = {
  /** Notes what was seen of the person. */
  logObservation: route<
    { observation: string } & NoteFields,
    { observation: JsonRecord; observation_id: string }
  >()('POST preferences', 'observation', { ...AS_AGENT, fixed: { type: 'observation' } }),
  /** Notes a preference. */
  setPreference: route<
    { preference: string } & NoteFields,
    { preference: JsonRecord; preference_id: string }
  >()('POST preferences', 'preference', { ...AS_AGENT, fixed: { type: 'preference' } }),
  /** Notes a mood. */
  logMood: route<
    { mood: string; energy?: unknown } & NoteFields,
    { mood: JsonRecord; mood_id: string }
  >()('POST preferences', 'mood', { ...AS_AGENT, fixed: { type: 'mood' } }),
  /** Notes an approach and whether it worked. */
  trackApproach: route<
    { approach: string; success?: boolean } & NoteFields,
    { approach: JsonRecord; approach_id: string }
  >()('POST preferences', 'approach', {
    also: { succeeded: 'success' },
    ...AS_AGENT,
    fixed: { type: 'approach' },
  }),
  /** Preferences, recent moods and the best approaches. */
  getPreferenceSummary: route<
    { agent_id?: string },
    {
      summary: {
        observations_count: number
        preferences: JsonRecord[]
        recent_moods: JsonRecord[]
        top_approaches: JsonRecord[]
      }
    }
  >()('GET preferences', '', { ...AS_AGENT, fixed: { type: 'summary' } }),
  /** Approaches with how often each worked. */
  getApproaches: route<
    { limit?: number; offset?: number; agent_id?: string },
    { approaches: JsonRecord[]; total: number }
  >()('GET preferences', 'limit:number?', { ...AS_AGENT, fixed: { type: 'approaches' } }),
}

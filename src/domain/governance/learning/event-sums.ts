import type { GroupSums } from '../records/sums.ts'
import { utcDate } from '../times.ts'
import type { RecommendationUse } from './metrics.ts'

export const USES = ['fetched', 'applied', 'overridden', 'outcome'] as const
/** What can happen with a recommendation. */
export type UseOfRecommendation = (typeof USES)[number]

/** Something that happened with recommendations. */
export interface RecommendationEvent {
  id: string
  org_id: string
  event_type: UseOfRecommendation
  recommendation_id: string
  /** Of those that were fetched together: all. */
  recommendation_ids: readonly string[]
  agent_id: string | null
  action_id: string | null
  event_key: string | null
  details: unknown
  created_at: string
}

const COUNTED_AS: Readonly<Record<UseOfRecommendation, keyof RecommendationUse>> = {
  fetched: 'fetched',
  applied: 'applied',
  overridden: 'overridden',
  outcome: 'outcomes',
}

/** How often each recommendation was used on each day. */
export function recommendationEventSums(data: object): GroupSums[] {
  const { event_type: type, recommendation_ids: ids, created_at: at } = data as RecommendationEvent
  const date = utcDate(Date.parse(at))
  return ids.map((id) => ({ of: ['use', id, date], sums: { [COUNTED_AS[type]]: 1 } }))
}

/** Decisions of an agent, and of all. */
export function decisionSums(data: object): GroupSums[] {
  const { agent_id: agent, outcome } = data as { agent_id: string | null; outcome: string }
  const sums = {
    decisions: 1,
    ...(outcome === 'success' ? { success: 1 } : {}),
    ...(outcome === 'pending' ? {} : { decided: 1 }),
  }
  return [{ of: ['all'], sums }, ...(agent === null ? [] : [{ of: ['agent', agent], sums }])]
}

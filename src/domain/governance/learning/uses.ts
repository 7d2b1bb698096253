import { sha256 } from '../../../base/canonical.ts'
import { rowId } from '../ids.ts'
import type { RecordChanges, RecordStore } from '../records/service.ts'
import { allSums } from '../records/sums.ts'
import { utcDate } from '../times.ts'
import type { RecommendationEvent } from './event-sums.ts'
import type { RecommendationUse } from './metrics.ts'

/** What is told of recommendations that were used. */
type ToldUse = Omit<RecommendationEvent, 'id' | 'org_id' | 'created_at' | 'recommendation_ids'> & {
  recommendation_ids?: readonly string[]
}

/** Writes down a use of recommendations. One whose key is known was written before: undefined. */
export function recordUse(
  org: string,
  changes: RecordChanges,
  told: ToldUse,
): RecommendationEvent | undefined {
  const { event_key: key } = told
  const id = key === null ? rowId('re') : `re_${sha256(key).slice(0, 24)}`
  if (key !== null && changes.get('recommendation_event', id) !== undefined) return undefined
  const event: RecommendationEvent = {
    recommendation_ids: [told.recommendation_id],
    ...told,
    id,
    org_id: org,
    created_at: changes.now,
  }
  changes.make('recommendation_event', id, event)
  return event
}

/** How often a recommendation was used since a time. */
export function usesSince(
  records: RecordStore,
  { org, id, from }: { org: string; id: string; from: number },
): RecommendationUse {
  const days = records.sumsOf(org, 'recommendation_event', ['use', id], { from: utcDate(from) })
  const { fetched = 0, applied = 0, overridden = 0, outcomes = 0 } = allSums(days)
  return { fetched, applied, overridden, outcomes }
}

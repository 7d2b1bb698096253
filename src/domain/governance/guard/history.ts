import type { Clock } from '../../../base/clock.ts'
import type { HistoryOf } from '../actions/risk.ts'
import { EPISODE_GROUPS, episodeDay } from '../learning/sums.ts'
import type { LedgerReader } from '../ledger/read.ts'
import type { RecordStore } from '../records/service.ts'
import { allSums } from '../records/sums.ts'
import { DAY, HOUR, utcDate } from '../times.ts'

const LOOKBACK_DAYS = 30
/** More actions within an hour than this are many: further ones are not counted. */
const MANY = 6

/** Reads history from what is folded as outcomes are reported. */
export function riskHistory({
  records,
  actions,
  clock,
}: {
  records: RecordStore
  actions: LedgerReader
  clock: Clock
}): HistoryOf {
  return (org, agent, type) => {
    const now = clock.now()
    const of = [EPISODE_GROUPS.day, agent]
    const from = utcDate(now - LOOKBACK_DAYS * DAY)
    const days = records.sumsOf(org, 'learning_episode', of, { from }).map(episodeDay)
    const {
      episodes = 0,
      failure = 0,
      risk = 0,
    } = allSums(days.filter((day) => day.action_type === type))
    return {
      total: episodes,
      failed: failure,
      lastHour: actions.list(org, { agent, type, from: now - HOUR, limit: MANY }).length,
      averageRisk: episodes === 0 ? null : risk / episodes,
    }
  }
}

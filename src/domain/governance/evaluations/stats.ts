import { groupedBy, meanOrNull } from '../statistics.ts'
import { utcDate } from '../times.ts'
import { scoreDistribution, type ScoreBucket } from './rules.ts'

export interface EvaluationRow {
  scorer_name: string
  score: number
  created_at: string
}

interface ScoreSummary {
  total: number
  avg_score: number | null
}

/** Scores in all, by scorer, by UTC day (oldest first) and by how good they are. */
export function evaluationStats(rows: readonly EvaluationRow[]): {
  overall: ScoreSummary
  by_scorer: (ScoreSummary & { scorer_name: string })[]
  trends: (ScoreSummary & { date: string })[]
  distribution: { bucket: ScoreBucket; count: number; avg_score: number }[]
} {
  const dated = rows.filter(({ created_at }) => !Number.isNaN(Date.parse(created_at)))
  const days = groupedBy(dated, ({ created_at }) => utcDate(Date.parse(created_at)))
  return {
    overall: scoreSummary(rows),
    by_scorer: [...groupedBy(rows, ({ scorer_name }) => scorer_name)].map(([scorer_name, own]) => ({
      scorer_name,
      ...scoreSummary(own),
    })),
    trends: [...days]
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([date, own]) => ({ date, ...scoreSummary(own) })),
    distribution: scoreDistribution(rows.map(({ score }) => score)),
  }
}

function scoreSummary(rows: readonly Pick<EvaluationRow, 'score'>[]): ScoreSummary {
  return {
    total: rows.length,
    avg_score: meanOrNull(
      rows.map(({ score }) => score),
      4,
    ),
  }
}

import { allSums, type GroupSums, type Sums } from '../records/sums.ts'
import { groupedBy, roundTo } from '../statistics.ts'
import { utcDate } from '../times.ts'
import { SCORE_BUCKETS, scoreBucket, type ScoreBucket } from './rules.ts'

export interface EvaluationRow {
  agent_id: string | null
  scorer_name: string
  score: number
  created_at: string
}

interface ScoreSummary {
  total: number
  avg_score: number | null
}

export interface EvaluationStats {
  overall: ScoreSummary
  by_scorer: (ScoreSummary & { scorer_name: string })[]
  trends: (ScoreSummary & { date: string })[]
  distribution: { bucket: ScoreBucket; count: number; avg_score: number }[]
}

/** Whose evaluations are added up: everybody's, or an agent's. */
export function evaluatedBy(agent: string | undefined): string[] {
  return agent === undefined ? ['all'] : ['agent', agent]
}

/** What an evaluation adds to: by day and scorer, of all and of its agent. */
export function evaluationSums({ agent_id, scorer_name, score, created_at }: EvaluationRow) {
  const bucket = scoreBucket(score)
  const sums = { total: 1, score, [bucket]: 1, [sumIn(bucket)]: score }
  const day = [utcDate(Date.parse(created_at)), scorer_name]
  const scopes = [evaluatedBy(undefined), ...(agent_id === null ? [] : [evaluatedBy(agent_id)])]
  return [
    ...scopes.map((scope): GroupSums => ({ of: [...scope, ...day], sums })),
    { of: ['scorer', scorer_name], sums: { total: 1, score } },
  ]
}

function sumIn(bucket: ScoreBucket): string {
  return `${bucket}_score`
}

/** Scores in all, by scorer, by UTC day (oldest first) and by how good they are. */
export function evaluationStats(days: readonly GroupSums[]): EvaluationStats {
  const all = allSums(days)
  const by = (at: number) =>
    [...groupedBy(days, ({ of }) => of.at(at) ?? '')].map(
      ([name, own]) => [name, scoreSummary(allSums(own))] as const,
    )
  return {
    overall: scoreSummary(all),
    by_scorer: by(-1).map(([scorer_name, summary]) => ({ scorer_name, ...summary })),
    trends: by(-2)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([date, summary]) => ({ date, ...summary })),
    distribution: SCORE_BUCKETS.flatMap((bucket) => {
      const count = all[bucket] ?? 0
      const avg_score = roundTo((all[sumIn(bucket)] ?? 0) / count, 4)
      return count === 0 ? [] : [{ bucket, count, avg_score }]
    }),
  }
}

function scoreSummary({ total = 0, score = 0 }: Sums): ScoreSummary {
  return { total, avg_score: total === 0 ? null : roundTo(score / total, 4) }
}

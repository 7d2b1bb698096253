import { finite, groupedBy, meanOrNull } from '../statistics.ts'
import type { Sentiment } from './rules.ts'

export interface FeedbackRow {
  agent_id: string | null
  category: string
  rating: number | null
  sentiment: Sentiment
  tags: readonly string[]
  resolved: boolean
}

interface FeedbackCounts {
  total: number
  avg_rating: number | null
  positive: number
  negative: number
  neutral: number
}

export interface FeedbackStats {
  overall: FeedbackCounts & { unresolved: number }
  by_category: readonly (FeedbackCounts & { category: string })[]
  by_agent: readonly (FeedbackCounts & { agent_id: string })[]
  rating_distribution: Readonly<Record<'1' | '2' | '3' | '4' | '5', number>>
  top_tags: readonly { tag: string; count: number }[]
}

const MOST_TAGS = 10

export function feedbackStats(rows: readonly FeedbackRow[]): FeedbackStats {
  const rated = (rating: number) => rows.filter((row) => row.rating === rating).length
  const known = rows.filter(({ agent_id }) => agent_id !== null)
  const tags = groupedBy(
    rows.flatMap((row) => row.tags),
    (tag) => tag,
  )
  return {
    overall: { ...countsOf(rows), unresolved: rows.filter((row) => !row.resolved).length },
    by_category: [...groupedBy(rows, ({ category }) => category)].map(([category, own]) => ({
      category,
      ...countsOf(own),
    })),
    by_agent: [...groupedBy(known, ({ agent_id }) => agent_id ?? '')].map(([agent_id, own]) => ({
      agent_id,
      ...countsOf(own),
    })),
    rating_distribution: {
      1: rated(1),
      2: rated(2),
      3: rated(3),
      4: rated(4),
      5: rated(5),
    },
    top_tags: [...tags]
      .map(([tag, all]) => ({ tag, count: all.length }))
      .toSorted((a, b) => b.count - a.count || (a.tag < b.tag ? -1 : 1))
      .slice(0, MOST_TAGS),
  }
}

function countsOf(rows: readonly FeedbackRow[]): FeedbackCounts {
  const of = (sentiment: Sentiment) => rows.filter((row) => row.sentiment === sentiment).length
  return {
    total: rows.length,
    avg_rating: meanOrNull(finite(rows.map(({ rating }) => rating)), 2),
    positive: of('positive'),
    negative: of('negative'),
    neutral: of('neutral'),
  }
}

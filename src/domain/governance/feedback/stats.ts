import type { GroupSums, Sums } from '../records/sums.ts'
import { roundTo } from '../statistics.ts'
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

/** The groups that feedback adds up to, of everybody or of an agent. */
export interface FeedbackGroups {
  all: Sums
  categories: readonly GroupSums[]
  agents: readonly GroupSums[]
  tags: readonly GroupSums[]
}

/** How groups of feedback are named, of everybody or of an agent. */
export function feedbackGroups(agent: string | undefined): {
  all: string[]
  categories: string[]
  tags: string[]
} {
  const [all, ...of] = agent === undefined ? ['all'] : ['agent', agent]
  return {
    all: [all as string, ...of],
    categories: [`${all}-category`, ...of],
    tags: [`${all}-tag`, ...of],
  }
}

/** What feedback adds to. */
export function feedbackSums(row: FeedbackRow): GroupSums[] {
  const { rating, sentiment, resolved, agent_id: agent } = row
  const sums = {
    total: 1,
    [sentiment]: 1,
    ...(resolved ? {} : { unresolved: 1 }),
    ...(rating === null ? {} : { rated: 1, rating, [`rated_${rating}`]: 1 }),
  }
  const scopes = [undefined, ...(agent === null ? [] : [agent])].map(feedbackGroups)
  return scopes.flatMap(({ all, categories, tags }) => [
    { of: all, sums },
    { of: [...categories, row.category], sums },
    ...row.tags.map((tag) => ({ of: [...tags, tag], sums: { total: 1 } })),
  ])
}

const MOST_TAGS = 10

export function feedbackStats({ all, categories, agents, tags }: FeedbackGroups): FeedbackStats {
  const rated = (rating: number) => all[`rated_${rating}`] ?? 0
  const named = ({ of, sums }: GroupSums) => [of.at(-1) ?? '', countsOf(sums)] as const
  return {
    overall: { ...countsOf(all), unresolved: all['unresolved'] ?? 0 },
    by_category: categories.map(named).map(([category, own]) => ({ category, ...own })),
    by_agent: agents.map(named).map(([agent_id, own]) => ({ agent_id, ...own })),
    rating_distribution: {
      1: rated(1),
      2: rated(2),
      3: rated(3),
      4: rated(4),
      5: rated(5),
    },
    top_tags: tags
      .map(({ of, sums }) => ({ tag: of.at(-1) ?? '', count: sums['total'] ?? 0 }))
      .toSorted((a, b) => b.count - a.count || (a.tag < b.tag ? -1 : 1))
      .slice(0, MOST_TAGS),
  }
}

function countsOf(sums: Sums): FeedbackCounts {
  const { total = 0, rated = 0, rating = 0, positive = 0, negative = 0, neutral = 0 } = sums
  const average = rated === 0 ? null : roundTo(rating / rated, 2)
  return { total, avg_rating: average, positive, negative, neutral }
}

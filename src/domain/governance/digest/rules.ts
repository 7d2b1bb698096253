import { actionStats, type ActionTotals } from '../actions/stats.ts'
import type { LedgerRow } from '../types.ts'

export const DIGEST_CATEGORIES = [
  'decisions',
  'lessons',
  'content',
  'ideas',
  'interactions',
  'goals',
] as const
export type DigestCategory = (typeof DIGEST_CATEGORIES)[number]

export const MOST_ACTIONS = 20
export const MOST_ITEMS = 10

/** What there is of a kind: how many in all, and the newest of them. */
interface Found<T> {
  total: number
  items: readonly T[]
}

/** What happened on a day; without a day, what is newest. */
export interface DigestRows {
  actions: Found<LedgerRow> & { totals: ActionTotals }
  others: Readonly<Record<DigestCategory, Found<unknown>>>
}

interface Section {
  total: number
  items: readonly unknown[]
}

export interface GovernanceDigest {
  date: string | null
  agent_id: string | null
  digest: Readonly<Record<DigestCategory, Section>> & {
    actions: Section & { completed: number; failed: number; avg_risk: number }
  }
  summary: Readonly<Record<`${DigestCounted}_count` | 'total_activities', number>>
}

type DigestCounted = 'action' | 'decision' | 'lesson' | 'content' | 'idea' | 'interaction' | 'goal'

/** What happened on a day. */
export function governanceDigest(
  { date, agentId }: { date: string | null; agentId: string | null },
  { actions, others }: DigestRows,
): GovernanceDigest {
  const { completed, failed, avg_risk } = actionStats(actions.totals)
  const section = ({ total, items }: Found<unknown>): Section => ({
    total,
    items: items.slice(0, MOST_ITEMS),
  })
  const { decisions, lessons, content, ideas, interactions, goals } = others
  const counts = {
    action_count: actions.total,
    decision_count: decisions.total,
    lesson_count: lessons.total,
    content_count: content.total,
    idea_count: ideas.total,
    interaction_count: interactions.total,
    goal_count: goals.total,
  }
  return {
    date,
    agent_id: agentId,
    digest: {
      actions: {
        total: actions.total,
        completed,
        failed,
        avg_risk: Math.round(avg_risk),
        items: actions.items.slice(0, MOST_ACTIONS),
      },
      decisions: section(decisions),
      lessons: section(lessons),
      content: section(content),
      ideas: section(ideas),
      interactions: section(interactions),
      goals: section(goals),
    },
    summary: {
      ...counts,
      total_activities: Object.values(counts).reduce((sum, count) => sum + count, 0),
    },
  }
}

import { meanOf } from '../statistics.ts'
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

const MOST_ACTIONS = 20
const MOST_ITEMS = 10

/** Rows of a day, newest first; without a day, the newest of each kind. */
export interface DigestRows {
  actions: readonly LedgerRow[]
  others: Readonly<Record<DigestCategory, readonly unknown[]>>
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
  const status = (wanted: LedgerRow['status']) =>
    actions.filter((action) => action.status === wanted).length
  const section = (rows: readonly unknown[]): Section => ({
    total: rows.length,
    items: rows.slice(0, MOST_ITEMS),
  })
  const { decisions, lessons, content, ideas, interactions, goals } = others
  const counts = {
    action_count: actions.length,
    decision_count: decisions.length,
    lesson_count: lessons.length,
    content_count: content.length,
    idea_count: ideas.length,
    interaction_count: interactions.length,
    goal_count: goals.length,
  }
  return {
    date,
    agent_id: agentId,
    digest: {
      actions: {
        total: actions.length,
        completed: status('completed'),
        failed: status('failed'),
        avg_risk: Math.round(meanOf(actions.map(({ risk_score }) => risk_score))),
        items: actions.slice(0, MOST_ACTIONS),
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

import * as z from 'zod'
import { actionStats, actionTotals, NO_ACTIONS } from '../../../domain/governance/actions/stats.ts'
import {
  DIGEST_CATEGORIES,
  governanceDigest,
  MOST_ACTIONS,
  MOST_ITEMS,
  type DigestCategory,
  type DigestRows,
} from '../../../domain/governance/digest/rules.ts'
import { DAY } from '../../../domain/governance/times.ts'
import { AgentId, fields } from '../inputs.ts'
import { endpoint, type Endpoint } from '../endpoint.ts'
import type { ApiServices } from '../services.ts'

/** The kind of record of each category. */
const KINDS: Readonly<Record<DigestCategory, string>> = {
  decisions: 'learning_decision',
  lessons: 'learning_recommendation',
  content: 'content',
  ideas: 'idea',
  interactions: 'interaction',
  goals: 'goal',
}

/** So many of each category, without a date. */
const NEWEST = 50

const Day = z.iso.date({ error: 'must be a date such as 2026-01-31' })

interface Asked {
  org: string
  agent: string | undefined
}

/** What happened on a day, from what is folded by day and from the newest of each kind. */
function rowsOf(
  { actions, records }: ApiServices,
  { org, agent }: Asked,
  date: string,
): DigestRows {
  const from = Date.parse(date)
  const within = { agent, from, before: from + DAY }
  const totals = actions.totalsOfDate(org, { date, agent })
  return {
    actions: {
      totals,
      total: actionStats(totals).total,
      items: actions.list(org, { ...within, limit: MOST_ACTIONS }),
    },
    others: each((kind) => {
      const { rows: items, total } = records.page(org, kind, { ...within, limit: MOST_ITEMS })
      return { items, total }
    }),
  }
}

/** What is newest of each kind. */
function newest({ actions, records }: ApiServices, { org, agent }: Asked): DigestRows {
  const query = { agent, limit: NEWEST }
  const items = actions.list(org, query)
  const totals = items.reduce((sum, action) => actionTotals(sum, null, action), NO_ACTIONS)
  return {
    actions: { totals, total: items.length, items },
    others: each((kind) => {
      const found = records.find(org, kind, query)
      return { items: found, total: found.length }
    }),
  }
}

function each<T>(of: (kind: string) => T): Record<DigestCategory, T> {
  return Object.fromEntries(
    DIGEST_CATEGORIES.map((category) => [category, of(KINDS[category])]),
  ) as Record<DigestCategory, T>
}

export const digestEndpoints: readonly Endpoint[] = [
  endpoint('GET /digest', {
    about: 'What happened on a day (UTC), by category; without a date the newest of each.',
    input: () => fields({ date: Day.optional(), agent_id: AgentId.optional() }),
    run: (api, { date, agent_id: agent }, { tenant: { org } }) => {
      const rows =
        date === undefined ? newest(api, { org, agent }) : rowsOf(api, { org, agent }, date)
      const digest = governanceDigest({ date: date ?? null, agentId: agent ?? null }, rows)
      const { action_count, decision_count } = digest.summary
      return { ...digest, actions_count: action_count, decisions_count: decision_count }
    },
  }),
]

import { Fault } from '../../../base/fault.ts'
import { writeMemory } from '../../../domain/governance/memory/write.ts'
import type { Sums } from '../../../domain/governance/records/sums.ts'
import { DAY, utcDate } from '../../../domain/governance/times.ts'
import { storedTokens, tokenCost } from '../../../domain/governance/tokens/rules.ts'
import * as z from 'zod'
import { AgentId, fields, json, text } from '../inputs.ts'
import { endpoint, type Endpoint } from '../endpoint.ts'
import { createsRecord } from '../kinds/endpoints.ts'
import { newIds, type RecordKind } from '../kinds/kind.ts'
import { recordAuthorOf } from '../kinds/write.ts'

const Count = () => z.number().min(0)

/** Tokens that a model used. */
const USAGE: RecordKind = {
  kind: 'token_usage',
  one: 'snapshot',
  many: 'snapshots',
  id: newIds.uuid('tok'),
  shape: () => ({
    agent_id: AgentId.optional(),
    tokens_in: Count().optional(),
    tokens_out: Count().optional(),
    model: text(200).optional(),
    session_key: text(256).optional(),
    session_id: text(256).optional(),
    context_used: Count().optional(),
    context_max: Count().optional(),
  }),
  made: ({ tokens_in: given, tokens_out: made, model, ...others }) => {
    if (given === undefined && made === undefined)
      throw new Fault('input.invalid', 'tokens_in or tokens_out has to be given')
    const [tokensIn, tokensOut] = [given, made].map((n) => storedTokens(n as number) ?? 0) as [
      number,
      number,
    ]
    const usage = { model: (model as string | undefined) ?? null, tokensIn, tokensOut }
    return {
      tokens_in: tokensIn,
      tokens_out: tokensOut,
      total_tokens: tokensIn + tokensOut,
      estimated_cost: tokenCost(usage),
      session_key: others['session_key'] ?? others['session_id'] ?? null,
    }
  },
}

interface UsageRow {
  agent_id: string | null
  tokens_in: number
  tokens_out: number
  total_tokens: number
  estimated_cost: number
  model: string | null
  session_key: string | null
  context_used: number | null
  context_max: number | null
  created_at: string
}

const HISTORY_DAYS = 30
const TIMELINE = 50

function shownUsage(row: UsageRow) {
  const { context_used: used, context_max: max } = row
  return {
    agentId: row.agent_id,
    tokensIn: row.tokens_in,
    tokensOut: row.tokens_out,
    totalTokens: row.total_tokens,
    estimatedCost: row.estimated_cost,
    model: row.model,
    sessionKey: row.session_key,
    contextUsed: used,
    contextMax: max,
    contextPct: used === null || max === null || max === 0 ? null : Math.round((used / max) * 100),
    timestamp: row.created_at,
  }
}

function shownTotals(date: string, sums: Sums) {
  const { tokens_in: tokensIn = 0, tokens_out: tokensOut = 0, cost = 0, snapshots = 0 } = sums
  return {
    date,
    tokensIn,
    tokensOut,
    totalTokens: tokensIn + tokensOut,
    estimatedCost: cost,
    snapshots,
  }
}

const Memory = () =>
  fields({
    // Clients' documentation passes a text.
    health: z.union([z.record(z.string(), z.unknown()), text(10_000)]).and(json(65_536)),
    entities: z.array(json(10_240)).max(100).optional(),
    topics: z.array(json(10_240)).max(100).optional(),
    agent_id: AgentId.optional(),
  })

/** Tokens, and the health of agents' memory. */
export const usageEndpoints: readonly Endpoint[] = [
  createsRecord(USAGE, 'POST /tokens', { about: 'Reports tokens that a model used.' }),
  endpoint('GET /tokens', {
    about: 'Tokens that were used: the latest report, today, each day, and the latest reports.',
    input: () => fields({ agent_id: AgentId.optional() }),
    run: ({ records, clock }, { agent_id: agent }, { tenant: { org } }) => {
      const now = clock.now()
      const today = utcDate(now)
      const group = agent === undefined ? ['day'] : ['agent', agent, 'day']
      const from = utcDate(now - (HISTORY_DAYS - 1) * DAY)
      const latest = records
        .find<UsageRow>(org, 'token_usage', { agent, limit: TIMELINE })
        .map(shownUsage)
      return {
        current: latest[0] ?? null,
        today: shownTotals(today, records.sums(org, 'token_usage', [...group, today])),
        history: records
          .sumsOf(org, 'token_usage', group, { from })
          .map(({ of, sums }) => shownTotals(of.at(-1) ?? '', sums)),
        timeline: latest.toReversed(),
        lastUpdated: new Date(now).toISOString(),
      }
    },
  }),
  endpoint('POST /memory', {
    about: 'Reports the state of the memory; lists that are given replace those before.',
    status: 201,
    input: Memory,
    run: ({ records }, { agent_id: agent, ...told }, caller) =>
      records.write(recordAuthorOf(caller, agent), (changes) =>
        writeMemory(changes, { org: caller.tenant.org, agent: agent ?? null, ...told }),
      ),
  }),
]

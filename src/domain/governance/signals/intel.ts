import { age, plain } from '../../../base/text.ts'
import { HOUR, MINUTE, sinceTime } from '../times.ts'
import { drafted } from './rows.ts'
import type { GovernanceSignal, IntelFact, SignalFacts } from './types.ts'

export function brokenIntegrations({ connections }: SignalFacts): GovernanceSignal[] {
  const someStored = connections.some(({ credentials }) => credentials !== 'absent')
  return drafted(
    'integration_mismatch',
    connections.map((connection) => {
      const { agent_id, provider, status, credentials } = connection
      const wrong = credentials === 'error' || (credentials === 'absent' && someStored)
      if (status !== 'active' || !wrong) return undefined
      const failed = credentials === 'error'
      return {
        red: failed,
        weight: 0,
        says: {
          label: `${plain(agent_id)} uses ${plain(provider, 128)} without valid credentials`,
          detail: failed
            ? 'The stored credentials are in error'
            : 'No credentials are stored for this provider, although others have some',
          agent_id,
        },
      }
    }),
  )
}

const STALLED = 2 * HOUR
const STALLED_RED = 4 * HOUR

export function stalledSessions({ sessions }: SignalFacts, now: number): GovernanceSignal[] {
  return drafted(
    'session_stalled',
    sessions.map((session) => {
      const idle = sinceTime(session.last_activity, now)
      if (session.status !== 'running' || idle <= STALLED) return undefined
      return {
        red: idle >= STALLED_RED,
        weight: idle,
        says: {
          label: `A session of ${plain(session.agent_id)} is idle`,
          detail: `No activity for ${age(idle)}`,
          agent_id: session.agent_id,
          session_id: session.id,
        },
      }
    }),
  )
}

/** Of each agent, the latest question that says something about a part of its surroundings. */
function latest(facts: SignalFacts, says: (fact: IntelFact) => boolean): IntelFact[] {
  const newest = new Map<string | null, IntelFact>()
  for (const fact of facts.intel) {
    if (!says(fact)) continue
    const before = newest.get(fact.agent_id)
    if (before === undefined || fact.created_at >= before.created_at)
      newest.set(fact.agent_id, fact)
  }
  return [...newest.values()]
}

function partOf({ intel }: IntelFact, part: string): Record<string, unknown> | undefined {
  const value = intel[part]
  return typeof value === 'object' && value !== null ? { ...value } : undefined
}

export function staleBranches(facts: SignalFacts, now: number): GovernanceSignal[] {
  const recent = latest(
    facts,
    (fact) => partOf(fact, 'branch') !== undefined && sinceTime(fact.created_at, now) <= HOUR,
  )
  return drafted(
    'branch_stale',
    recent.map((fact) => {
      const branch = partOf(fact, 'branch') ?? {}
      if (branch['freshness'] !== 'stale') return undefined
      const behind = Number(branch['commits_behind'] ?? 0)
      const many = behind >= 5
      return {
        red: many,
        weight: many ? behind : 0,
        says: {
          label: `${plain(fact.agent_id ?? 'An agent')} works on a stale branch`,
          detail: behind > 0 ? `${behind} commits behind` : 'It is behind',
          agent_id: fact.agent_id,
        },
      }
    }),
  )
}

const WELL = new Set(['healthy', 'ok', 'connected', 'ready'])

export function degradedServers(facts: SignalFacts, now: number): GovernanceSignal[] {
  const recent = latest(
    facts,
    (fact) => partOf(fact, 'mcp') !== undefined && sinceTime(fact.created_at, now) <= 30 * MINUTE,
  )
  return drafted(
    'mcp_degraded',
    recent.map((fact) => {
      const status = partOf(fact, 'mcp')?.['status']
      const unwell = typeof status === 'string' && status !== '' && !WELL.has(status)
      if (!unwell) return undefined
      return {
        red: status === 'auth_required',
        weight: 0,
        says: {
          label: `An MCP server of ${plain(fact.agent_id ?? 'an agent')} is unhealthy`,
          detail: `Status: ${plain(status, 40)}`,
          agent_id: fact.agent_id,
        },
      }
    }),
  )
}

export function notGreenQuestions(facts: SignalFacts, now: number): GovernanceSignal[] {
  const recent = latest(facts, (fact) => fact.notGreen && sinceTime(fact.created_at, now) <= HOUR)
  return drafted(
    'green_insufficient',
    recent.map((fact) => ({
      red: true,
      weight: 0,
      says: {
        label: `${plain(fact.agent_id ?? 'An agent')} asked before its tests were green`,
        detail: `Action type ${plain(fact.action_type, 128)}`,
        agent_id: fact.agent_id,
      },
    })),
  )
}

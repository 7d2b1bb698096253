import { age, count, plain } from '../../../base/text.ts'
import { STALE_DAYS } from '../assumptions/rules.ts'
import { DAY, HOUR, MINUTE, sinceTime } from '../times.ts'
import type { LedgerRow } from '../types.ts'
import { SIGNAL_HELP } from './texts.ts'
import type { AgentCount, GovernanceSignal, SignalFacts, SignalType } from './types.ts'

/** What is special of a signal, and how grave it is among those of its type. */
interface Draft {
  red: boolean
  weight: number
  says: Omit<GovernanceSignal, 'help' | 'type' | 'severity'>
}

const MOST_ROWS = 10

/** Signals of one type, worst first; `most`: how many at most. */
export function drafted(
  type: SignalType,
  drafts: readonly (Draft | undefined)[],
  most = Infinity,
): GovernanceSignal[] {
  return drafts
    .filter((draft) => draft !== undefined)
    .toSorted((a, b) => Number(b.red) - Number(a.red) || b.weight - a.weight)
    .slice(0, most)
    .map(({ red, says }) => ({
      type,
      severity: red ? 'red' : 'amber',
      help: SIGNAL_HELP[type],
      ...says,
    }))
}

/** A condition on time: signalled after `amber` milliseconds, red after `red`. */
interface Ages {
  amber: number
  red: number
}

export function silentAgents({ presences }: SignalFacts, now: number): GovernanceSignal[] {
  return drafted(
    'agent_silent',
    presences.map((agent) => {
      const silent = sinceTime(agent.last_heartbeat_at, now)
      const busy = agent.current_task_id !== null && agent.current_task_id !== ''
      if (silent <= 10 * MINUTE || (agent.status === 'offline' && !busy)) return undefined
      return {
        red: busy,
        weight: silent,
        says: {
          label: `${plain(agent.agent_id)} is silent`,
          detail: `Last heartbeat ${age(silent)} ago${busy ? ', while it has a task' : ''}`,
          agent_id: agent.agent_id,
        },
      }
    }),
    MOST_ROWS,
  )
}

interface CountRule {
  type: SignalType
  /** Signalled from this count. */
  amber: number
  red: number
  label(agent: string): string
  detail(times: number): string
}

/** Signals of agents to whom something happened too often. */
export function tooOften(counts: readonly AgentCount[], rule: CountRule): GovernanceSignal[] {
  return drafted(
    rule.type,
    counts.map(({ agent_id, count: times }) =>
      times < rule.amber
        ? undefined
        : {
            red: times >= rule.red,
            weight: times,
            says: {
              label: rule.label(plain(agent_id)),
              detail: rule.detail(times),
              agent_id,
            },
          },
    ),
  )
}

export const AUTONOMY_SPIKE: CountRule = {
  type: 'autonomy_spike',
  amber: 11,
  red: 21,
  label: (agent) => `${agent} acts unusually often`,
  detail: (times) => `${times} actions in the last hour`,
}
export const REPEATED_FAILURES: CountRule = {
  type: 'repeated_failures',
  amber: 4,
  red: 6,
  label: (agent) => `${agent} fails repeatedly`,
  detail: (times) => `${times} failed actions in 24 hours`,
}
export const ASSUMPTION_DRIFT: CountRule = {
  type: 'assumption_drift',
  amber: 2,
  red: 4,
  label: (agent) => `Assumptions of ${agent} turn out wrong`,
  detail: (times) => `${count(times, 'assumption')} invalidated in 7 days`,
}

export function unwatchedActions({ actions }: SignalFacts): GovernanceSignal[] {
  return drafted(
    'high_impact_low_oversight',
    actions.map((action) => {
      const authorized = (action.authorization_scope ?? '').trim() !== ''
      const applies = action.status === 'running' && !action.reversible && !authorized
      if (!applies || action.risk_score < 70) return undefined
      return {
        red: action.risk_score >= 90,
        weight: action.risk_score,
        says: {
          label: `Irreversible action at risk ${action.risk_score} without authorization`,
          ...subject(action),
        },
      }
    }),
    MOST_ROWS,
  )
}

interface AgeRule {
  type: SignalType
  ages: Ages
  applies(action: LedgerRow): boolean
  label(agent: string): string
}

/** Signals of actions that have stood in one place for too long. */
export function lingering(
  actions: readonly LedgerRow[],
  rule: AgeRule,
  now: number,
): GovernanceSignal[] {
  return drafted(
    rule.type,
    actions.filter(rule.applies).map((action) => {
      const old = sinceTime(action.timestamp_start, now)
      if (old <= rule.ages.amber) return undefined
      const { detail, ...ids } = subject(action)
      return {
        red: isOver(old, rule),
        weight: old,
        says: {
          label: rule.label(plain(action.agent_id)),
          detail: `${detail} · since ${age(old)}`,
          ...ids,
        },
      }
    }),
    MOST_ROWS,
  )
}

/** The backlog is red at its limit, the others past theirs. */
function isOver(old: number, { type, ages }: AgeRule): boolean {
  return type === 'approval_backlog' ? old >= ages.red : old > ages.red
}

export const STALE_RUNNING: AgeRule = {
  type: 'stale_running_action',
  ages: { amber: 4 * HOUR, red: 24 * HOUR },
  applies: (action) => action.status === 'running',
  label: (agent) => `An action of ${agent} runs unusually long`,
}
export const WORKFLOW_STUCK: AgeRule = {
  type: 'workflow_stuck',
  ages: { amber: 30 * MINUTE, red: 60 * MINUTE },
  applies: (action) => action.status === 'running' && action.action_type === 'workflow_execute',
  label: (agent) => `A workflow of ${agent} is stuck`,
}
export const APPROVAL_BACKLOG: AgeRule = {
  type: 'approval_backlog',
  ages: { amber: HOUR, red: 4 * HOUR },
  applies: (action) => action.status === 'pending_approval',
  label: (agent) => `${agent} waits for approval`,
}

function subject(
  action: LedgerRow,
): Pick<GovernanceSignal, 'detail' | 'agent_id'> & { action_id: string } {
  return {
    detail: `${plain(action.action_type, 128)}: ${plain(action.declared_goal, 200)}`,
    agent_id: action.agent_id,
    action_id: action.action_id,
  }
}

export function staleLoops({ loops }: SignalFacts, now: number): GovernanceSignal[] {
  return drafted(
    'stale_loop',
    loops.map((loop) => {
      const old = sinceTime(loop.created_at, now)
      if (loop.status !== 'open' || old <= 48 * HOUR) return undefined
      return {
        red: old > 96 * HOUR,
        weight: old,
        says: {
          label: `A loop has been open for ${age(old)}`,
          detail: `${loop.priority} ${plain(loop.loop_type, 40)}: ${plain(loop.description, 200)}`,
          agent_id: loop.agent_id,
          action_id: loop.action_id,
          loop_id: loop.loop_id,
        },
      }
    }),
    MOST_ROWS,
  )
}

export function staleAssumptions({ assumptions }: SignalFacts, now: number): GovernanceSignal[] {
  return drafted(
    'stale_assumption',
    assumptions.map((each) => {
      const old = sinceTime(each.created_at, now)
      if (each.validated || each.invalidated || old <= STALE_DAYS * DAY) return undefined
      return {
        red: old > 30 * DAY,
        weight: old,
        says: {
          label: `An assumption was not checked for ${age(old)}`,
          detail: plain(each.assumption, 200),
          agent_id: each.agent_id,
          action_id: each.action_id,
          assumption_id: each.assumption_id,
        },
      }
    }),
    MOST_ROWS,
  )
}

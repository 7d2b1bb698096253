import { setImmediate } from 'node:timers/promises'
import type { Clock } from '../../../base/clock.ts'
import { apiAgentName } from '../agents/rules.ts'
import type { ApiAuthor } from '../guard/service.ts'
import { rowId } from '../ids.ts'
import type { LearningEpisode } from '../learning/types.ts'
import type { LedgerReader } from '../ledger/read.ts'
import type { RecordChanges, RecordStore } from '../records/service.ts'
import { DAY } from '../times.ts'
import {
  detectDrift,
  DRIFT_LIMITS,
  DRIFT_METRICS,
  driftBaseline,
  driftSnapshot,
  driftValues,
  type DriftBaseline,
  type DriftFinding,
  type DriftMetric,
} from './rules.ts'

interface DriftParts {
  records: RecordStore
  actions: LedgerReader
  clock: Clock
}

/** What is normal for a metric of an agent. */
export interface DriftBaselineRow extends DriftBaseline {
  agent_id: string
  metric: DriftMetric
  org_id: string
  lookback_days: number
  computed_at: string
}

/** That a metric of an agent moved, until somebody acknowledged it. */
export interface DriftAlertRow extends DriftFinding {
  id: string
  org_id: string
  status: 'open' | 'acknowledged'
  acknowledged: boolean
  acknowledged_by: string | null
  acknowledged_at: string | null
  created_at: string
  updated_at: string
}

/** Of which agent, and of how many days. */
export interface DriftScope {
  agent: string | undefined
  days: number
}

type Measures = readonly { metric: DriftMetric; values: readonly number[] }[]

/** Actions of an agent that are looked at: the newest of the days. */
const MOST_ACTIONS = 1000

/** Watches whether what agents do differs from what they did before. */
export class DriftWatch {
  readonly #parts: DriftParts

  constructor(parts: DriftParts) {
    this.#parts = parts
  }

  /** Computes what is normal, in the place of what was normal before. */
  async baselines(author: ApiAuthor, scope: DriftScope) {
    const results = await this.#each(author, scope, (agent, measures, changes) =>
      measures.flatMap(({ metric, values }): DriftBaselineRow[] => {
        const baseline = driftBaseline(values)
        if (baseline === undefined) return []
        const about = { agent_id: agent, metric, org_id: author.org, lookback_days: scope.days }
        const row = { ...about, ...baseline, computed_at: changes.now }
        changes.make('drift_baseline', baselineKey(agent, metric), row)
        return [row]
      }),
    )
    return { baselines_computed: results.length, results }
  }

  /** Compares the last days with what is normal. What is open already is brought up to date. */
  async detect(author: ApiAuthor, scope: DriftScope) {
    const alerts = await this.#each(author, scope, (agent, measures, changes) => {
      const open = changes.find<DriftAlertRow>('drift_alert', { agent, status: 'open', limit: 100 })
      return measures.flatMap(({ metric, values }): DriftAlertRow[] => {
        const key = baselineKey(agent, metric)
        const baseline = changes.get<DriftBaselineRow>('drift_baseline', key)
        if (baseline === undefined) return []
        const finding = detectDrift({ agentId: agent, metric }, baseline, values)
        if (finding === undefined) return []
        const before = open.find((alert) => alert.metric === metric)
        const alert: DriftAlertRow = {
          ...(before ?? newAlert(author.org, changes.now)),
          ...finding,
          updated_at: changes.now,
        }
        changes.make('drift_alert', alert.id, alert)
        return [alert]
      })
    })
    return { alerts_generated: alerts.length, alerts }
  }

  /** Keeps the means of the last day, to be compared over time. */
  async snapshots(author: ApiAuthor, agent: string | undefined) {
    const results = await this.#each(author, { agent, days: 1 }, (name, measures, changes) =>
      measures.flatMap(({ metric, values }) => {
        const snapshot = driftSnapshot(values)
        if (snapshot === undefined) return []
        const id = rowId('ds')
        const about = { id, agent_id: name, metric, org_id: author.org }
        const row = { ...about, ...snapshot, created_at: changes.now }
        changes.make('drift_snapshot', id, row)
        return [row]
      }),
    )
    return { snapshots_recorded: results.length, results }
  }

  /** Writes what each agent's numbers give, agent by agent, so that others get their turn. */
  async #each<T>(
    author: ApiAuthor,
    { agent, days }: DriftScope,
    take: (agent: string, measures: Measures, changes: RecordChanges) => T[],
  ): Promise<T[]> {
    const { records, actions, clock } = this.#parts
    const { org, slug, actor } = author
    const agents =
      agent === undefined ? actions.latestAgents(org, DRIFT_LIMITS.agentsPerRun) : [agent]
    const all: T[] = []
    for (const each of agents) {
      const measures = this.#measures(org, each, clock.now() - days * DAY)
      const subject = apiAgentName(slug, each)
      all.push(
        ...(await records.write({ org, actor, subject }, (changes) =>
          take(each, measures, changes),
        )),
      )
      await setImmediate()
    }
    return all
  }

  #measures(org: string, agent: string, from: number): Measures {
    const { actions, records } = this.#parts
    const query = { agent, from, limit: MOST_ACTIONS }
    const scores = new Map(
      records
        .find<LearningEpisode>(org, 'learning_episode', query)
        .map(({ action_id: id, score }) => [id, score]),
    )
    const measured = actions
      .list(org, query)
      .map((action) => ({ ...action, learning_score: scores.get(action.action_id) ?? null }))
    return DRIFT_METRICS.map(({ id }) => ({
      metric: id,
      values: driftValues(measured, id).get(agent) ?? [],
    }))
  }
}

function baselineKey(agent: string, metric: DriftMetric): string {
  return JSON.stringify([agent, metric])
}

function newAlert(org: string, now: string) {
  return {
    id: rowId('da'),
    org_id: org,
    status: 'open' as const,
    acknowledged: false,
    acknowledged_by: null,
    acknowledged_at: null,
    created_at: now,
  }
}

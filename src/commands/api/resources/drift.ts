import * as z from 'zod'
import { DRIFT_LIMITS, DRIFT_METRICS } from '../../../domain/governance/drift/rules.ts'
import { driftCounts } from '../../../domain/governance/drift/sums.ts'
import { required } from '../../../domain/governance/refusals.ts'
import { authorOf, endpoint, type Endpoint } from '../endpoint.ts'
import { AgentId, clamped, fields, paged, text, YesNo } from '../inputs.ts'
import { recordAuthorOf } from '../kinds/write.ts'
import { deleteRow, requireNoAgent, type RowKind } from '../rows.ts'

const ALERTS = {
  path: '/drift/alerts',
  kind: 'drift_alert',
  what: 'Drift alert',
  ofAgents: true,
} as const satisfies RowKind

const Days = z.unknown().optional()

const Computed = () =>
  fields({
    action: z.enum(['compute_baselines', 'detect', 'record_snapshots']).default('detect'),
    agent_id: AgentId.optional(),
    lookback_days: Days,
    baseline_days: Days,
    window_days: clamped(1, 90, DRIFT_LIMITS.windowDays),
  }).transform(({ lookback_days: lookback, baseline_days: baseline, ...asked }) => ({
    ...asked,
    days: clamped(1, 365, DRIFT_LIMITS.baselineDays).parse(lookback ?? baseline),
  }))

/** Statistical drift: whether what agents do differs from what they did before. */
export const driftEndpoints: readonly Endpoint[] = [
  endpoint('POST /drift/alerts', {
    about: 'Computes what is normal, compares the last days with it, or keeps the values of today.',
    status: 201,
    input: Computed,
    run: ({ drift }, { action, agent_id: agent, days, window_days: window }, caller) => {
      const author = authorOf(caller)
      if (action === 'compute_baselines') return drift.baselines(author, { agent, days })
      if (action === 'record_snapshots') return drift.snapshots(author, agent)
      return drift.detect(author, { agent, days: window })
    },
  }),
  endpoint('GET /drift/alerts', {
    about: 'Alerts of drift, the newest first.',
    input: () =>
      fields({
        agent_id: AgentId.optional(),
        severity: text(16).optional(),
        acknowledged: YesNo.optional(),
        metric: text(64).optional(),
        ...paged(200, 50),
      }),
    run: ({ records }, asked, { tenant: { org } }) => {
      const { agent_id: agent, limit, offset, ...where } = asked
      const { rows, total } = records.page(org, ALERTS.kind, { agent, where, limit, offset })
      return { alerts: rows, total }
    },
  }),
  endpoint('PATCH /drift/alerts/:id', {
    about: 'Marks an alert as seen.',
    input: () => fields({ id: text(128), acknowledged_by: text(200).optional() }),
    run: ({ records }, { id, acknowledged_by: by }, caller) => {
      requireNoAgent(caller)
      return records.write(recordAuthorOf(caller, undefined), (changes) => {
        required(changes.get(ALERTS.kind, id), `${ALERTS.what} ${id}`)
        changes.change(ALERTS.kind, id, {
          status: 'acknowledged',
          acknowledged: true,
          acknowledged_by: by ?? caller.actor,
          acknowledged_at: changes.now,
        })
        return changes.get(ALERTS.kind, id) ?? {}
      })
    },
  }),
  deleteRow(ALERTS),
  endpoint('GET /drift/stats', {
    about: 'How many alerts there are, of which severity, by agent and metric.',
    input: () => fields({ agent_id: AgentId.optional() }),
    run: ({ records }, { agent_id: agent }, { tenant: { org } }) => {
      const by = (of: string, field: string) =>
        records
          .sumsOf(org, ALERTS.kind, [of])
          .map((group) => ({ [field]: group.of.at(-1), ...driftCounts(group.sums) }))
      const all = agent === undefined ? ['all'] : ['agent', agent]
      return {
        overall: driftCounts(records.sums(org, ALERTS.kind, all)),
        ...(agent === undefined
          ? { by_agent: by('agent', 'agent_id'), by_metric: by('metric', 'metric') }
          : {}),
        baselines: records.count(org, 'drift_baseline', { agent }),
      }
    },
  }),
  endpoint('GET /drift/snapshots', {
    about: 'Means of days, the newest first.',
    input: () =>
      fields({
        agent_id: AgentId.optional(),
        metric: text(64).optional(),
        ...paged(200, 50),
      }),
    run: ({ records }, { agent_id: agent, metric, ...page }, { tenant: { org } }) => ({
      snapshots: records.find(org, 'drift_snapshot', { agent, where: { metric }, ...page }),
    }),
  }),
  endpoint('GET /drift/metrics', {
    about: 'The metrics that are watched.',
    input: () => fields({}),
    run: () => ({ metrics: DRIFT_METRICS }),
  }),
]

import { route, type NoFields, type JsonRecord } from '../core/route.ts'
import type { DeletedAnswer } from './rows.ts'

/** Statistical drift of what agents do. */
export const driftRoutes = {
  /** Computes what is normal, by agent and metric. */
  computeDriftBaselines: route<
    { agent_id?: string; lookback_days?: number },
    { baselines_computed: number; results: JsonRecord[] }
  >()('POST drift/alerts', '', { fixed: { action: 'compute_baselines' } }),
  /** Compares the last days with what is normal. */
  detectDrift: route<
    { agent_id?: string; window_days?: number },
    { alerts_generated: number; alerts: JsonRecord[] }
  >()('POST drift/alerts', '', { fixed: { action: 'detect' } }),
  /** Keeps the values of today, for trends. */
  recordDriftSnapshots: route<NoFields, { snapshots_recorded: number; results: JsonRecord[] }>()(
    'POST drift/alerts',
    '',
    { fixed: { action: 'record_snapshots' } },
  ),
  /** Alerts, newest first. */
  listDriftAlerts: route<
    {
      agent_id?: string
      severity?: string
      acknowledged?: boolean
      metric?: string
      limit?: number
      offset?: number
    },
    { alerts: JsonRecord[]; total: number }
  >()('GET drift/alerts'),
  /** Marks an alert as seen. Errors: 404. */
  acknowledgeDriftAlert: route<NoFields, JsonRecord>()('PATCH drift/alerts/:alert_id', '', {
    bodyless: true,
  }),
  /** Deletes an alert. Errors: 404. */
  deleteDriftAlert: route<NoFields, DeletedAnswer>()('DELETE drift/alerts/:alert_id'),
  /** Counts of alerts and baselines. */
  getDriftStats: route<{ agent_id?: string }, JsonRecord>()('GET drift/stats'),
  /** Values by day. */
  getDriftSnapshots: route<
    { agent_id?: string; metric?: string; limit?: number },
    { snapshots: JsonRecord[] }
  >()('GET drift/snapshots'),
  /** The metrics that are watched. */
  getDriftMetrics: route<NoFields, { metrics: { id: string; label: string }[] }>()(
    'GET drift/metrics',
  ),
}

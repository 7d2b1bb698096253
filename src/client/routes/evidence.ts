import { route, type NoFields } from '../core/route.ts'
import type { LedgerAssumption, OpenLoop, WriteSecurity } from './rows.ts'

interface AssumptionFields {
  action_id: string
  assumption: string
  basis?: string
  validated?: boolean
  invalidated?: boolean
  invalidated_reason?: string
  assumption_id?: string
}

interface AssumptionAnswer {
  assumption: LedgerAssumption
  assumption_id: string
  security?: WriteSecurity
}

/** Open loops and assumptions: what an action depends on. */
export const evidenceRoutes = {
  /** Notes something unresolved that an action depends on. Errors: 404 for the action; 400. */
  registerOpenLoop: route<
    {
      action_id: string
      loop_type: string
      description: string
      metadata?: object
      priority?: string
      owner?: string
      status?: string
      loop_id?: string
    },
    { loop: OpenLoop; loop_id: string; security?: WriteSecurity }
  >()('POST actions/loops', 'action_id loop_type description metadata:object?'),
  /** Ends a loop; `resolution` is required for `resolved`. Errors: 409 not open; 404; 400. */
  resolveOpenLoop: route<
    { status: 'resolved' | 'cancelled'; resolution?: string },
    { loop: OpenLoop; security?: WriteSecurity }
  >()('PATCH actions/loops/:loop_id', 'status:resolved/cancelled resolution?'),
  /** Loops by priority, then the newest first. */
  getOpenLoops: route<
    {
      status?: string
      loop_type?: string
      priority?: string
      agent_id?: string
      limit?: number
      offset?: number
    },
    {
      loops: OpenLoop[]
      total: number
      stats: {
        open_count: number
        resolved_count: number
        critical_open: number
        high_open: number
      }
      lastUpdated: string
    }
  >()('GET actions/loops'),
  /**
   * Writes down what an action takes for granted. Errors: 404 for the action; 409 for an id that is
   * taken; 400.
   */
  recordAssumption: route<AssumptionFields, AssumptionAnswer>()(
    'POST assumptions',
    'action_id assumption',
  ),
  /** As `recordAssumption`, under the address that older servers know. */
  registerAssumption: route<AssumptionFields, AssumptionAnswer>()(
    'POST actions/assumptions',
    'action_id assumption',
  ),
  /** One assumption. Errors: 404. */
  getAssumption: route<NoFields, { assumption: LedgerAssumption }>()(
    'GET actions/assumptions/:assumption_id',
  ),
  /**
   * Says that an assumption holds or not; `invalidated_reason` is required for `false`. Errors: 409
   * invalidated; 404.
   */
  validateAssumption: route<
    { validated: boolean; invalidated_reason?: string },
    { assumption: LedgerAssumption; security?: WriteSecurity }
  >()('PATCH actions/assumptions/:assumption_id', 'validated:flag invalidated_reason?'),
  /** Assumptions with how far each has drifted, and a summary. */
  getDriftReport: route<
    {
      agent_id?: string
      action_id?: string
      validated?: boolean
      stale?: boolean
      limit?: number
      offset?: number
    },
    {
      assumptions: LedgerAssumption[]
      total: number
      drift_summary: {
        total: number
        at_risk: number
        validated: number
        invalidated: number
        unvalidated: number
      }
      lastUpdated: string
    }
  >()('GET actions/assumptions', '', { fixed: { drift: true } }),
}

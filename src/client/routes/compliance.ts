import { route, type NoFields, type JsonRecord } from '../core/route.ts'
import { AS_AGENT } from './fill.ts'
import type { DeletedAnswer } from './rows.ts'

interface PolicyRow {
  id: string
  name: string
  policy_type: string
  /** JSON text. */
  rules: string
  active: 0 | 1
  /** JSON text, or null for every agent. */
  agent_ids?: string | null
}

interface ReportAnswer {
  report: string
  format: string
  generated_at: string
}

interface ExportFields {
  name?: string
  format?: string
  window_days?: number
  include_evidence?: boolean
  include_remediation?: boolean
  include_trends?: boolean
}

/** Policies of the API, and how they map to frameworks. */
export const complianceRoutes = {
  /** Policies of the org. */
  getPolicies: route<NoFields, { policies: PolicyRow[] }>()('GET policies'),
  /**
   * Adds a policy; `rules` is JSON text. Needs an admin key. Errors: 403; 409 for a name that is
   * taken; 400.
   */
  createPolicy: route<
    { name: string; policy_type: string; rules: string; active?: number; agent_ids?: string },
    { policy: PolicyRow; policy_id: string }
  >()('POST policies', 'name policy_type rules'),
  /** Changes a policy; needs an admin key. Errors: 403; 404; 400. */
  updatePolicy: route<
    { id: string | number; name?: string; rules?: string; active?: number },
    { policy: PolicyRow }
  >()('PATCH policies', 'id:id'),
  /** Deletes a policy; needs an admin key. Errors: 403; 404. */
  deletePolicy: route<{ id: string | number }, { deleted: boolean; id: string }>()(
    'DELETE policies',
    'id:id',
  ),
  /** Runs the tests of all active policies. */
  testPolicies: route<{ agent_id?: string }, { results: JsonRecord; generated_at: string }>()(
    'POST policies/test',
    '',
    AS_AGENT,
  ),
  /** The report of these tests, as `json` or `md`. */
  getProofReport: route<
    { format?: string },
    { report: unknown; format: string; generated_at: string }
  >()('GET policies/proof', 'format?'),
  /** Imports a pack by name, or YAML; needs an admin key. Errors: 403; 400. */
  importPolicies: route<
    { pack?: string; yaml?: string },
    {
      imported: number
      skipped: number
      errors: unknown[]
      policies: { id: string; name: string; policy_type: string; active: 0 | 1 }[]
    }
  >()('POST policies/import'),
  /** The frameworks that are known. */
  listFrameworks: route<
    NoFields,
    {
      frameworks: {
        id: string
        name: string
        version: string
        description: string
        control_count: number
      }[]
    }
  >()('GET compliance/frameworks'),
  /** Which controls of a framework the policies cover. Errors: 400 for an unknown one. */
  mapCompliance: route<
    { framework: string },
    {
      framework: string
      framework_version: string
      summary: {
        total_controls: number
        covered: number
        partial: number
        gaps: number
        coverage_percentage: number
      }
      controls: {
        control_id: string
        title: string
        category: string
        description: string
        agent_relevance: string
        status: 'covered' | 'partial' | 'gap' | (string & {})
        matched_policies: JsonRecord[]
        gap_recommendations: string[]
      }[]
      generated_at: string
    }
  >()('GET compliance/map', 'framework'),
  /** What is missing, and what to do first. Errors: 400. */
  analyzeGaps: route<
    { framework: string },
    {
      framework: string
      analysis_date: string
      summary: JsonRecord
      remediation_plan: JsonRecord[]
      quick_wins: JsonRecord[]
      risk_assessment: { overall_risk: string; narrative: string; immediate_actions: unknown[] }
    }
  >()('GET compliance/gaps', 'framework'),
  /** A whole report as text; a snapshot of it is kept. Errors: 400. */
  getComplianceReport: route<{ framework: string; format?: string }, ReportAnswer>()(
    'GET compliance/report',
    'framework format?',
  ),
  /** Counts of guard decisions and actions as evidence; `window` is `7d`, `30d` or `90d`. */
  getComplianceEvidence: route<
    { window?: string },
    {
      window: string
      window_days: number
      evidence: JsonRecord
      generated_at: string
    }
  >()('GET compliance/evidence', 'window?'),
  /** Writes an export for one or more frameworks. Errors: 400. */
  createComplianceExport: route<{ frameworks: readonly string[] } & ExportFields, JsonRecord>()(
    'POST compliance/exports',
    'frameworks:texts',
  ),
  /** Exports, newest first. */
  listComplianceExports: route<{ limit?: number; offset?: number }, { exports: JsonRecord[] }>()(
    'GET compliance/exports',
  ),
  /** An export with its content. Errors: 404. */
  getComplianceExport: route<NoFields, JsonRecord>()('GET compliance/exports/:export_id'),
  /** The document of an export, as text. Errors: 404. */
  downloadComplianceExport: route<NoFields, string>()(
    'GET compliance/exports/:export_id/download',
    '',
    { gives: 'text' },
  ),
  /** Deletes an export. Errors: 404. */
  deleteComplianceExport: route<NoFields, DeletedAnswer>()('DELETE compliance/exports/:export_id'),
  /** Exports at times given as a cron expression. Errors: 400. */
  createComplianceSchedule: route<
    { frameworks: readonly string[]; cron_expression: string; enabled?: boolean } & ExportFields,
    JsonRecord
  >()('POST compliance/schedules', 'frameworks:texts cron_expression'),
  /** Schedules of exports. */
  listComplianceSchedules: route<NoFields, { schedules: JsonRecord[] }>()(
    'GET compliance/schedules',
  ),
  /** Changes a schedule. Errors: 404; 400. */
  updateComplianceSchedule: route<
    { frameworks?: readonly string[]; cron_expression?: string; enabled?: boolean } & ExportFields,
    JsonRecord
  >()('PATCH compliance/schedules/:schedule_id'),
  /** Deletes a schedule. Errors: 404. */
  deleteComplianceSchedule: route<NoFields, DeletedAnswer>()(
    'DELETE compliance/schedules/:schedule_id',
  ),
  /** How coverage changed, from the snapshots of reports. */
  getComplianceTrends: route<{ framework?: string; limit?: number }, { trends: JsonRecord[] }>()(
    'GET compliance/trends',
  ),
}

import * as z from 'zod'
import type { CoverageTrend } from '../../../domain/governance/compliance/trends.ts'
import { EXPORT_FORMATS, type ExportTerms } from '../../../domain/governance/compliance/exports.ts'
import { frameworkRow, type ComplianceMap } from '../../../domain/governance/compliance/rules.ts'
import type { ToldSchedule } from '../../../domain/governance/compliance/schedules.ts'
import { authorOf, endpoint, Reply, type ApiCaller, type Endpoint } from '../endpoint.ts'
import { clamped, fields, paged, someText, text, YesNo } from '../inputs.ts'

const Framework = () => fields({ framework: someText(64) })
const One = { id: someText(128) }

const Frameworks = z
  .array(someText(64))
  .min(1)
  .max(20)
  .transform((ids) => [...new Set(ids)])

const TERMS = {
  frameworks: Frameworks,
  name: someText(256),
  format: z.enum(EXPORT_FORMATS),
  window_days: clamped(1, 365, 30),
  include_evidence: YesNo,
  include_remediation: YesNo,
  include_trends: YesNo,
}

/** What an export holds unless it is said otherwise. */
const USUAL = {
  ...TERMS,
  name: someText(256).default('Compliance export'),
  format: z.enum(EXPORT_FORMATS).default('markdown'),
  include_evidence: YesNo.default(true),
  include_remediation: YesNo.default(true),
  include_trends: YesNo.default(true),
}

/** Who writes, without what only agents need. */
function writerOf(caller: ApiCaller) {
  const { org, actor } = authorOf(caller)
  return { org, actor }
}

/** A map with the names that guides to the clients use, beside those of the wire. */
function shownMap(map: ComplianceMap): object {
  return {
    ...map,
    coverage_pct: map.summary.coverage_percentage,
    controls: map.controls.map((control) => ({
      ...control,
      id: control.control_id,
      name: control.title,
      covered: control.status === 'covered',
    })),
  }
}

/** How a document is sent. */
function documentReply({
  id,
  format,
  content,
}: Pick<ExportTerms, 'format'> & {
  id: string
  content: string
}): Reply {
  const isJson = format === 'json'
  return new Reply(200, content, {
    'content-type': isJson ? 'application/json' : 'text/markdown; charset=utf-8',
    'content-disposition': `attachment; filename="${id}.${isJson ? 'json' : 'md'}"`,
  })
}

/** What is covered, what is missing, and what proves it. */
const coverageEndpoints: readonly Endpoint[] = [
  endpoint('GET /compliance/frameworks', {
    about: 'The frameworks that are known.',
    input: () => fields({}),
    run: async ({ compliance }) => ({
      frameworks: (await compliance.frameworks()).map(frameworkRow),
    }),
  }),
  endpoint('GET /compliance/map', {
    about: 'Which controls of a framework the policies cover.',
    input: Framework,
    run: async ({ compliance }, { framework }, { tenant: { org } }) =>
      shownMap(await compliance.map(org, framework)),
  }),
  endpoint('GET /compliance/gaps', {
    about: 'What is missing of a framework, the most pressing first.',
    input: Framework,
    run: ({ compliance }, { framework }, { tenant: { org } }) => compliance.gaps(org, framework),
  }),
  endpoint('GET /compliance/report', {
    about: 'A report on a framework as text. A snapshot of the coverage is kept.',
    input: () => fields({ framework: someText(64), format: z.enum(['json', 'md']).default('md') }),
    run: async ({ compliance, clock }, { framework, format }, caller) => ({
      report: await compliance.reportText(writerOf(caller), framework, format),
      format,
      generated_at: new Date(clock.now()).toISOString(),
    }),
  }),
  endpoint('GET /compliance/evidence', {
    about: 'Decisions of the guard and actions of the last days: `7d`, `30d`, `90d`.',
    input: () => fields({ window: text(32).optional() }),
    run: ({ compliance }, { window }, { tenant: { org } }) =>
      compliance.evidence(org, window ?? null),
  }),
  endpoint('GET /compliance/trends', {
    about: 'How coverage changed from report to report, the oldest first.',
    input: () => fields({ framework: someText(64).optional(), limit: clamped(1, 200, 50) }),
    run: async ({ compliance }, { framework, limit }, { tenant: { org } }) => {
      const wanted = framework === undefined ? await compliance.frameworks() : []
      const ids = framework === undefined ? wanted.map(({ id }) => id) : [framework]
      const trends: CoverageTrend[] = ids.flatMap((id) => compliance.trendOf(org, id, limit))
      return { trends }
    },
  }),
]

const exportEndpoints: readonly Endpoint[] = [
  endpoint('POST /compliance/exports', {
    about: 'Writes reports on frameworks as one document, which is kept.',
    status: 201,
    input: () => fields(USUAL),
    run: ({ complianceExports }, terms, caller) => complianceExports.make(writerOf(caller), terms),
  }),
  endpoint('GET /compliance/exports', {
    about: 'Exports without their documents, the newest first.',
    input: () => fields(paged(200, 50)),
    run: ({ complianceExports }, page, { tenant: { org } }) => ({
      exports: complianceExports.list(org, page),
    }),
  }),
  endpoint('GET /compliance/exports/:id', {
    about: 'An export with its document.',
    input: () => fields(One),
    run: ({ complianceExports }, { id }, { tenant: { org } }) => complianceExports.get(org, id),
  }),
  endpoint('GET /compliance/exports/:id/download', {
    about: 'The document of an export.',
    input: () => fields(One),
    run: ({ complianceExports }, { id }, { tenant: { org } }) =>
      documentReply(complianceExports.get(org, id)),
  }),
  endpoint('DELETE /compliance/exports/:id', {
    about: 'Deletes an export.',
    input: () => fields(One),
    run: async ({ complianceExports }, { id }, caller) => {
      await complianceExports.remove(writerOf(caller), id)
      return { deleted: true }
    },
  }),
]

const scheduleEndpoints: readonly Endpoint[] = [
  endpoint('POST /compliance/schedules', {
    about: 'Makes exports at times: a cron expression of five parts, in UTC.',
    status: 201,
    input: () =>
      fields({
        ...USUAL,
        name: someText(256).default('Scheduled export'),
        cron_expression: someText(200),
        enabled: YesNo.default(true),
      }),
    run: ({ complianceSchedules }, told, caller) => complianceSchedules.add(writerOf(caller), told),
  }),
  endpoint('GET /compliance/schedules', {
    about: 'Schedules of exports.',
    input: () => fields({}),
    run: ({ complianceSchedules }, _asked, { tenant: { org } }) => ({
      schedules: complianceSchedules.list(org),
    }),
  }),
  endpoint('PATCH /compliance/schedules/:id', {
    about: 'Changes a schedule.',
    input: () =>
      fields({
        ...One,
        frameworks: Frameworks.optional(),
        name: someText(256).optional(),
        format: z.enum(EXPORT_FORMATS).optional(),
        window_days: z.int().min(1).max(365).optional(),
        include_evidence: YesNo.optional(),
        include_remediation: YesNo.optional(),
        include_trends: YesNo.optional(),
        cron_expression: someText(200).optional(),
        enabled: YesNo.optional(),
      }),
    run: ({ complianceSchedules }, { id, ...told }, caller) => {
      const change = Object.fromEntries(
        Object.entries(told).filter(([, value]) => value !== undefined),
      ) as Partial<ToldSchedule>
      return complianceSchedules.change(writerOf(caller), id, change)
    },
  }),
  endpoint('DELETE /compliance/schedules/:id', {
    about: 'Deletes a schedule. Its exports stay.',
    input: () => fields(One),
    run: async ({ complianceSchedules }, { id }, caller) => {
      await complianceSchedules.remove(writerOf(caller), id)
      return { deleted: true }
    },
  }),
]

/** Compliance with frameworks: coverage, evidence, exports and their schedules. */
export const complianceEndpoints: readonly Endpoint[] = [
  ...coverageEndpoints,
  ...exportEndpoints,
  ...scheduleEndpoints,
]

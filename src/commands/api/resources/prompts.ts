import * as z from 'zod'
import { Fault } from '../../../base/fault.ts'
import { rowId } from '../../../domain/governance/ids.ts'
import {
  activatedVersion,
  nextPromptVersion,
  promptParameters,
  renderPrompt,
} from '../../../domain/governance/prompts/rules.ts'
import { promptStats } from '../../../domain/governance/prompts/stats.ts'
import type { RecordChanges } from '../../../domain/governance/records/service.ts'
import { required } from '../../../domain/governance/refusals.ts'
import { endpoint, type Endpoint } from '../endpoint.ts'
import { AgentId, fields, json, paged, someText, text, YesNo } from '../inputs.ts'
import { recordAuthorOf } from '../kinds/write.ts'
import { changeRow, readRow, rowOf, type RowKind } from '../rows.ts'
import type { ApiServices } from '../services.ts'

const TEMPLATES = {
  path: '/prompts/templates',
  kind: 'prompt_template',
  what: 'Prompt template',
} as const satisfies RowKind

const VERSIONS = { kind: 'prompt_version', what: 'Prompt version' }
const MOST_VERSIONS = 1000
const MOST_GROUPS = 10_000

interface VersionRow {
  id: string
  org_id: string
  template_id: string
  version: number
  content: string
  model_hint: string | null
  parameters: readonly unknown[]
  changelog: string | null
  is_active: boolean
  created_at: string
}

const TEMPLATE = () => ({
  name: someText(200).optional(),
  description: text(2000).optional(),
  category: text(100).optional(),
})

const ONE_VERSION = { id: text(128), vid: text(128) }

function versionsOf(changes: Pick<RecordChanges, 'find'>, template: string): VersionRow[] {
  const where = { template_id: template }
  return changes.find<VersionRow>(VERSIONS.kind, { where, limit: MOST_VERSIONS })
}

function requireTemplate(changes: Pick<RecordChanges, 'get'>, id: string): void {
  required(changes.get(TEMPLATES.kind, id), `${TEMPLATES.what} ${id}`)
}

function requireVersion(
  api: ApiServices,
  { id, vid, org }: { id: string; vid: string; org: string },
): VersionRow {
  const version = rowOf<VersionRow>(api, VERSIONS, { id: vid, org })
  return required(version.template_id === id ? version : undefined, `${VERSIONS.what} ${vid}`)
}

/** The version that is named, else the active one of a template. Faults as clients know them. */
function versionToRender(
  api: ApiServices,
  org: string,
  {
    template_id: template,
    version_id: version,
  }: { template_id?: string | undefined; version_id?: string | undefined },
): VersionRow {
  if (version !== undefined) return rowOf<VersionRow>(api, VERSIONS, { id: version, org })
  if (template === undefined)
    throw new Fault('input.invalid', 'template_id or version_id is needed')
  const where = { template_id: template, is_active: true }
  const [active] = api.records.find<VersionRow>(org, VERSIONS.kind, { where, limit: 1 })
  return required(active, `An active version of the prompt template ${template}`)
}

const templateEndpoints: readonly Endpoint[] = [
  endpoint('GET /prompts/templates', {
    about: 'Prompt templates, of one category if it is given.',
    input: () => fields({ category: text(100).optional(), ...paged(200, 50) }),
    run: ({ records }, { category, ...page }, { tenant: { org } }) => ({
      templates: records.find(org, TEMPLATES.kind, { where: { category }, ...page }),
    }),
  }),
  endpoint('POST /prompts/templates', {
    about: 'Makes a prompt template, without a version.',
    status: 201,
    input: () => fields({ ...TEMPLATE(), name: someText(200) }),
    run: ({ records }, given, caller) =>
      records.write(recordAuthorOf(caller, undefined), (changes) => {
        const row = {
          id: rowId('pt'),
          org_id: caller.tenant.org,
          name: given.name,
          description: given.description ?? null,
          category: given.category ?? null,
          created_at: changes.now,
          updated_at: changes.now,
        }
        changes.make(TEMPLATES.kind, row.id, row)
        return row
      }),
  }),
  readRow(TEMPLATES),
  changeRow(TEMPLATES, { shape: TEMPLATE }),
  endpoint('DELETE /prompts/templates/:id', {
    about: 'Deletes a prompt template with its versions.',
    input: () => fields({ id: text(128) }),
    run: async ({ records }, { id }, caller) => {
      await records.write(recordAuthorOf(caller, undefined), (changes) => {
        requireTemplate(changes, id)
        for (const version of versionsOf(changes, id)) changes.remove(VERSIONS.kind, version.id)
        changes.remove(TEMPLATES.kind, id)
      })
      return { deleted: true }
    },
  }),
]

const versionEndpoints: readonly Endpoint[] = [
  endpoint('GET /prompts/templates/:id/versions', {
    about: 'Versions of a prompt template, the newest first.',
    input: () => fields({ id: text(128), ...paged(200, 50) }),
    run: (api, { id, ...page }, { tenant: { org } }) => {
      rowOf(api, TEMPLATES, { id, org })
      const where = { template_id: id }
      return { versions: api.records.find(org, VERSIONS.kind, { where, ...page }) }
    },
  }),
  endpoint('POST /prompts/templates/:id/versions', {
    about: 'Adds a version, which is not active yet.',
    status: 201,
    input: () =>
      fields({
        id: text(128),
        content: someText(100_000),
        model_hint: text(200).optional(),
        parameters: z.array(json(1024)).max(100).optional(),
        changelog: text(2000).optional(),
      }),
    run: ({ records }, { id, content, ...given }, caller) =>
      records.write(recordAuthorOf(caller, undefined), (changes): VersionRow => {
        requireTemplate(changes, id)
        const before = versionsOf(changes, id)
        if (before.length >= MOST_VERSIONS)
          throw new Fault('not.possible', `a template has at most ${MOST_VERSIONS} versions`)
        const row = {
          id: rowId('pv'),
          org_id: caller.tenant.org,
          template_id: id,
          version: nextPromptVersion(before),
          content,
          model_hint: given.model_hint ?? null,
          parameters: given.parameters ?? promptParameters(content),
          changelog: given.changelog ?? null,
          is_active: false,
          created_at: changes.now,
        }
        changes.make(VERSIONS.kind, row.id, row)
        return row
      }),
  }),
  endpoint('GET /prompts/templates/:id/versions/:vid', {
    about: 'One version of a prompt template.',
    input: () => fields(ONE_VERSION),
    run: (api, { id, vid }, { tenant: { org } }) => requireVersion(api, { id, vid, org }),
  }),
  endpoint('POST /prompts/templates/:id/versions/:vid', {
    about: 'Makes a version the active one of its template.',
    input: () => fields(ONE_VERSION),
    run: ({ records }, { id, vid }, caller) =>
      records.write(recordAuthorOf(caller, undefined), (changes): VersionRow => {
        const before = versionsOf(changes, id)
        const version = required(
          before.find((each) => each.id === vid),
          `${VERSIONS.what} ${vid}`,
        )
        for (const [i, after] of activatedVersion(before, vid).entries())
          if (after.is_active !== before[i]?.is_active)
            changes.change(VERSIONS.kind, after.id, { is_active: after.is_active })
        return { ...version, is_active: true }
      }),
  }),
]

/** Prompts: templates, their versions, and what was rendered. */
export const promptEndpoints: readonly Endpoint[] = [
  ...templateEndpoints,
  ...versionEndpoints,
  endpoint('POST /prompts/render', {
    about: 'Fills in a version, or the active one of a template.',
    input: () =>
      fields({
        template_id: text(128).optional(),
        version_id: text(128).optional(),
        variables: z.record(z.string().max(100), json(100_000)).default({}),
        action_id: text(128).optional(),
        agent_id: AgentId.optional(),
        record: YesNo.default(false),
      }),
    run: async (api, asked, caller) => {
      const { org } = caller.tenant
      const { id, template_id, version, content, parameters } = versionToRender(api, org, asked)
      const { rendered, missing } = renderPrompt(content, asked.variables)
      const answer = { rendered, version_id: id, template_id, version, parameters, missing }
      if (!asked.record) return answer
      const run = {
        id: rowId('pr'),
        org_id: org,
        template_id,
        version_id: id,
        version,
        action_id: asked.action_id ?? null,
        agent_id: asked.agent_id ?? null,
        variables: Object.keys(asked.variables),
        rendered_length: rendered.length,
      }
      await api.records.write(recordAuthorOf(caller, run.agent_id), (changes) =>
        changes.make('prompt_run', run.id, { ...run, created_at: changes.now }),
      )
      return { ...answer, run_id: run.id }
    },
  }),
  endpoint('GET /prompts/runs', {
    about: 'Renderings that were recorded, the newest first.',
    input: () =>
      fields({
        template_id: text(128).optional(),
        version_id: text(128).optional(),
        ...paged(200, 50),
      }),
    run: ({ records }, { limit, offset, ...where }, { tenant: { org } }) => ({
      runs: records.find(org, 'prompt_run', { where, limit, offset }),
    }),
  }),
  endpoint('GET /prompts/stats', {
    about: 'How often prompts were rendered and recorded.',
    input: () => fields({ template_id: text(128).optional() }),
    run: ({ records }, { template_id: template }, { tenant: { org } }) => {
      const of = ['run', ...(template === undefined ? [] : [template])]
      return promptStats(records.sumsOf(org, 'prompt_run', of, { limit: MOST_GROUPS }))
    },
  }),
]

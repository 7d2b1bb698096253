import { route, type NoFields, type JsonRecord } from '../core/route.ts'
import type { DeletedAnswer } from './rows.ts'

/** Prompt templates and their versions. */
export const promptRoutes = {
  /** Templates, of one category if given. */
  listPromptTemplates: route<{ category?: string }, { templates: JsonRecord[] }>()(
    'GET prompts/templates',
    'category?',
  ),
  /** Makes a template without a version. Errors: 400. */
  createPromptTemplate: route<
    { name: string; description?: string; category?: string },
    {
      id: string
      name: string
      description: string | null
      category: string | null
    }
  >()('POST prompts/templates', 'name description? category?'),
  /** One template. Errors: 404. */
  getPromptTemplate: route<NoFields, JsonRecord>()('GET prompts/templates/:template_id'),
  /** Changes name, description or category. Errors: 404. */
  updatePromptTemplate: route<
    { name?: string; description?: string; category?: string },
    JsonRecord
  >()('PATCH prompts/templates/:template_id'),
  /** Deletes a template with its versions. Errors: 404. */
  deletePromptTemplate: route<NoFields, DeletedAnswer>()('DELETE prompts/templates/:template_id'),
  /** The versions of a template. Errors: 404. */
  listPromptVersions: route<NoFields, { versions: JsonRecord[] }>()(
    'GET prompts/templates/:template_id/versions',
  ),
  /**
   * Adds a version, not yet active. `{{ name }}` in `content` is replaced when rendered. Errors:
   * 404; 400.
   */
  createPromptVersion: route<
    { content: string; model_hint?: string; parameters?: readonly unknown[]; changelog?: string },
    {
      id: string
      template_id: string
      version: number
      content: string
      is_active: boolean
    }
  >()('POST prompts/templates/:template_id/versions', 'content'),
  /** One version. Errors: 404. */
  getPromptVersion: route<NoFields, JsonRecord>()(
    'GET prompts/templates/:template_id/versions/:version_id',
  ),
  /** Makes a version the active one of its template. Errors: 404. */
  activatePromptVersion: route<NoFields, JsonRecord>()(
    'POST prompts/templates/:template_id/versions/:version_id',
    '',
    { bodyless: true },
  ),
  /**
   * Fills in a version, or the active one of a template. Errors: 400 with neither id; 404 no active
   * version.
   */
  renderPrompt: route<
    {
      template_id?: string
      version_id?: string
      variables?: object
      action_id?: string
      agent_id?: string
      record?: boolean
    },
    {
      rendered: string
      version_id: string
      template_id: string
      version: number
      parameters: string[]
      run_id?: string
    }
  >()('POST prompts/render'),
  /** Renderings that were recorded. */
  listPromptRuns: route<
    { template_id?: string; version_id?: string; limit?: number; offset?: number },
    { runs: JsonRecord[] }
  >()('GET prompts/runs'),
  /** How prompts are used. */
  getPromptStats: route<{ template_id?: string }, JsonRecord>()(
    'GET prompts/stats',
    'template_id?',
  ),
}

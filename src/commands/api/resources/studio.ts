import * as z from 'zod'
import { Fault } from '../../../base/fault.ts'
import type { RecordChanges } from '../../../domain/governance/records/service.ts'
import type { RecordData } from '../../../domain/governance/records/types.ts'
import {
  CAPABILITY_RISKS,
  CAPABILITY_SOURCES,
  COLLECTION_SOURCES,
  collectionWithItem,
  slugOf,
} from '../../../domain/governance/studio/rules.ts'
import {
  mergedStrategyConfig,
  strategyProblems,
  type StrategyConfig,
} from '../../../domain/governance/studio/strategies.ts'
import { endpoint, type Endpoint } from '../endpoint.ts'
import { AgentId, fields, json, someText, text, texts, YesNo } from '../inputs.ts'
import {
  changesRecord,
  createsRecord,
  getsRecord,
  listsRecords,
  removesRecord,
} from '../kinds/endpoints.ts'
import { newIds, type RecordKind, type Told } from '../kinds/kind.ts'

const Name = someText(200)
const Note = () => text(5000).optional()
/** Any object that is not too large. */
const Settings = () =>
  z
    .record(z.string().max(200), z.unknown())
    .refine((value) => JSON.stringify(value).length <= MOST_SETTINGS, {
      error: `must be at most ${MOST_SETTINGS} characters as JSON`,
    })
const MOST_SETTINGS = 20_000

/** A slug, or what one is made of. */
export const Slug = () => someText(200).transform(slugOf)

/** The slug of something with a name, where none was told. */
export function sluggedBy({ name, slug }: Told): object {
  return { slug: slug ?? slugOf(String(name)) }
}

export const STRATEGY: RecordKind = {
  kind: 'model_strategy',
  one: 'strategy',
  many: 'strategies',
  id: newIds.uuid('mst'),
  idField: 'strategy_id',
  shape: () => ({ name: Name, description: Note(), config: Settings() }),
  made: ({ config }) => ({ config: soundConfig(config as StrategyConfig) }),
}

/** Fault `input.invalid` with everything that is wrong. */
function soundConfig(config: StrategyConfig): StrategyConfig {
  const kept = mergedStrategyConfig({}, config)
  const problems = strategyProblems(kept)
  if (problems.length > 0) throw new Fault('input.invalid', problems.join('; '))
  return kept
}

function changedStrategy(before: RecordData, { config, ...given }: Told): object {
  if (config === undefined) return given
  const merged = mergedStrategyConfig(before['config'] as StrategyConfig, config as StrategyConfig)
  return { ...given, config: soundConfig(merged) }
}

/** The kind of workflow templates, which may name a strategy. */
export const WORKFLOW_KIND = 'workflow_template'

function unlinkStrategy({ id }: RecordData, changes: RecordChanges): void {
  const linked = changes.find(WORKFLOW_KIND, {
    where: { model_strategy_id: id as string },
    limit: 1000,
  })
  for (const template of linked)
    changes.change(WORKFLOW_KIND, String(template['id']), { model_strategy_id: null })
}

const COLLECTION: RecordKind = {
  kind: 'knowledge_collection',
  one: 'collection',
  many: 'collections',
  id: newIds.uuid('kc'),
  idField: 'collection_id',
  shape: () => ({
    name: Name,
    description: Note(),
    source_type: z.enum(COLLECTION_SOURCES).optional(),
    tags: texts(50, 100).optional(),
  }),
  defaults: { source_type: 'files', tags: [], ingestion_status: 'empty', doc_count: 0 },
}

const ITEM: RecordKind = {
  kind: 'knowledge_item',
  one: 'item',
  many: 'items',
  id: newIds.uuid('kci'),
  idField: 'item_id',
  shape: () => ({
    source_uri: someText(2000),
    title: text(500).optional(),
    mime_type: text(200).optional(),
    metadata: Settings().optional(),
    status: text(50).optional(),
  }),
  defaults: { status: 'pending', metadata: {} },
  within: {
    kind: COLLECTION.kind,
    field: 'collection_id',
    called: 'Collection',
    changed: (collection) => {
      const { ingestion_status, doc_count } = collectionWithItem(
        collection as { ingestion_status: string; doc_count: number },
      )
      return { ingestion_status, doc_count }
    },
  },
}

/** What agents can do, or call. */
export const CAPABILITY: RecordKind = {
  kind: 'capability',
  one: 'capability',
  many: 'capabilities',
  id: newIds.uuid('cap'),
  idField: 'capability_id',
  unique: 'slug',
  shape: () => ({
    name: Name,
    slug: Slug().optional(),
    description: Note(),
    category: text(200).optional(),
    source_type: z.enum(CAPABILITY_SOURCES).optional(),
    risk_level: z.enum(CAPABILITY_RISKS).optional(),
    auth_type: text(50).optional(),
    requires_approval: YesNo.optional(),
    tags: texts(50, 100).optional(),
    pricing: Settings().optional(),
    health_status: text(50).optional(),
    docs_url: text(2000).optional(),
    invocation_schema: Settings().optional(),
    metadata: json(MOST_SETTINGS).optional(),
    agent_id: AgentId.optional(),
  }),
  defaults: {
    source_type: 'internal_sdk',
    risk_level: 'medium',
    auth_type: 'none',
    requires_approval: false,
    tags: [],
    pricing: {},
    health_status: 'unknown',
    invocation_schema: {},
  },
  made: sluggedBy,
}

const MOST_CAPABILITIES = 500

/** Model strategies, knowledge and capabilities. */
export const studioEndpoints: readonly Endpoint[] = [
  createsRecord(STRATEGY, 'POST /model-strategies', { about: 'Makes a model strategy.' }),
  listsRecords(STRATEGY, 'GET /model-strategies', { about: 'Model strategies, newest first.' }),
  getsRecord(STRATEGY, 'GET /model-strategies/:id', { about: 'One model strategy.' }),
  changesRecord(STRATEGY, 'PATCH /model-strategies/:id', {
    about: 'Changes a strategy; `config` is merged into the present one.',
    change: changedStrategy,
  }),
  removesRecord(STRATEGY, 'DELETE /model-strategies/:id', {
    about: 'Deletes a strategy; templates that name it lose the link.',
    gone: unlinkStrategy,
  }),
  createsRecord(COLLECTION, 'POST /knowledge/collections', {
    about: 'Makes a collection of knowledge.',
  }),
  listsRecords(COLLECTION, 'GET /knowledge/collections', {
    about: 'Collections of knowledge, newest first.',
    by: ['source_type'],
  }),
  getsRecord(COLLECTION, 'GET /knowledge/collections/:id', { about: 'One collection.' }),
  changesRecord(COLLECTION, 'PATCH /knowledge/collections/:id', { about: 'Changes a collection.' }),
  createsRecord(ITEM, 'POST /knowledge/collections/:id/items', {
    about: 'Adds an item to a collection.',
  }),
  listsRecords(ITEM, 'GET /knowledge/collections/:id/items', {
    about: 'The items of a collection, newest first.',
    page: [500, 100],
  }),
  createsRecord(CAPABILITY, 'POST /capabilities', { about: 'Registers a capability.' }),
  listsRecords(CAPABILITY, 'GET /capabilities', {
    about: 'Capabilities; filters combine, `search` looks at names, descriptions and tags.',
    by: ['category', 'risk_level', 'source_type'],
    search: ['name', 'description', 'tags'],
    page: [MOST_CAPABILITIES, 100],
  }),
  endpoint('GET /capabilities/health', {
    about: 'How each capability is, as it was last told.',
    input: () => fields({}),
    run: ({ records }, _, { tenant: { org } }) => {
      const query = { limit: MOST_CAPABILITIES }
      const { rows, total } = records.page(org, CAPABILITY.kind, query)
      return {
        capabilities: rows.map(({ capability_id, name, health_status, updated_at }) => ({
          capability_id,
          name,
          health_status,
          updated_at,
        })),
        total,
      }
    },
  }),
  getsRecord(CAPABILITY, 'GET /capabilities/:id', { about: 'One capability.' }),
  changesRecord(CAPABILITY, 'PATCH /capabilities/:id', { about: 'Changes a capability.' }),
]

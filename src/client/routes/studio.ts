import { route, type NoFields, type JsonRecord } from '../core/route.ts'
import type { DeletedAnswer } from './rows.ts'

interface WorkflowTemplate {
  template_id: string
  name: string
  slug: string
  version: number
  status: string
  steps?: unknown[]
}
interface ModelStrategy {
  strategy_id: string
  name: string
  config: JsonRecord
}
interface KnowledgeCollection {
  collection_id: string
  name: string
  source_type: string
  ingestion_status: string
  doc_count: number
}
interface Capability {
  capability_id: string
  name: string
  slug?: string
  category: string | null
  risk_level: string
  source_type: string
  requires_approval: boolean
}

interface WorkflowFields {
  slug?: string
  description?: string
  objective?: string
  steps?: readonly unknown[]
  model_strategy_id?: string
  linked_prompt_template_ids?: readonly string[]
  linked_policy_ids?: readonly string[]
  linked_knowledge_collection_ids?: readonly string[]
  linked_capability_ids?: readonly string[]
  linked_capability_tags?: readonly string[]
  status?: string
}
interface CollectionFields {
  description?: string
  source_type?: string
  tags?: readonly string[]
}
interface CapabilityFields {
  description?: string
  slug?: string
  category?: string
  source_type?: string
  risk_level?: string
  auth_type?: string
  requires_approval?: boolean
  tags?: readonly string[]
  pricing?: object
  health_status?: string
  docs_url?: string
  invocation_schema?: object
}
interface PageFields {
  limit?: number
  offset?: number
}

/** Execution Studio: workflows, model strategies, knowledge, capabilities. */
export const studioRoutes = {
  /** Workflow templates. */
  listWorkflowTemplates: route<
    { status?: string } & PageFields,
    { templates: WorkflowTemplate[] }
  >()('GET workflows/templates'),
  /**
   * Makes a template; the slug comes from the name. Errors: 403; 409 for a slug that is taken; 400.
   */
  createWorkflowTemplate: route<
    { name: string } & WorkflowFields,
    { template: WorkflowTemplate }
  >()('POST workflows/templates', 'name'),
  /** One template. Errors: 404. */
  getWorkflowTemplate: route<NoFields, { template: WorkflowTemplate }>()(
    'GET workflows/templates/:template_id',
  ),
  /** Changes a template; a change of `steps` makes a new version. Errors: 404; 400. */
  updateWorkflowTemplate: route<
    { name?: string } & WorkflowFields,
    { template: WorkflowTemplate }
  >()('PATCH workflows/templates/:template_id'),
  /** Copies a template as a draft. Errors: 404. */
  duplicateWorkflowTemplate: route<
    { name?: string; slug?: string },
    { template: WorkflowTemplate }
  >()('POST workflows/templates/:template_id/duplicate'),
  /** Records a launch as a running action; it runs nothing. Errors: 404. */
  launchWorkflowTemplate: route<
    { agent_id?: string; declared_goal?: string },
    {
      launch: {
        action_id: string
        template_id: string
        template_version: number
        launched_at: string
        resolved_strategy: JsonRecord | null
      }
    }
  >()('POST workflows/templates/:template_id/launch'),
  /** Model strategies. */
  listModelStrategies: route<PageFields, { strategies: ModelStrategy[] }>()('GET model-strategies'),
  /** Makes a strategy; `config.primary` is `{ provider, model }`. Errors: 400. */
  createModelStrategy: route<
    { name: string; description?: string; config: object },
    { strategy: ModelStrategy }
  >()('POST model-strategies', 'name config:object'),
  /** One strategy. Errors: 404. */
  getModelStrategy: route<NoFields, { strategy: ModelStrategy }>()(
    'GET model-strategies/:strategy_id',
  ),
  /** Changes a strategy; `config` is merged into the present one. Errors: 404; 400. */
  updateModelStrategy: route<
    { name?: string; description?: string; config?: object },
    { strategy: ModelStrategy }
  >()('PATCH model-strategies/:strategy_id'),
  /** Deletes a strategy; templates that use it lose the link. Errors: 404. */
  deleteModelStrategy: route<NoFields, DeletedAnswer>()('DELETE model-strategies/:strategy_id'),
  /** Knowledge collections. */
  listKnowledgeCollections: route<
    { source_type?: string } & PageFields,
    { collections: KnowledgeCollection[] }
  >()('GET knowledge/collections'),
  /** Makes a collection. Errors: 400. */
  createKnowledgeCollection: route<
    { name: string } & CollectionFields,
    { collection: KnowledgeCollection }
  >()('POST knowledge/collections', 'name'),
  /** One collection. Errors: 404. */
  getKnowledgeCollection: route<NoFields, { collection: KnowledgeCollection }>()(
    'GET knowledge/collections/:collection_id',
  ),
  /** Changes a collection. Errors: 404; 400. */
  updateKnowledgeCollection: route<
    { name?: string } & CollectionFields,
    { collection: KnowledgeCollection }
  >()('PATCH knowledge/collections/:collection_id'),
  /** The items of a collection. Errors: 404. */
  listKnowledgeCollectionItems: route<PageFields, { items: JsonRecord[] }>()(
    'GET knowledge/collections/:collection_id/items',
  ),
  /** Adds an item. Errors: 404; 400. */
  addKnowledgeCollectionItem: route<
    { source_uri: string; title?: string; mime_type?: string; metadata?: object; status?: string },
    { item: JsonRecord }
  >()('POST knowledge/collections/:collection_id/items', 'source_uri'),
  /** Capabilities; filters combine, `search` looks at name, description and tags. */
  listCapabilities: route<
    { category?: string; risk_level?: string; search?: string } & PageFields,
    { capabilities: Capability[] }
  >()('GET capabilities'),
  /** Registers a capability. Errors: 400 for an unknown word. */
  createCapability: route<{ name: string } & CapabilityFields, { capability: Capability }>()(
    'POST capabilities',
    'name',
  ),
  /** One capability. Errors: 404. */
  getCapability: route<NoFields, { capability: Capability }>()('GET capabilities/:capability_id'),
  /** Changes a capability. Errors: 404; 400. */
  updateCapability: route<{ name?: string } & CapabilityFields, { capability: Capability }>()(
    'PATCH capabilities/:capability_id',
  ),
}

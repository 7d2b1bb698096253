import type { ModelStrategy } from './strategies.ts'

const MAX_SLUG = 64

/** A name as a slug: small ASCII letters and digits with single hyphens; `untitled` of nothing. */
export function slugOf(name: string): string {
  const plain = name.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase()
  const slug = plain.replace(/[^a-z0-9]+/g, '-').slice(0, MAX_SLUG)
  return slug.replace(/^-/, '').replace(/-$/, '') || 'untitled'
}

/** A workflow template, as far as its rules look at it. */
export interface WorkflowTemplate {
  template_id: string
  name: string
  slug: string
  version: number
  status: string
  steps: readonly unknown[]
}

/** The version after a change: the next one only if the steps are others. */
export function workflowVersion(
  { version, steps }: Pick<WorkflowTemplate, 'version' | 'steps'>,
  changed: readonly unknown[] | undefined,
): number {
  if (changed === undefined || JSON.stringify(changed) === JSON.stringify(steps)) return version
  return version + 1
}

/** A copy of a template: a draft of version 1. */
export function duplicateWorkflow<T extends WorkflowTemplate>(
  template: T,
  as: { template_id: string; name?: string | null; slug?: string | null },
): T {
  const name = as.name ?? `${template.name} (copy)`
  return {
    ...template,
    template_id: as.template_id,
    name,
    slug: as.slug ?? slugOf(name),
    status: 'draft',
    version: 1,
  }
}

export interface WorkflowLaunch {
  action_id: string
  template_id: string
  template_version: number
  launched_at: string
  resolved_strategy: Pick<ModelStrategy, 'strategy_id' | 'name' | 'config'> | null
}

/** What a launch is, and the action that stands for it in the ledger. */
export function workflowLaunch(
  template: WorkflowTemplate,
  strategy: ModelStrategy | null,
  { actionId, at, goal }: { actionId: string; at: string; goal: string | null },
): {
  launch: WorkflowLaunch
  action: { action_type: string; trigger: string; declared_goal: string; reasoning: string }
} {
  const launch: WorkflowLaunch = {
    action_id: actionId,
    template_id: template.template_id,
    template_version: template.version,
    launched_at: at,
    resolved_strategy:
      strategy === null
        ? null
        : {
            strategy_id: strategy.strategy_id,
            name: strategy.name,
            config: structuredClone(strategy.config),
          },
  }
  return {
    launch,
    action: {
      action_type: 'workflow_launch',
      trigger: `workflow:${template.template_id}`,
      declared_goal: goal ?? `Launch workflow ${template.name}`,
      reasoning: `WORKFLOW_LAUNCH_META=${JSON.stringify(launch)}`,
    },
  }
}

export const COLLECTION_SOURCES = ['files', 'urls', 'external', 'notes'] as const

/** A collection after an item was added. */
export function collectionWithItem<C extends { ingestion_status: string; doc_count: number }>(
  collection: C,
): C {
  const { ingestion_status: status, doc_count } = collection
  return {
    ...collection,
    ingestion_status: status === 'empty' ? 'pending' : status,
    doc_count: doc_count + 1,
  }
}

export const CAPABILITY_SOURCES = [
  'internal_sdk',
  'http_api',
  'webhook',
  'human_approval',
  'external_marketplace',
] as const
export const CAPABILITY_RISKS = ['low', 'medium', 'high', 'critical'] as const

interface SearchedCapability {
  name: string
  description: string | null
  category: string | null
  risk_level: string
  tags: readonly string[]
}

export interface CapabilityFilter {
  category: string | null
  riskLevel: string | null
  search: string | null
}

/** Whether a capability passes all filters that are set. */
export function matchesCapability(
  capability: SearchedCapability,
  { category, riskLevel, search }: CapabilityFilter,
): boolean {
  const wanted = (search ?? '').trim().toLowerCase()
  const { name, description, tags } = capability
  return (
    (category === null || capability.category === category) &&
    (riskLevel === null || capability.risk_level === riskLevel) &&
    [name, description ?? '', ...tags].some((text) => text.toLowerCase().includes(wanted))
  )
}

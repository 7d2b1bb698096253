import type { Decision } from '../../policy/types.ts'

export const API_POLICY_TYPES = [
  'risk_threshold',
  'require_approval',
  'block_action_type',
  'rate_limit',
  'webhook_check',
  'behavioral_anomaly',
  'semantic_check',
  'permission_escalation',
  'green_contract',
  'branch_freshness',
] as const
export type ApiPolicyType = (typeof API_POLICY_TYPES)[number]

/** A policy that was written over the API. */
export interface ApiPolicy {
  id: string
  name: string
  policy_type: string
  /** JSON text of an object. */
  rules: string
  active: boolean
  /** JSON text of a list of agents; null or an empty list: every agent. */
  agent_ids: string | null
}

/** A policy as it is stored and answered. */
export interface StoredPolicy extends Omit<ApiPolicy, 'active'> {
  org_id: string
  active: 0 | 1
  created_at: string
  updated_at: string
}

/** Work that was proven, weakest first. */
export const GREEN_LEVELS = ['targeted', 'package', 'workspace', 'merge_ready'] as const
/** What a tool may do, least first. */
export const PERMISSION_LEVELS = [
  'readonly',
  'workspace_write',
  'danger',
  'prompt',
  'allow',
] as const

export type PermissionLevel = (typeof PERMISSION_LEVELS)[number]

/** What the rules of a policy say, with defaults filled in. */
export type PolicySettings =
  | { type: 'risk_threshold'; threshold: number; action: Decision }
  | { type: 'require_approval'; actionTypes: readonly string[]; action: Decision }
  | {
      type: 'block_action_type'
      actionTypes: readonly string[]
      /** Action types that stay allowed. */
      allowlist: readonly string[]
      action: Decision
    }
  | { type: 'rate_limit'; maxActions: number; windowMinutes: number; action: Decision }
  | { type: 'webhook_check'; url: string; timeoutMs: number; onTimeout: 'allow' | 'block' }
  | { type: 'behavioral_anomaly'; similarityThreshold: number; action: Decision }
  | {
      type: 'semantic_check'
      instruction: string
      model: string | null
      fallback: Decision
      action: Decision
    }
  | { type: 'permission_escalation'; enforce: boolean; action: Decision }
  | {
      type: 'green_contract'
      actionTypes: readonly string[]
      requiredLevel: string
      action: Decision
    }
  | {
      type: 'branch_freshness'
      actionTypes: readonly string[]
      freshness: readonly string[]
      maxCommitsBehind: number
      action: Decision
    }

/** The question of a guard. */
export interface PolicyQuestion {
  agentId: string | null
  actionType: string
  /** The risk that decides: of server and agent, the higher one. */
  risk: number
  /** What the agent's tools report: `tool`, `green`, `branch`, `mcp`, in any form. */
  intel: Readonly<Record<string, unknown>>
}

/** How similar the question is to what the agent did before. */
export type Similarity =
  | { kind: 'no-provider' }
  | { kind: 'no-history' }
  | { kind: 'measured'; best: number }

/** What a model said about a question. */
export type SemanticVerdict =
  | { kind: 'not-configured' }
  | { kind: 'failed' }
  | { kind: 'passes' }
  | { kind: 'violates'; reason: string }

/** What others found out before policies are judged. */
export interface PolicyFacts {
  /** Actions that the agent recorded within the last minutes, counted up to `most`. */
  actionsWithin(minutes: number, most: number): number
  /** Permission level of the agent's latest approved pairing. */
  permissionLevel: string | null
  similarity: Similarity
  /** By policy. A policy that was not asked about counts as failed. */
  semantic: ReadonlyMap<string, SemanticVerdict>
}

/** What a webhook answered. */
export type WebhookVerdict =
  | {
      kind: 'answered'
      decision?: unknown
      reasons?: unknown
      warnings?: unknown
    }
  | { kind: 'failed'; why: string }

/** That a policy applies, and what it decides. */
export interface PolicyHit {
  policyId: string
  policyName: string
  decision: Decision
  reasons: readonly string[]
}

/** What all policies decide together. */
export interface FoldedDecision {
  decision: Decision
  reasons: readonly string[]
  warnings: readonly string[]
  matchedPolicies: readonly string[]
}

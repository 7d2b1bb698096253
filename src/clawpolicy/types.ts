import type { Json, JsonObject } from './files/json.ts'

export const STATUSES = ['hint', 'candidate', 'confirmed', 'suspended', 'archived'] as const
export type Status = (typeof STATUSES)[number]

export const SCOPES = ['global', 'domain', 'project'] as const
export type ScopeName = (typeof SCOPES)[number]

export type ExecutionMode = 'auto_execute' | 'require_confirmation'
export const AUTO = 'auto_execute'
export const ASK = 'require_confirmation'
export const DECISIONS = ['', AUTO, ASK] as const

export type RiskLevel = 'low' | 'medium' | 'high' | 'critical'

/** Where a rule holds. The key is the name of a domain, or the absolute path of a project. */
export interface Scope {
  scope: ScopeName
  scope_key: string
}

/**
 * Numbers that a file wrote in the other kind than their field usually has: an int as `1.0`, a
 * float as `1`.
 */
export type NumberKinds = Readonly<Record<string, 'int' | 'float'>>

/** What a record keeps in addition to its fields. */
export interface Carried {
  /** Keys that are not known, as they were read. */
  readonly extra?: JsonObject
  readonly kinds?: NumberKinds
}

/** A learned rule; the names and their order are those of the files. */
export interface Rule extends Carried {
  readonly id: string
  readonly type: 'Rule'
  readonly summary: string
  readonly category: string
  /** When the rule applies, see `matches`. */
  readonly trigger: readonly string[]
  /** Advice in prose. */
  readonly strategy: string
  readonly preconditions: readonly string[]
  readonly postconditions: readonly string[]
  readonly validation: readonly string[]
  /** 0 to 1; informational, it gates nothing. */
  readonly confidence: number
  readonly success_streak: number
  readonly status: Status
  readonly scope: ScopeName
  readonly scope_key: string
  readonly evidence_count: number
  /** Where it came from; never rewritten. */
  readonly source_type: string
  readonly last_seen_at: string
  readonly last_applied_at: string
  readonly policy_decision: '' | ExecutionMode
  readonly risk_level: string
  readonly failure_streak: number
  readonly override_streak: number
  readonly rollback_count: number
  readonly accepted_auto_execute_count: number
  readonly accepted_confirmation_count: number
  /** Complaints that a person should have been asked. */
  readonly conflict_count: number
  readonly suspension_reason: string
  readonly last_lifecycle_event_at: string
  /** Content hash; stale after a mere evaluation. */
  readonly asset_id: string
}

/** Rules that belong together. Playbooks never influence decisions. */
export interface Playbook extends Carried {
  readonly id: string
  readonly type: 'Playbook'
  readonly summary: string
  readonly rules_used: readonly string[]
  readonly trigger: readonly string[]
  readonly category: string
  readonly confidence: number
  readonly asset_id: string
}

/** One line of the log. */
export interface PolicyEvent extends Carried {
  readonly timestamp: string
  readonly event_type: string
  readonly asset_id: string
  readonly type: 'PolicyEvent'
  readonly trigger_signals: readonly string[]
  readonly rl_reward: number
  readonly changes: string
  readonly source_node_id: string
  readonly payload: JsonObject
}

/** A task to decide about: a free-form mapping, read with the functions of `task.ts`. */
export type Task = Readonly<Record<string, unknown>>

export type { Json, JsonObject }

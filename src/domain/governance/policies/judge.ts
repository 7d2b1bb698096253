import { glob } from '../../../base/glob.ts'
import type { Decision } from '../../policy/types.ts'
import { readPolicySettings, type ReadSettings } from './settings.ts'
import {
  GREEN_LEVELS,
  PERMISSION_LEVELS,
  type ApiPolicy,
  type PolicyFacts,
  type PolicyHit,
  type PolicyQuestion,
  type PolicySettings,
  type SemanticVerdict,
  type Similarity,
} from './types.ts'

/** A policy that was read once, to be judged often. */
export interface ReadyPolicy {
  id: string
  name: string
  active: boolean
  /** Null: every agent. */
  agents: ReadonlySet<unknown> | null
  read: ReadSettings
}

export function readyPolicy(policy: ApiPolicy): ReadyPolicy {
  const { id, name, active } = policy
  const agents = agentList(policy.agent_ids)
  return {
    id,
    name,
    active,
    agents: agents.length === 0 ? null : new Set(agents.map(folded)),
    read: readPolicySettings(policy.policy_type, policy.rules),
  }
}

/** The agents that a policy names. One whose list cannot be read is for all. */
function agentList(text: string | null): readonly unknown[] {
  try {
    const list: unknown = JSON.parse(text ?? '[]')
    return Array.isArray(list) ? list : []
  } catch {
    return []
  }
}

/** Whether a policy is in force for an agent. */
export function appliesToAgent({ active, agents }: ReadyPolicy, agentId: string | null): boolean {
  return active && (agents === null || agents.has(folded(agentId)))
}

/** The same for `Scout` and `scout`: policies only restrict, and nobody escapes one by its case. */
function folded(agent: unknown): unknown {
  return typeof agent === 'string' ? agent.toLowerCase() : agent
}

/**
 * Whether a type of action is one of a list's: equal, or by a pattern with `*`. What restricts
 * holds however the type is written, or `Deploy` would not be what `deploy` is.
 */
export function matchesActionType(patterns: readonly string[], actionType: string): boolean {
  const lower = actionType.toLowerCase()
  return patterns.some((pattern) => exceptsActionType([pattern.toLowerCase()], lower))
}

/** Whether a list lets a type of action through: exactly as it is written. */
export function exceptsActionType(patterns: readonly string[], actionType: string): boolean {
  return patterns.some((pattern) => pattern === actionType || glob(pattern, actionType))
}

/**
 * What a policy decides about a question, or undefined. `webhook_check` is not judged here: it
 * depends on what the others decide. Rules that cannot be read ask a person.
 */
export function judgePolicy(
  policy: ReadyPolicy,
  question: PolicyQuestion,
  facts: PolicyFacts,
): PolicyHit | undefined {
  const { read } = policy
  if ('problems' in read)
    return hitOf(policy, {
      decision: 'require_approval',
      reason: `the rules of this policy cannot be read: ${read.problems.join('; ')}`,
    })
  const found = judged(read.settings, question, { facts, policyId: policy.id })
  return found === undefined ? undefined : hitOf(policy, found)
}

interface Found {
  decision: Decision
  reason: string
}

interface Context {
  facts: PolicyFacts
  policyId: string
}

function hitOf(policy: ReadyPolicy, { decision, reason }: Found): PolicyHit {
  return { policyId: policy.id, policyName: policy.name, decision, reasons: [reason] }
}

type SettingsOf<T extends PolicySettings['type']> = Extract<PolicySettings, { type: T }>

type Judges = {
  readonly [T in PolicySettings['type']]: (
    settings: SettingsOf<T>,
    question: PolicyQuestion,
    context: Context,
  ) => Found | undefined
}

const JUDGES: Judges = {
  risk_threshold: ({ threshold, action }, { risk }) =>
    found(risk >= threshold, action, `Risk ${risk} reaches the threshold ${threshold}`),
  require_approval: (settings, question) =>
    byType(settings, question, `Action type ${question.actionType} needs approval`),
  block_action_type: (settings, question) =>
    exceptsActionType(settings.allowlist, question.actionType)
      ? undefined
      : byType(settings, question, `Action type ${question.actionType} is blocked`),
  rate_limit: (settings, question, { facts }) => overRate(settings, question, facts),
  webhook_check: () => undefined,
  behavioral_anomaly: (settings, _question, { facts }) => anomaly(settings, facts.similarity),
  semantic_check: (settings, _question, { facts, policyId }) =>
    semantic(settings, facts.semantic.get(policyId) ?? { kind: 'failed' }),
  permission_escalation: (settings, question, { facts }) =>
    escalation(settings, question, facts.permissionLevel),
  green_contract: notGreen,
  branch_freshness: notFresh,
}

function judged(
  settings: PolicySettings,
  question: PolicyQuestion,
  context: Context,
): Found | undefined {
  const judge = JUDGES[settings.type] as (
    ...all: [PolicySettings, PolicyQuestion, Context]
  ) => Found | undefined
  return judge(settings, question, context)
}

function found(applies: boolean, decision: Decision, reason: string): Found | undefined {
  return applies ? { decision, reason } : undefined
}

function byType(
  settings: SettingsOf<'require_approval' | 'block_action_type'>,
  { actionType }: PolicyQuestion,
  reason: string,
): Found | undefined {
  return found(matchesActionType(settings.actionTypes, actionType), settings.action, reason)
}

function overRate(
  settings: SettingsOf<'rate_limit'>,
  { agentId }: PolicyQuestion,
  facts: PolicyFacts,
): Found | undefined {
  if (agentId === null) return undefined
  const { maxActions, windowMinutes } = settings
  return found(
    facts.actionsWithin(windowMinutes, maxActions) >= maxActions,
    settings.action,
    `The actions of ${windowMinutes} min reach the limit of ${maxActions}`,
  )
}

function anomaly(
  settings: SettingsOf<'behavioral_anomaly'>,
  similarity: Similarity,
): Found | undefined {
  switch (similarity.kind) {
    case 'no-provider':
      return undefined
    case 'no-history':
      return { decision: 'warn', reason: 'The agent has no earlier actions to compare with' }
    case 'measured': {
      const { best } = similarity
      const near = best >= settings.similarityThreshold
      const least = settings.similarityThreshold.toFixed(2)
      return found(
        !near,
        settings.action,
        `Unlike all that the agent did before: similarity ${best.toFixed(2)}, under ${least}`,
      )
    }
  }
}

function semantic(
  settings: SettingsOf<'semantic_check'>,
  verdict: SemanticVerdict,
): Found | undefined {
  switch (verdict.kind) {
    case 'passes':
      return undefined
    case 'violates':
      return { decision: settings.action, reason: verdict.reason || 'A model found a violation' }
    case 'failed':
      return found(settings.fallback !== 'allow', settings.fallback, 'The check by a model failed')
    case 'not-configured':
      return {
        decision: 'require_approval',
        reason: 'The check needs a model, and none is configured',
      }
  }
}

const DEFAULT_PERMISSION = 'danger'

function escalation(
  settings: SettingsOf<'permission_escalation'>,
  { intel }: PolicyQuestion,
  level: string | null,
): Found | undefined {
  const wanted = field(intel, 'tool', 'required_permission')
  if (!settings.enforce || wanted === undefined || wanted === null) return undefined
  const held = level ?? DEFAULT_PERMISSION
  const levels: readonly unknown[] = PERMISSION_LEVELS
  const [needs, has] = [levels.indexOf(wanted), levels.indexOf(held)]
  // An unknown wish outranks everything, and an unknown permission permits nothing.
  return found(
    needs < 0 || needs > has,
    settings.action,
    `The tool needs the permission ${named(wanted)}; the agent has ${held}`,
  )
}

function notGreen(
  settings: SettingsOf<'green_contract'>,
  { actionType, intel }: PolicyQuestion,
): Found | undefined {
  if (!concerns(settings.actionTypes, actionType)) return undefined
  const observed = field(intel, 'green', 'observed_level')
  const levels: readonly unknown[] = GREEN_LEVELS
  return found(
    levels.indexOf(observed) < levels.indexOf(settings.requiredLevel),
    settings.action,
    `Tests passed up to ${named(observed ?? 'none')}; ${settings.requiredLevel} is required`,
  )
}

function notFresh(
  settings: SettingsOf<'branch_freshness'>,
  { actionType, intel }: PolicyQuestion,
): Found | undefined {
  if (!concerns(settings.actionTypes, actionType)) return undefined
  const freshness = field(intel, 'branch', 'freshness')
  const behind = Number(field(intel, 'branch', 'commits_behind') ?? Number.NaN)
  if (typeof freshness !== 'string' || !settings.freshness.includes(freshness)) return undefined
  return found(
    !(behind <= settings.maxCommitsBehind),
    settings.action,
    `The branch is ${freshness}${behind >= 0 ? `, ${behind} commits behind` : ''}`,
  )
}

/** Policies about how work stands concern every type of action unless they name some. */
function concerns(patterns: readonly string[], actionType: string): boolean {
  return patterns.length === 0 || matchesActionType(patterns, actionType)
}

function field(intel: PolicyQuestion['intel'], part: string, key: string): unknown {
  const value = intel[part]
  return typeof value === 'object' && value !== null && Object.hasOwn(value, key)
    ? (value as Record<string, unknown>)[key]
    : undefined
}

const MAX_NAMED = 40

function named(value: unknown): string {
  return typeof value === 'string' ? value.slice(0, MAX_NAMED) : 'of an unknown kind'
}

import { plain } from '../../../base/text.ts'
import type { Decision } from '../../policy/types.ts'
import type { PredictiveRisk } from '../actions/risk.ts'
import type { GovernanceSignal } from '../signals/types.ts'
import type { FoldedDecision, PolicyHit, PolicySettings, WebhookVerdict } from './types.ts'

/** How many policies an organisation may have: every one of them is judged at each question. */
export const MOST_POLICIES = 500

const STRICTNESS: Readonly<Record<Decision, number>> = {
  allow: 0,
  warn: 1,
  require_approval: 2,
  block: 3,
}

export const NOTHING_DECIDED: FoldedDecision = {
  decision: 'allow',
  reasons: [],
  warnings: [],
  matchedPolicies: [],
}

/** Adds hits to what was decided: the strictest wins, and nothing downgrades. */
export function foldHits(hits: readonly PolicyHit[], before = NOTHING_DECIDED): FoldedDecision {
  return hits.reduce(withHit, before)
}

function withHit(before: FoldedDecision, hit: PolicyHit): FoldedDecision {
  const { decision, policyId, policyName } = hit
  const lines = hit.reasons.map((reason) =>
    decision === 'warn' ? `${policyName}: ${reason}` : reason,
  )
  return {
    decision: stricter(before.decision, decision),
    reasons: holds(decision) ? [...before.reasons, ...lines] : before.reasons,
    warnings: decision === 'warn' ? [...before.warnings, ...lines] : before.warnings,
    matchedPolicies: before.matchedPolicies.includes(policyId)
      ? before.matchedPolicies
      : [...before.matchedPolicies, policyId],
  }
}

/** The stricter of two decisions. */
export function stricter(one: Decision, other: Decision): Decision {
  return STRICTNESS[one] >= STRICTNESS[other] ? one : other
}

/** Whether a decision lets nothing happen without a person, or at all. */
export function holds(decision: Decision): boolean {
  return STRICTNESS[decision] >= STRICTNESS.require_approval
}

/** What the scan for prompt injection recommends. */
export interface InjectionAdvice {
  recommendation: 'allow' | 'warn' | 'block'
  categories: readonly string[]
}

export const INJECTION_POLICY = 'builtin:prompt_injection_scan'

/** Adds what the built-in scan found: it blocks, or only warns. */
export function foldInjection(before: FoldedDecision, advice: InjectionAdvice): FoldedDecision {
  const found = `Possible prompt injection (${advice.categories.join(', ')})`
  if (advice.recommendation === 'block')
    return foldHits(
      [
        {
          policyId: INJECTION_POLICY,
          policyName: 'Prompt injection scan',
          decision: 'block',
          reasons: [found],
        },
      ],
      before,
    )
  if (advice.recommendation === 'allow') return before
  return { ...before, warnings: [...before.warnings, found] }
}

/** A webhook that was asked, and what came back. */
export interface AskedWebhook {
  policyId: string
  policyName: string
  settings: Extract<PolicySettings, { type: 'webhook_check' }>
  verdict: WebhookVerdict
}

const MAX_LINES = 20
const MAX_LINE = 500

/** Adds what webhooks said. All were shown the same preliminary decision. */
export function foldWebhooks(
  preliminary: FoldedDecision,
  asked: readonly AskedWebhook[],
): FoldedDecision {
  const hits = asked.flatMap((each) => webhookHits(preliminary.decision, each))
  const folded = foldHits(hits, preliminary)
  return { ...folded, warnings: [...folded.warnings, ...asked.flatMap(unheard)] }
}

/** Where a webhook that failed changes nothing, people read of it all the same. */
function unheard({ policyName, settings, verdict }: AskedWebhook): string[] {
  return verdict.kind === 'failed' && settings.onTimeout === 'allow'
    ? [`${policyName}: ${failure(verdict.why)}`]
    : []
}

function failure(why: string): string {
  return `The webhook check failed: ${plain(why, MAX_LINE)}`
}

/** An equal or weaker decision is ignored; its warnings are kept, as a warning. */
function webhookHits(preliminary: Decision, asked: AskedWebhook): PolicyHit[] {
  const { policyId, policyName, settings, verdict } = asked
  const by = { policyId, policyName }
  if (verdict.kind === 'failed')
    return settings.onTimeout === 'block'
      ? [{ ...by, decision: 'block', reasons: [failure(verdict.why)] }]
      : []
  const hits: PolicyHit[] = []
  const decision = remoteDecision(verdict.decision)
  if (decision !== undefined && STRICTNESS[decision] > STRICTNESS[preliminary]) {
    const reasons = lines(verdict.reasons)
    hits.push({ ...by, decision, reasons: reasons.length > 0 ? reasons : ['Webhook decision'] })
  }
  const warnings = lines(verdict.warnings)
  if (warnings.length > 0) hits.push({ ...by, decision: 'warn', reasons: warnings })
  return hits
}

/** A decision that is none that there is may be meant as any: a person is asked. */
function remoteDecision(value: unknown): Decision | undefined {
  if (value === undefined || value === null) return undefined
  const word = typeof value === 'string' ? value.trim().toLowerCase() : ''
  return Object.hasOwn(STRICTNESS, word) ? (word as Decision) : 'require_approval'
}

function lines(value: unknown): string[] {
  if (!Array.isArray(value)) return []
  return value
    .filter((line): line is string => typeof line === 'string' && line !== '')
    .slice(0, MAX_LINES)
    .map((line) => plain(line, MAX_LINE))
}

/** Adds a warning for each live signal. */
export function foldSignals(
  before: FoldedDecision,
  signals: readonly GovernanceSignal[],
): FoldedDecision {
  const warnings = signals.map(({ severity, label }) => `Signal (${severity}): ${label}`)
  return { ...before, warnings: [...before.warnings, ...warnings] }
}

/** What a guard answers, as the wire shows it. */
export interface GuardReply {
  decision: Decision
  /** The guard decision's id, which is not one of the ledger. */
  action_id: string
  reason: string | null
  reasons: readonly string[]
  warnings: readonly string[]
  matched_policies: readonly string[]
  signals: readonly string[]
  risk_score: number
  agent_risk_score: number | null
  evaluated_at: string
  learning?: object
  recovery?: object
  predictive_risk?: PredictiveRisk
}

export interface GuardAnswerParts {
  folded: FoldedDecision
  guardDecisionId: string
  risk: number
  /** As the agent sent it. */
  agentRisk: number | null
  at: string
  learning?: object | undefined
  recovery?: object | undefined
  predictive?: PredictiveRisk | undefined
}

/** Assembles the answer. Parts that there are none of are left out, never null. */
export function guardAnswer(parts: GuardAnswerParts): GuardReply {
  const { decision, reasons, warnings, matchedPolicies } = parts.folded
  return {
    decision,
    action_id: parts.guardDecisionId,
    reason: reasons.length > 0 ? reasons.join('; ') : null,
    reasons,
    warnings,
    matched_policies: matchedPolicies,
    signals: [...warnings, ...reasons],
    risk_score: parts.risk,
    agent_risk_score: parts.agentRisk,
    evaluated_at: parts.at,
    ...(parts.learning === undefined ? {} : { learning: parts.learning }),
    ...(parts.recovery === undefined ? {} : { recovery: parts.recovery }),
    ...(parts.predictive === undefined ? {} : { predictive_risk: parts.predictive }),
  }
}

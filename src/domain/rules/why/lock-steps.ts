import { plain } from '../../../base/text.ts'
import { quote } from '../../../base/quote.ts'
import { compilePolicies } from '../../policy/matching/compiled.ts'
import type { GuardBounds } from '../../templates/types.ts'
import { answerUnder, type CurrentQuestion } from './current.ts'
import type { PolicyStep } from './steps.ts'

/** A change of a template's bounds. */
interface BoundsEdit {
  text: string
  apply: (bounds: GuardBounds) => GuardBounds
}

/**
 * Edits of the template, locked again: one by one, and all together. Nothing else changes a lock.
 */
export function lockSteps(current: CurrentQuestion): PolicyStep[] {
  const { agent } = current.asked
  const edits = boundsEdits(current)
  const step = (chosen: readonly BoundsEdit[]): PolicyStep => ({
    text: `change the template in the agent's folder (${chosen.map(({ text }) => text).join('; ')}), and lock it again`,
    command: `clawdeck stop ${quote([agent.name])} && clawdeck start ${quote([agent.name])} --force`,
    size: 20 + chosen.length,
    apply: (policy) => ({
      ...policy,
      bounds: chosen.reduce((bounds, { apply }) => apply(bounds), policy.bounds),
    }),
  })
  return [...edits.map((edit) => step([edit])), ...(edits.length > 1 ? [step(edits)] : [])]
}

function boundsEdits(current: CurrentQuestion): BoundsEdit[] {
  const { action, risk } = current.asked
  const { bounds } = current.policy
  const edits: BoundsEdit[] = []
  if (!bounds.types.includes(action.type) && !bounds.types.includes('*'))
    edits.push({
      text: `guard.types with ${action.type}`,
      apply: (before) => ({ ...before, types: [...before.types, action.type] }),
    })
  if (risk.score > bounds.maxAutoRisk)
    edits.push({
      text: `guard.maxAutoRisk: ${risk.score}`,
      apply: (before) => ({ ...before, maxAutoRisk: risk.score }),
    })
  return [...edits, ...withoutPatterns(current, 'block'), ...withoutPatterns(current, 'ask')]
}

function withoutPatterns(current: CurrentQuestion, key: 'block' | 'ask'): BoundsEdit[] {
  return current.policy.bounds[key]
    .filter((pattern) => matchesAlone(current, { [key]: [pattern] }))
    .map((pattern) => ({
      text: `guard.${key} without ${pattern.type} ${plain(pattern.target, 100)}`,
      apply: (before) => ({
        ...before,
        [key]: before[key].filter((other) => other !== pattern),
      }),
    }))
}

const NO_POLICIES = compilePolicies([])
const STOPPED_CLOCK = { now: () => 0, after: () => () => undefined }

/** Whether a pattern of the bounds matches the question, without anything else. */
function matchesAlone(current: CurrentQuestion, pattern: Partial<GuardBounds>): boolean {
  const bounds = { types: ['*'], block: [], ask: [], allow: [], maxAutoRisk: 100, ...pattern }
  const policy = { ...current.policy, bounds, policies: NO_POLICIES, leases: [] }
  const { reasons } = answerUnder(policy, { ...current, now: 0, clock: STOPPED_CLOCK })
  return reasons.some(({ layer }) => layer === 'lock')
}

/** What no policy, lease or rule can change, in words. */
export function limitsOf(current: CurrentQuestion): string[] {
  const { risk } = current.asked
  const { decision, reasons } = answerUnder(current.policy, current)
  const isLocked = reasons.some(({ layer }) => layer === 'lock')
  const limits =
    isLocked && decision !== 'allow' && decision !== 'warn'
      ? ['the lock demands this: only a change of the template, locked again, can change it']
      : []
  const { maxAutoRisk } = current.policy.bounds
  const excess = risk.score - maxAutoRisk
  if (excess <= 0 || decision === 'block') return limits
  const factors = risk.factors
    .filter(({ points }) => points >= excess)
    .map(({ label, points }) => `${label} +${points}`)
  const cause =
    factors.length > 0
      ? `without one of ${factors.join(', ')} it would be within the limit`
      : 'no single factor is the cause'
  return [...limits, `risk ${risk.score} is over the auto-approve limit ${maxAutoRisk}: ${cause}`]
}

import { sha256 } from '../../../base/canonical.ts'
import {
  brokenIntegrations,
  degradedServers,
  notGreenQuestions,
  staleBranches,
  stalledSessions,
} from './intel.ts'
import {
  APPROVAL_BACKLOG,
  ASSUMPTION_DRIFT,
  AUTONOMY_SPIKE,
  lingering,
  REPEATED_FAILURES,
  silentAgents,
  STALE_RUNNING,
  staleAssumptions,
  staleLoops,
  tooOften,
  unwatchedActions,
  WORKFLOW_STUCK,
} from './rows.ts'
import type { GovernanceSignal, SignalFacts } from './types.ts'

/** All signals that facts give, red before amber. */
export function governanceSignals(facts: SignalFacts, now: number): GovernanceSignal[] {
  const signals = [
    ...silentAgents(facts, now),
    ...tooOften(facts.actionsLastHour, AUTONOMY_SPIKE),
    ...unwatchedActions(facts),
    ...tooOften(facts.failuresLastDay, REPEATED_FAILURES),
    ...staleLoops(facts, now),
    ...tooOften(facts.invalidationsLastWeek, ASSUMPTION_DRIFT),
    ...staleAssumptions(facts, now),
    ...lingering(facts.actions, STALE_RUNNING, now),
    ...lingering(facts.actions, WORKFLOW_STUCK, now),
    ...lingering(facts.actions, APPROVAL_BACKLOG, now),
    ...brokenIntegrations(facts),
    ...stalledSessions(facts, now),
    ...staleBranches(facts, now),
    ...degradedServers(facts, now),
    ...notGreenQuestions(facts, now),
  ]
  return [...signals.filter(isRed), ...signals.filter((signal) => !isRed(signal))]
}

function isRed({ severity }: GovernanceSignal): boolean {
  return severity === 'red'
}

export function signalCounts(signals: readonly GovernanceSignal[]): {
  red: number
  amber: number
  total: number
} {
  const red = signals.filter(isRed).length
  return { red, amber: signals.length - red, total: signals.length }
}

/** The same for the same condition of the same subject, whatever its severity and words. */
export function signalFingerprint(signal: GovernanceSignal): string {
  const { type, agent_id, action_id, loop_id, assumption_id, session_id } = signal
  const provider = type === 'integration_mismatch' ? signal.label : null
  return sha256(
    JSON.stringify([type, agent_id, action_id, loop_id, assumption_id, session_id, provider]),
  )
}

/** Signals that were not there before, each once. */
export function freshSignals(
  signals: readonly GovernanceSignal[],
  known: ReadonlySet<string>,
): GovernanceSignal[] {
  const seen = new Set(known)
  return signals.filter((signal) => {
    const fingerprint = signalFingerprint(signal)
    if (seen.has(fingerprint)) return false
    seen.add(fingerprint)
    return true
  })
}

import type { Verdict } from './types.ts'

/**
 * What is answered while the journal is not trusted, for the reason `distrust`: a person is asked
 * whatever would be allowed, because what allows it may have ended in events that are lost.
 */
export function withDistrust(verdict: Verdict, distrust: string | undefined): Verdict {
  const { decision, reasons, risk, policies, people } = verdict
  if (distrust === undefined || (decision !== 'allow' && decision !== 'warn')) return verdict
  return {
    decision: 'require_approval',
    reasons: [{ layer: 'supervisor', text: distrust }, ...reasons],
    risk,
    policies,
    ...(people === undefined ? {} : { people }),
  }
}

import type { Decision } from '../../policy/types.ts'
import type { StoredPolicy } from '../policies/types.ts'
import type { ControlResult, CoverageSummary } from './rules.ts'

/** How far an organisation covers a framework. */
export interface FrameworkLine {
  /** `soc2`, or `soc2@acme`. */
  id: string
  org: string
  name: string
  version: string
  description: string
  summary: CoverageSummary
  /** What was seen in 30 days. `stopped`: blocked, held or warned. */
  seen: { decisions: number; stopped: number; actions: number }
}

/** A control of a framework, with what the deck calls that. */
export interface ControlLine extends ControlResult {
  id: string
  framework: string
}

/** A decision of the guard that a policy took part in. */
export interface DecisionLine {
  id: string
  kind: 'decision'
  org: string
  /** As the deck names it. */
  agent: string
  type: string
  goal: string
  decision: Decision
  /** Unix milliseconds. */
  at: number
  /** The action of the ledger that was decided about; '' for none. */
  action: string
  policy: string
}

/** What proves that a control is met, or would close its gap. */
export type EvidenceLine =
  | { id: string; kind: 'advice'; text: string }
  | {
      id: string
      kind: 'policy'
      org: string
      policy: string
      name: string
      coverage: 'full' | 'partial'
      rationale: string
    }
  | DecisionLine

/** A policy of the API, with what it decided last. */
export interface PolicyPage {
  policy: Omit<StoredPolicy, 'rules'> & { rules: unknown }
  latest: DecisionLine[]
}

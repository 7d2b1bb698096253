import type { Clock } from '../../base/clock.ts'
import type { AgentBounds } from '../../domain/agents/types.ts'
import type { Guard } from '../../domain/approvals/guard.ts'
import type { RefusedFlow } from '../../domain/egress/types.ts'
import type { CompiledPolicies } from '../../domain/policy/matching/compiled.ts'
import type { Journal } from '../../journal/journal.ts'
import type { Descriptors } from '../descriptors.ts'
import type { Turns } from '../turns/turns.ts'

/** What all gates share. */
export interface GatesParts {
  journal: Journal
  clock: Clock
  turns: Turns
  descriptors: Descriptors
  /** The guard, for what the gates ask. */
  guard: Guard
  refused: (agent: string, flow: RefusedFlow) => Promise<void>
  use: (agent: string, id: string) => Promise<void>
  policies: () => CompiledPolicies
  boundsOf: (agent: string) => AgentBounds | { refusal: string }
  log: (what: string) => void
}

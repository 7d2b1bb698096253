import type { BackendKind, Isolation } from '../../ports/pods.ts'
import type { Drift } from '../templates/types.ts'

export type AgentPhase =
  | 'created'
  | 'starting'
  | 'up'
  | 'stopping'
  | 'stopped'
  | 'exited'
  | 'failed'
  | 'drifted'

/** A row of the fleet: the fold of an agent's events. Times are Unix milliseconds. */
export interface Agent {
  name: string
  template: string
  backend: BackendKind
  isolation: Isolation
  /** What the operator wants. */
  wish: 'up' | 'down'
  /** What is. */
  phase: AgentPhase
  /** When the phase began. */
  since: number
  podId: string
  exitCode: number | null
  /** Why the phase is what it is, when that is not plain: an error, a kill behind our back. */
  note: string
  drift: Drift[]
  /** Limits of the spec that this machine cannot enforce. */
  unenforced: string[]
  /** Hash of the lock that the journal knows for this agent: an older one, however well signed, is drift. */
  lock: string
  /** Address of the guard door from inside, '' while it is shut. */
  door: string
  createdAt: number
  /** Approvals waiting. */
  asking: number
}

export interface TrashedAgent {
  name: string
  template: string
  deletedAt: number
  path: string
}

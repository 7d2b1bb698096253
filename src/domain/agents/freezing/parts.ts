import type { Clock } from '../../../base/clock.ts'
import type { Journal } from '../../../journal/journal.ts'
import type { Draft } from '../../../journal/types.ts'
import type { Backend } from '../../../ports/pods.ts'
import type { AgentReader } from '../read.ts'
import type { Agent } from '../types.ts'
import type { FreezeMark } from './types.ts'

export interface FreezingParts {
  journal: Journal
  clock: Clock
  reader: AgentReader
  backendOf: (agent: Agent) => Backend
  /** Events that hold the questions of agents, and let their time go on. */
  questions: {
    hold(of: (agent: string) => boolean, since: number): Draft[]
    release(of: (agent: string) => boolean, now: number): Draft[]
  }
  /** What was frozen while no supervisor ran, or while it did not answer. */
  marks: { read(): Promise<FreezeMark[]>; remove(): Promise<void> }
  /** Whether somebody of this name asks without a pod: an agent of the governance API. */
  isKnown: (name: string) => boolean
  log: (what: string) => void
}

import type { BackendKind, Isolation, PodSpec, PodFacts, PodUsage } from '../../ports/pods.ts'
import type { Drift, GuardBounds } from '../templates/types.ts'

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

/** What the guard must know of an agent: its signed bounds. */
export interface AgentBounds {
  template: string
  bounds: GuardBounds
}

/** What an agent's answers are bound by: its lock; for one that is gone, the template it was made from. */
export interface EffectiveBounds {
  template: string
  bounds: GuardBounds
  gone: boolean
}

/** What the keeper must know of an agent before its pod may run. */
export interface LaunchSpec {
  spec: PodSpec
  specHash: string
  drift: Drift[]
}

/** All that is known of an agent. */
export interface AgentInspection {
  agent: Agent
  pod: PodFacts | null
  spec: unknown
  lock: unknown
  usage: PodUsage | null
  folder: string
}

export interface AgentService {
  create(
    input: { template: string; agent: string; backend?: BackendKind | undefined },
    actor: string,
  ): Promise<Agent>
  list(): Promise<Agent[]>
  get(agent: string): Promise<Agent>
  start(agent: string, force: boolean, actor: string): Promise<Agent>
  stop(agent: string, actor: string): Promise<Agent>
  restart(agent: string, actor: string): Promise<Agent>
  remove(agent: string, force: boolean, actor: string): Promise<TrashedAgent>
  restore(agent: string, actor: string): Promise<Agent>
  trash(): Promise<TrashedAgent[]>
  inspect(agent: string): Promise<AgentInspection>
  logs(
    agent: string,
    options: { tail: number; follow: boolean; signal: AbortSignal },
  ): AsyncIterable<{ at: number; stream: string; text: string }>
  exec(
    agent: string,
    argv: string[],
    actor: string,
    signal: AbortSignal,
    stdin?: Uint8Array,
  ): AsyncIterable<{ stream: 'stdout' | 'stderr'; base64: string } | { exitCode: number }>
  stats(): Promise<Record<string, PodUsage>>
}

export interface ImageService {
  build(
    options: { tag: string; base: string; noCache: boolean; signal: AbortSignal },
    actor: string,
  ): AsyncIterable<{ line: string } | { tag: string; digest: string }>
}

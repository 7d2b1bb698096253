import type { BackendKind, Isolation, PodSpec, PodFacts, PodUsage } from '../../ports/pods.ts'
import type { FrozenAgent } from './freezing/types.ts'
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
  /** The state that the operator wants. */
  wish: 'up' | 'down'
  /** The state that it is in. */
  phase: AgentPhase
  /** When the phase began. */
  since: number
  podId: string
  exitCode: number | null
  /** Why it is in this phase, where that is not obvious: an error, a change outside of the deck. */
  note: string
  drift: Drift[]
  /** Limits of the spec that this machine cannot enforce. */
  unenforced: string[]
  /**
   * Hash of the agent's lock in the journal. Another lock is drift, even if its signature is good.
   */
  lock: string
  /** Address of the guard door inside the pod, '' while it is closed. */
  door: string
  createdAt: number
  /** The operator who created it or started it last; '' if events do not tell. */
  startedBy: string
  /** How many approvals wait. */
  asking: number
  /** Absent while it is not frozen. */
  frozen?: FrozenAgent
  /** It was thawed, and its pod is about to go on. */
  thawing?: true
}

export interface TrashedAgent {
  name: string
  template: string
  deletedAt: number
  path: string
}
/** What limits the guard's answers to a running agent: its template's signed bounds. */
export interface AgentBounds {
  template: string
  bounds: GuardBounds
}
/** The bounds of any agent. Those of a deleted one are its template's; `gone` is true then. */
export interface EffectiveBounds {
  template: string
  bounds: GuardBounds
  gone: boolean
}
/** What an agent's pod is started from, and how its folder differs from its lock. */
export interface LaunchSpec {
  spec: PodSpec
  specHash: string
  drift: Drift[]
}
export interface AgentService {
  create(
    input: { template: string; agent: string; backend?: BackendKind | undefined },
    actor: string,
  ): Promise<Agent>
  list(): Promise<Agent[]>
  get(agent: string): Promise<Agent>
  /** `force` locks the agent again if it has drifted. */
  start(agent: string, force: boolean, actor: string): Promise<Agent>
  stop(agent: string, actor: string): Promise<Agent>
  restart(agent: string, actor: string): Promise<Agent>
  /** Moves an agent to the trash. `force` stops it first. */
  remove(agent: string, force: boolean, actor: string): Promise<TrashedAgent>
  restore(agent: string, actor: string): Promise<Agent>
  trash(): Promise<TrashedAgent[]>
  inspect(agent: string): Promise<{
    agent: Agent
    pod: PodFacts | null
    spec: unknown
    lock: unknown
    usage: PodUsage | null
    folder: string
  }>
  logs(
    agent: string,
    options: { tail: number; follow: boolean; signal: AbortSignal },
  ): AsyncIterable<{ at: number; stream: string; text: string }>
  /** Runs a command in a running pod. */
  exec(
    agent: string,
    argv: string[],
    actor: string,
    options: { signal: AbortSignal; stdin?: Uint8Array | undefined },
  ): AsyncIterable<{ stream: 'stdout' | 'stderr'; base64: string } | { exitCode: number }>
  stats(): Promise<Record<string, PodUsage>>
}
export interface ImageService {
  build(
    options: { tag: string; base: string; noCache: boolean; signal: AbortSignal },
    actor: string,
  ): AsyncIterable<{ line: string } | { tag: string; digest: string }>
}

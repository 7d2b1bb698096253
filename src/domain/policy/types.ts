import type { Compiled, Drift, Explanation, PolicyLock, Template } from '../templates/types.ts'
import type { Lease } from '../leases/types.ts'

/** Strictness grows to the right; the strictest wins. */
export type Decision = 'allow' | 'warn' | 'require_approval' | 'block'

/** One thing that an agent wants to do, normalised. Unknown fields of the question are kept in `extra`, never trusted. */
export interface Action {
  /** `exec`, `net`, `file`, `tool`, `spend`, `message`, or a custom type (`[a-z][a-z0-9_.-]{0,31}`). */
  type: string
  /** What is acted on: a command line, a URL, a path. At most 4096 characters. */
  target: string
  /** For exec: the words of the command. */
  argv: string[]
  cwd: string
  /** False is a declared danger; null when the agent did not say. */
  reversible: boolean | null
  /** Systems touched, lower-cased. */
  systems: string[]
  goal: string
  scope: string
  /** The agent's own score, which can only raise the risk. */
  claimedRisk: number | null
  extra: Record<string, unknown>
}

export interface Factor {
  label: string
  points: number
}

/** 0–100 and where it comes from. The clamped sum of the factors, or the agent's own score if higher. */
export interface Risk {
  score: number
  factors: Factor[]
}

export type ReasonLayer =
  | 'input'
  | 'lock'
  | 'policy'
  | 'lease'
  | 'rule'
  | 'risk'
  | 'default'
  | 'operator'
  | 'expiry'
  | 'supervisor'

/** Why: which layer, which row of it, in words a person can act on. */
export interface Reason {
  layer: ReasonLayer
  id?: string
  text: string
}

export interface Verdict {
  decision: Decision
  reasons: Reason[]
  risk: Risk
  /** The lease that answered, to be charged for one use. */
  lease?: string
  /** The learned rule that answered. */
  rule?: string
  /** Ids of the operator's policies that matched. */
  policies: string[]
}

/** A policy that the operator wrote (`policies.yaml`). Absent match keys match anything. */
export interface OperatorPolicy {
  id: string
  effect: 'allow' | 'warn' | 'ask' | 'block'
  type?: string
  target?: string
  /** A regular expression over the target, instead of `target`. What asks or blocks is found anywhere in it, what allows has to be all of it. */
  pattern?: string
  /** What allows a command: every option of it is meant, also those that start, write, read or reach something else. */
  options?: 'any'
  agent?: string
  template?: string
  /** Matches when the risk is at least this. */
  riskAtLeast?: number
  /** Matches when the risk is at most this. */
  riskAtMost?: number
  reason?: string
  /** The pack that it comes from; its id is then `<pack>/<id>`. */
  pack?: string
}

/** A row of the policies pane. */
export interface PolicyRow extends OperatorPolicy {
  uses: number
  lastUsedAt: number | null
}

/** What `policies.yaml` says now. With a problem, `policies` are the last good ones. */
export interface PolicyFile {
  policies: OperatorPolicy[]
  path: string
  problem: string | null
  loadedAt: number
}
/** The answer of learned rules. Only a confirmed rule allows. */
export interface Learned {
  says: 'allow' | 'ask' | 'nothing'
  /** The rule that decided. */
  rule?: string
  reasons: Reason[]
}
/** An agent as the supervisor knows it. */
export interface AgentIdentity {
  name: string
  template: string
}
/** A question as a guard door passes it on: its shape and size are checked, its meaning is not. */
export type Question = Omit<Action, 'claimedRisk'> & { risk: Action['claimedRisk'] }
export interface PolicyService {
  show(
    agent: string,
  ): Promise<Omit<Compiled, 'template'> & { template: Template; lock: PolicyLock }>
  explain(agent: string): Promise<Explanation>
  validate(agent: string): Promise<{ agent: string; ok: boolean; drift: Drift[] }>
  list(): Promise<{ policies: PolicyRow[]; file: PolicyFile; leases: Lease[] }>
  add(
    policy: Omit<OperatorPolicy, 'id'> & { id?: string | undefined },
    actor: string,
  ): Promise<OperatorPolicy>
  remove(id: string, actor: string): Promise<OperatorPolicy>
  /** What would be answered. Nobody is asked and nothing is journalled. */
  test(
    agent: string,
    action: {
      type: string
      target: string
      reversible?: boolean | undefined
      systems?: string[] | undefined
      goal?: string | undefined
    },
  ): Promise<Verdict & { action: Action }>
}

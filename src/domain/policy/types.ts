import type { EgressMatch } from '../egress/matching/types.ts'
import type { Compiled, Drift, Explanation, PolicyLock, Template } from '../templates/types.ts'
import type { Lease } from '../leases/types.ts'
import type { PeopleKeys, PeopleRule } from '../operators/people/types.ts'

/** Strictness grows to the right; the strictest wins. */
export type Decision = 'allow' | 'warn' | 'require_approval' | 'block'

/**
 * A normalised action of an agent. Unknown fields of the question are kept in `extra`, never
 * trusted.
 */
export interface Action {
  /**
   * `exec`, `net`, `file`, `tool`, `spend`, `message`, or a custom type (`[a-z][a-z0-9_.-]{0,31}`).
   */
  type: string
  /** What is acted on: a command line, a URL, a path. At most 4096 characters. */
  target: string
  /** For exec: the words of the command. */
  argv: string[]
  cwd: string
  /** As the agent declared it; null if it did not. */
  reversible: boolean | null
  /** Systems touched, lower-cased. */
  systems: string[]
  goal: string
  scope: string
  /** The agent's own score, which can only raise the risk. */
  claimedRisk: number | null
  extra: Record<string, unknown>
  /**
   * Only where the gate asks, which sees what goes out: then the egress list of the lock is its
   * bound. `process` is who asked inside the pod, as far as that was found out; `domain` is the
   * registered domain of the host, or the host where it has none.
   */
  gate?: { process: string; domain: string }
}

export interface Factor {
  label: string
  points: number
}

/** A score from 0 to 100, which is the sum of its factors. */
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

/** Why a decision was made: the layer, its row, and a text that a person can act on. */
export interface Reason {
  layer: ReasonLayer
  id?: string
  text: string
}

export interface Verdict {
  decision: Decision
  reasons: Reason[]
  risk: Risk
  /** The lease that answered. It is charged for one use. */
  lease?: string
  /** The learned rule that answered. */
  rule?: string
  /** Ids of the operator's policies that matched. */
  policies: string[]
  /** Who has to agree where a person decides; absent if one decision of anybody is enough. */
  people?: PeopleRule[]
}

/**
 * A policy of the operator (`policies.yaml`). A missing key matches anything. One that asks may say
 * how many people have to agree.
 */
export interface OperatorPolicy extends PeopleKeys {
  id: string
  effect: 'allow' | 'warn' | 'ask' | 'block'
  type?: string
  target?: string
  /** A regular expression instead of `target`. To allow, it has to match the whole target. */
  pattern?: string
  /**
   * For a command that is allowed: any option, also one that starts, reads or writes something
   * else.
   */
  options?: 'any'
  agent?: string
  template?: string
  /** Matches when the risk is at least this. */
  riskAtLeast?: number
  /** Matches when the risk is at most this. */
  riskAtMost?: number
  reason?: string
  /** For an entry of `egress`: which requests it is about. Its `target` is that in words. */
  egress?: EgressMatch
  /** The pack that it comes from; its id is then `<pack>/<id>`. */
  pack?: string
}

/** A row of the policies pane. */
export interface PolicyRow extends OperatorPolicy {
  uses: number
  lastUsedAt: number | null
}

/** The policy file. If it has a problem, `policies` are the last good ones. */
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
  /**
   * The policies and leases in force. `tooFew`: where more people have to agree than can, so that
   * nobody can allow it, a sentence each.
   */
  list(): Promise<{
    policies: PolicyRow[]
    file: PolicyFile
    leases: Lease[]
    tooFew: string[]
  }>
  add(
    policy: Omit<OperatorPolicy, 'id'> & { id?: string | undefined },
    actor: string,
  ): Promise<OperatorPolicy>
  /**
   * Why a policy lets more through than it may seem, each reason a sentence. Fault
   * `policies.invalid` for one that allows everything.
   */
  breadth(policy: Omit<OperatorPolicy, 'id'>): string[]
  remove(id: string, actor: string): Promise<OperatorPolicy>
  /** The answer that would be given. Nobody is asked and nothing is journalled. */
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

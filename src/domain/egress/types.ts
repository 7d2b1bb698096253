import type { OperatorPolicy } from '../policy/types.ts'
import type { EgressMatch } from './matching/types.ts'

/** Why something did not go out, as the agent is told. */
export interface EgressRefusal {
  code: RefusalCode
  reason: string
  /** What the agent can do about it. */
  next: string
}

export type RefusalCode =
  | 'address.refused'
  | 'approval.denied'
  | 'approval.waits'
  | 'busy'
  | 'host.mismatch'
  | 'limit.rate'
  | 'limit.size'
  | 'name.unresolved'
  | 'not.reachable'
  | 'policy.blocked'
  | 'request.invalid'
  | 'supervisor.unavailable'

/** What a flow was opened by: that is what ends it when it is taken back. */
export interface EgressBasis {
  by: 'approval' | 'lease' | 'policy' | 'rule'
  /** Of the approval, lease or rule; of policies all that matched. */
  ids: string[]
}

/** What may go out, and within which limits. */
export interface EgressPass {
  basis: EgressBasis
  maxBytes: number
}

export type EgressAnswer = { pass: EgressPass } | { refusal: EgressRefusal }

/** What an agent sent to one host, and got from there: what one event adds up. */
export interface HostTally {
  host: string
  port: number
  flows: number
  requests: number
  bytesUp: number
  bytesDown: number
  /** Refusals that have no event of their own, because there were too many. */
  refused: number
  /** The latest decision, in words. */
  decidedBy: string
}

/** All that an agent sent to one host. Times are Unix milliseconds. */
export interface HostUse extends HostTally {
  agent: string
  firstAt: number
  lastAt: number
}

/** An approval of a person for one flow. */
export interface EgressGrant {
  /** The id of the approval. */
  id: string
  agent: string
  /** What was asked: `CONNECT registry.npmjs.org:443`. */
  target: string
  by: string
  at: number
  state: 'open' | 'used' | 'revoked'
}

/** A flow that is open now. */
export interface OpenFlow {
  id: number
  agent: string
  target: string
  host: string
  port: number
  basis: EgressBasis
  since: number
  bytesUp: number
  bytesDown: number
}

/** What leaves pods, for operators. */
export interface EgressOverview {
  hosts: HostUse[]
  open: OpenFlow[]
  grants: EgressGrant[]
  /** The rules of `policies.yaml`, in words. */
  rules: { id: string; effect: string; text: string }[]
}

/** What is written down of a refusal. The host is '' where it could not be read. */
export interface RefusedFlow {
  target: string
  host: string
  port: number
  code: RefusalCode
  reason: string
}

/** A rule that an operator adds to `egress` of `policies.yaml`. */
export type NewEgressRule = Omit<OperatorPolicy, 'id' | 'type' | 'target' | 'egress'> & {
  id?: string
  egress: EgressMatch
}

export interface EgressService {
  /** Adds a rule. Faults: `input.invalid` for a host that is none, `policies.invalid`. */
  add(rule: NewEgressRule, actor: string): Promise<OperatorPolicy>
  overview(agent?: string): Promise<EgressOverview>
  /** Writes down that something of this agent did not go out. */
  refused(agent: string, flow: RefusedFlow): Promise<void>
  /** Writes down that a flow uses what a person allowed. Fault `not.possible`. */
  use(agent: string, id: string): Promise<void>
  /** Takes back what a person allowed once, and ends the flows that it opened. */
  revoke(id: string, actor: string): Promise<EgressGrant>
  /** Ends the open flows of an agent, to one host or to all. */
  end(agent: string, host: string | undefined, actor: string): Promise<{ ended: number }>
}

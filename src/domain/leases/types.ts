import type { Voter } from '../operators/people/types.ts'

/** A bounded approval: what it covers, how often, until when. */
export interface Lease {
  id: string
  /** An agent's name, or `*`. */
  agent: string
  type: string
  /** A glob over the target. In a command, a star never matches a shell operator. */
  target: string
  /** The highest risk that it covers. */
  maxRisk: number
  uses: number
  usesLeft: number
  grantedAt: number
  expiresAt: number
  grantedBy: string
  /** Everybody who agreed to it, where the journal knows them. */
  agreedBy?: Voter[]
  state: 'active' | 'spent' | 'expired' | 'revoked'
}
/** What an operator grants. `target` defaults to exactly what was asked. */
export interface LeaseTerms {
  target?: string | undefined
  agent?: string | undefined
  uses: number
  minutes: number
}
/** The same with nothing left open. */
export interface WholeTerms {
  target: string
  agent: string
  uses: number
  minutes: number
}

export interface LeaseService {
  list(state: 'active' | 'all'): Promise<Lease[]>
  revoke(id: string, actor: string): Promise<Lease>
}

/** What a person, or a program with a key, may do at this deck. */
export type OperatorRole = 'owner' | 'operator' | 'viewer'

/** Somebody who may work with this deck: a person, or whatever holds an API key. */
export interface Operator {
  /** Their name as it is typed: a–z, 0–9, `.`, `_` and `-`. */
  id: string
  kind: 'person' | 'key'
  role: OperatorRole
  /** The agents that they may see and work with; null for the whole deck. */
  agents: string[] | null
  /** The person who runs the supervisor, and is known by their user account. */
  local: boolean
  /** SHA-256 of an API key, in hexadecimal. The key itself is stored nowhere. */
  keyHash: string | null
  addedAt: number
  addedBy: string
  state: 'active' | 'removed'
}

/** An operator as shown, and where they are now. */
export interface OperatorRow extends Omit<Operator, 'keyHash'> {
  /** Consoles of theirs that follow the deck, oldest first. */
  here: Presence[]
}

/** An open console of an operator. */
export interface Presence {
  id: string
  door: string
  since: number
}

/** Rights that are given. `agents` null means the whole deck. */
export interface Rights {
  role: OperatorRole
  agents: string[] | null
}

/** Without `agents`, those that somebody may work with stay the same. */
export interface ChangedRights {
  role: OperatorRole
  agents?: string[] | null | undefined
}

export interface OperatorService {
  list(state: 'active' | 'all'): Promise<OperatorRow[]>
  /** Adds a person. Faults: `usage` (the name is taken). */
  add(id: string, rights: Rights, actor: string): Promise<OperatorRow>
  /**
   * Adds an operator who proves who they are by a key, and answers the key: it is shown only here.
   */
  addKey(id: string, rights: Rights, actor: string): Promise<{ operator: OperatorRow; key: string }>
  /** Changes rights, at once on every door. Faults: `not.found`, `not.possible`. */
  give(id: string, rights: ChangedRights, actor: string): Promise<OperatorRow>
  /** Ends all rights, at once on every door. Faults: `not.found`, `not.possible`. */
  remove(id: string, actor: string): Promise<OperatorRow>
}

/** What doors and consoles need of operators, besides the service. */
export interface OperatorAccess {
  /** The person who runs the supervisor. */
  local(): Operator
  /** This operator, unless they were removed. */
  active(id: string): Operator | undefined
  /** Whose key this is; undefined for a key that is unknown or revoked. */
  withKey(key: string): Operator | undefined
  /** Aborted as soon as the rights of this operator, or the trust in this device, change or end. */
  whileTrusted(id: string): AbortSignal
  /** Ends what doors do for this operator or device. */
  distrust(id: string, why: string): void
  /** Writes down that a console of an operator follows the deck, until the signal is aborted. */
  present(id: string, door: string, signal: AbortSignal): void
  /** Every operator that there was. */
  all(): Operator[]
  /** The active operators, and where they are. */
  rows(): OperatorRow[]
  /** Calls when somebody came, left, or has other rights. */
  onChange(listener: () => void): void
}

import { createHash, randomUUID } from 'node:crypto'
import type { Clock } from '../../../base/clock.ts'
import { Fault } from '../../../base/fault.ts'
import type { PermissionLevel } from '../policies/types.ts'
import type { RecordAuthor, RecordChanges, RecordStore } from '../records/service.ts'
import { requireNo, required } from '../refusals.ts'
import {
  checkSignature,
  identityKey,
  SIGNATURE_ALGORITHM,
  signatureRefusal,
  type SignatureDemand,
} from '../signatures/rules.ts'
import {
  IDENTITY_PAIRING_TIME,
  identityPairingExpiry,
  identityPairingStatus,
  whyNotApproveIdentity,
} from './rules.ts'

/** A request of an agent to have its key known, as it is stored. */
interface StoredPairing {
  id: string
  agent_id: string
  agent_name: string | null
  algorithm: string
  public_key: string
  /** SHA-256 of the key, by which people compare it. */
  fingerprint: string
  permission_level: PermissionLevel | null
  status: 'pending' | 'approved' | 'expired'
  created_at: string
  expires_at: string
}

/** What others see of a pairing. */
export type ShownPairing = Omit<StoredPairing, 'public_key'>

interface StoredIdentity {
  agent_id: string
  algorithm: string
  public_key: string
  fingerprint: string
  created_at: string
  updated_at: string
}

/** What others see of an identity. */
export type ShownIdentity = Omit<StoredIdentity, 'public_key'>

/** A key that an agent, or an admin for it, brings. */
interface BroughtKey {
  agent_id: string
  public_key: string
  algorithm: string
}

/** What became of the signature of a request. */
export type SignatureVerdict =
  | { refusal: 'SIGNATURE_REQUIRED' | 'INVALID_AGENT_SIGNATURE'; why: string }
  | { refusal: undefined; verified: boolean; signature: string | null }

interface IdentityParts {
  records: RecordStore
  clock: Clock
  /** Whose actions have to be signed. */
  demand: SignatureDemand
}

/** Keys of agents: how they become known, and what was signed by them. */
export class Identities {
  readonly #parts: IdentityParts

  constructor(parts: IdentityParts) {
    this.#parts = parts
  }

  /** Notes a key that waits for the approval of an admin. Fault `input.invalid`. */
  async pair(
    author: RecordAuthor,
    {
      agent_name,
      permission_level,
      ...brought
    }: BroughtKey & { agent_name: string | null; permission_level: PermissionLevel | null },
  ): Promise<ShownPairing> {
    const key = readKey(brought)
    return this.#parts.records.write(author, (changes) => {
      const pairing: StoredPairing = {
        id: `pair_${randomUUID()}`,
        ...key,
        agent_name,
        permission_level,
        status: 'pending',
        created_at: changes.now,
        expires_at: identityPairingExpiry(Date.parse(changes.now)),
      }
      changes.make('pairing', pairing.id, pairing)
      return shownPairing(pairing, this.#parts.clock.now())
    })
  }

  /** A pairing as it stands now. Fault `not.found`. */
  pairing(org: string, id: string): ShownPairing {
    const found = this.#parts.records.get<StoredPairing>(org, 'pairing', id)
    return shownPairing(required(found, `Pairing ${id}`), this.#parts.clock.now())
  }

  /** Pairings, the newest first; those that stand so, if it is said how. */
  pairings(
    org: string,
    { status, ...page }: { status: string; limit: number; offset: number },
  ): ShownPairing[] {
    const { records, clock } = this.#parts
    const now = clock.now()
    const isOpen = status === 'pending' || status === 'expired'
    const begin = now - IDENTITY_PAIRING_TIME
    return records
      .find<StoredPairing>(org, 'pairing', {
        ...page,
        status: isOpen ? 'pending' : status,
        ...(status === 'pending' ? { from: begin } : {}),
        ...(status === 'expired' ? { before: begin } : {}),
      })
      .map((pairing) => shownPairing(pairing, now))
  }

  /**
   * Makes the key of a pairing known, in the place of one that the agent had. Faults: `not.found`,
   * `not.possible` for one that is approved already, `expired`.
   */
  async approve(
    author: RecordAuthor,
    id: string,
    level: PermissionLevel | undefined,
  ): Promise<ShownIdentity> {
    const { records, clock } = this.#parts
    return records.write(author, (changes) => {
      const pairing = changes.get<StoredPairing>('pairing', id)
      requireNo(whyNotApproveIdentity(pairing, clock.now()))
      const approved = pairing as StoredPairing
      changes.change('pairing', id, {
        status: 'approved',
        approved_at: changes.now,
        approved_by: author.actor,
        permission_level: level ?? approved.permission_level,
      })
      return known(changes, approved)
    })
  }

  /** Makes a key known without a pairing. Fault `input.invalid`. */
  async register(author: RecordAuthor, brought: BroughtKey): Promise<ShownIdentity> {
    const key = readKey(brought)
    return this.#parts.records.write(author, (changes) => known(changes, key))
  }

  list(org: string, page: { limit: number; offset: number }): ShownIdentity[] {
    return this.#parts.records.find<StoredIdentity>(org, 'identity', page).map(shownIdentity)
  }

  /** Forgets the key of an agent. Fault `not.found`. */
  async revoke(author: RecordAuthor, agent: string): Promise<void> {
    await this.#parts.records.write(author, (changes) => {
      required(changes.get('identity', agent), `An identity of ${agent}`)
      changes.remove('identity', agent)
    })
  }

  /** Checks the signature of a request that an agent is said to have sent. */
  signed(
    org: string,
    { agentId, raw, signature }: { agentId: string; raw: string; signature: unknown },
  ): SignatureVerdict {
    const { records, demand } = this.#parts
    const identity = records.get<StoredIdentity>(org, 'identity', agentId)
    const read = identity === undefined ? undefined : identityKey(identity.public_key)
    const check = checkSignature(
      raw,
      signature,
      read !== undefined && 'key' in read ? read.key : null,
    )
    const refusal = signatureRefusal(check, demand, identity !== undefined)
    if (refusal !== undefined)
      return { refusal, why: check.kind === 'invalid' ? check.why : WHY[refusal] }
    const verified = check.kind === 'verified'
    return { refusal, verified, signature: verified ? String(signature) : null }
  }
}

const WHY = {
  SIGNATURE_REQUIRED: 'actions of this agent have to be signed by its key',
  INVALID_AGENT_SIGNATURE: 'no key of this agent is known',
}

function readKey({ agent_id, public_key, algorithm }: BroughtKey) {
  if (algorithm !== SIGNATURE_ALGORITHM)
    throw new Fault('input.invalid', `algorithm must be ${SIGNATURE_ALGORITHM}`)
  const read = identityKey(public_key)
  if ('problem' in read) throw new Fault('input.invalid', read.problem)
  const der = read.key.export({ type: 'spki', format: 'der' })
  const fingerprint = createHash('sha256').update(der).digest('hex')
  return { agent_id, algorithm, public_key, fingerprint }
}

function known(
  changes: RecordChanges,
  { agent_id, algorithm, public_key, fingerprint }: ReturnType<typeof readKey>,
): ShownIdentity {
  const before = changes.get<StoredIdentity>('identity', agent_id)
  const identity: StoredIdentity = {
    agent_id,
    algorithm,
    public_key,
    fingerprint,
    created_at: before?.created_at ?? changes.now,
    updated_at: changes.now,
  }
  if (before === undefined) changes.make('identity', agent_id, identity)
  else changes.change('identity', agent_id, identity)
  return shownIdentity(identity)
}

function shownPairing({ public_key: _key, ...pairing }: StoredPairing, now: number): ShownPairing {
  return { ...pairing, status: identityPairingStatus(pairing, now) }
}

function shownIdentity({ public_key: _key, ...identity }: StoredIdentity): ShownIdentity {
  return identity
}

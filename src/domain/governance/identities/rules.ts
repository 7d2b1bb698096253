import { MINUTE } from '../times.ts'
import type { GovernanceRefusal } from '../types.ts'

/** A request of an agent to have its key known. */
interface IdentityPairing {
  status: 'pending' | 'approved' | 'expired'
  expires_at: string
}

export const IDENTITY_PAIRING_TIME = 15 * MINUTE

export function identityPairingExpiry(createdAt: number): string {
  return new Date(createdAt + IDENTITY_PAIRING_TIME).toISOString()
}

/** How a pairing stands now: a pending one expires by itself. */
export function identityPairingStatus(
  { status, expires_at }: IdentityPairing,
  now: number,
): IdentityPairing['status'] {
  const over = !(now < Date.parse(expires_at))
  return status === 'pending' && over ? 'expired' : status
}

/** Why a pairing cannot be approved, or undefined. */
export function whyNotApproveIdentity(
  pairing: IdentityPairing | undefined,
  now: number,
): GovernanceRefusal | undefined {
  if (pairing === undefined) return { kind: 'missing', reason: 'No pairing with this id' }
  switch (identityPairingStatus(pairing, now)) {
    case 'approved':
      return { kind: 'conflict', reason: 'The pairing is already approved' }
    case 'expired':
      return { kind: 'gone', reason: 'The pairing has expired; the agent has to ask again' }
    case 'pending':
      return undefined
  }
}

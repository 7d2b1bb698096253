import { constants, createPublicKey, verify, type KeyObject } from 'node:crypto'
import { canonicalBodies } from './canonical-body.ts'

export const SIGNATURE_ALGORITHM = 'RSASSA-PKCS1-v1_5'
const LEAST_BITS = 2048
const MOST_BITS = 8192
const MAX_KEY_TEXT = 4096

/** The RSA key of a PEM text (SPKI), or why it cannot be used. */
export function identityKey(pem: string): { key: KeyObject } | { problem: string } {
  const isPublic = pem.length <= MAX_KEY_TEXT && /^\s*-----BEGIN PUBLIC KEY-----/.test(pem)
  if (!isPublic) return { problem: 'public_key must be an SPKI public key in PEM' }
  try {
    const key = createPublicKey({ key: pem, format: 'pem' })
    const bits = key.asymmetricKeyDetails?.modulusLength ?? 0
    if (key.asymmetricKeyType !== 'rsa') return { problem: 'public_key must be an RSA key' }
    if (bits >= LEAST_BITS && bits <= MOST_BITS) return { key }
    return { problem: `public_key must have ${LEAST_BITS} to ${MOST_BITS} bits` }
  } catch {
    return { problem: 'public_key cannot be read' }
  }
}

/** What became of a body's signature. */
export type SignatureCheck =
  | { kind: 'unsigned' }
  /** Signed by an agent of which no key is known. */
  | { kind: 'unknown-agent' }
  | { kind: 'verified' }
  | { kind: 'invalid'; why: string }

const MAX_SIGNATURE = 2048

/**
 * Checks the signature of a request's body, as it came over the wire, with the key of the agent
 * that the body names.
 */
export function checkSignature(
  raw: string,
  signature: unknown,
  key: KeyObject | null,
): SignatureCheck {
  if (signature === undefined || signature === null || signature === '') return { kind: 'unsigned' }
  if (key === null) return { kind: 'unknown-agent' }
  const bytes = signatureBytes(signature)
  if (bytes === undefined) return { kind: 'invalid', why: '_signature is no base64 text' }
  const bodies = canonicalBodies(raw)
  if ('problem' in bodies) return { kind: 'invalid', why: bodies.problem }
  const padding = constants.RSA_PKCS1_PADDING
  const signed = bodies.some((body) =>
    verify('sha256', Buffer.from(body, 'utf8'), { key, padding }, bytes),
  )
  return signed
    ? { kind: 'verified' }
    : { kind: 'invalid', why: 'the signature is not by the key of this agent' }
}

function signatureBytes(signature: unknown): Buffer | undefined {
  if (typeof signature !== 'string' || signature.length > MAX_SIGNATURE) return undefined
  return /^[A-Za-z0-9+/]+={0,2}$/.test(signature) ? Buffer.from(signature, 'base64') : undefined
}

/** Whose actions have to be signed: nobody's, those of agents with a known key, or everybody's. */
export type SignatureDemand = 'off' | 'known' | 'all'

/** The code that an action is refused with because of its signature, or undefined. */
export function signatureRefusal(
  check: SignatureCheck,
  demand: SignatureDemand,
  hasIdentity: boolean,
): 'SIGNATURE_REQUIRED' | 'INVALID_AGENT_SIGNATURE' | undefined {
  if (check.kind === 'verified' || demand === 'off') return undefined
  if (demand === 'known' && !hasIdentity) return undefined
  return check.kind === 'unsigned' ? 'SIGNATURE_REQUIRED' : 'INVALID_AGENT_SIGNATURE'
}

import { createHash, createPublicKey, type JsonWebKey, type KeyObject } from 'node:crypto'
import { Fault } from '../../../base/fault.ts'
import type { Agent } from '../types.ts'
import type { AgentKey, SigningKey } from './types.ts'

/** How long a request waits for confirmation. */
export const REQUEST_MS = 10 * 60_000
/** So many requests wait at a time. */
export const MOST_REQUESTS = 20
/** Shorter RSA keys are not safe. */
const LEAST_RSA_BITS = 2048
const MOST_RSA_BITS = 8192
/** More is no public key. */
export const MOST_KEY_CHARACTERS = 8192

/**
 * The public key in a PEM text (SPKI, or PKCS #1 for RSA) or a JWK. Fault `input.invalid` for what
 * is no key of a known kind, and for a private key.
 */
export function parseKey(text: string): SigningKey {
  if (text.length > MOST_KEY_CHARACTERS) throw badKeyFault('it is too long')
  if (/PRIVATE KEY/.test(text)) throw badKeyFault('it is a private key, which only its agent has')
  const key = publicKeyIn(text.trim())
  const spki = key.export({ type: 'spki', format: 'der' }).toString('base64')
  return { type: kindOf(key), spki }
}

function publicKeyIn(text: string): KeyObject {
  try {
    if (!text.startsWith('{')) return createPublicKey(text)
    const jwk = JSON.parse(text) as JsonWebKey
    if ('d' in jwk) throw badKeyFault('it is a private key, which only its agent has')
    return createPublicKey({ key: jwk, format: 'jwk' })
  } catch (cause) {
    throw cause instanceof Fault ? cause : badKeyFault('it cannot be read', cause)
  }
}

function kindOf({ asymmetricKeyType, asymmetricKeyDetails }: KeyObject): SigningKey['type'] {
  const { namedCurve, modulusLength = 0 } = asymmetricKeyDetails ?? {}
  if (asymmetricKeyType === 'ed25519') return 'ed25519'
  if (asymmetricKeyType === 'ec' && namedCurve === 'prime256v1') return 'p256'
  if (asymmetricKeyType !== 'rsa') throw badKeyFault(`it is a key of type ${asymmetricKeyType}`)
  if (modulusLength < LEAST_RSA_BITS || modulusLength > MOST_RSA_BITS)
    throw badKeyFault(
      `an RSA key has ${LEAST_RSA_BITS} to ${MOST_RSA_BITS} bits, not ${modulusLength}`,
    )
  return 'rsa'
}

function badKeyFault(why: string, cause?: unknown): Fault {
  return new Fault('input.invalid', `key: ${why}`, {
    cause,
    hint: 'Send the public key of an Ed25519, P-256 or RSA pair, as PEM or JWK: `openssl pkey -in key.pem -pubout`.',
  })
}

/** SHA-256 of a key's SPKI DER, in hexadecimal: `openssl pkey -pubin -outform DER | sha256sum`. */
export function keyFingerprint({ spki }: SigningKey): string {
  return createHash('sha256').update(Buffer.from(spki, 'base64')).digest('hex')
}

/** The part of a fingerprint that a person compares: 64 bits. */
export function comparedPart({ fingerprint }: Pick<AgentKey, 'fingerprint'>): string {
  return fingerprint.slice(0, 16)
}

/** Why a key cannot be …, or nothing. `now` in Unix milliseconds. */
export const agentKeyCan = {
  belongTo(agent: Agent | undefined, name: string): string | undefined {
    if (agent === undefined) return `there is no agent ${name}`
    if (agent.isolation === 'elsewhere') return undefined
    return `${name} runs in a pod: it asks at its guard door, which needs no key`
  },
  beTrusted({ state, expiresAt }: AgentKey, now: number): string | undefined {
    if (state !== 'requested') return `it is ${state} already`
    return isTooLate(expiresAt, now) ? 'its time is over' : undefined
  },
  end({ state }: AgentKey): string | undefined {
    return state === 'requested' || state === 'trusted' ? undefined : `it is ${state} already`
  },
}

/** Whether a request has waited too long. */
export function isTooLate(expiresAt: number | null, now: number): boolean {
  return expiresAt !== null && now >= expiresAt
}

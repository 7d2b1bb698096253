import { createHash, createPublicKey, randomBytes, verify, type KeyObject } from 'node:crypto'
import { canonical } from '../../../base/canonical.ts'
import type { Operator, Rights } from '../types.ts'
import type {
  Device,
  DeviceIdentity,
  DeviceKey,
  Pairing,
  PairingKind,
  PairingRow,
} from './types.ts'

/** How long an offer is open when nothing else is said, in seconds. */
export const OFFER_SECONDS = 60
/** So many wrong tokens lock every open offer. */
export const MOST_BAD_TRIES = 5
/** How long somebody has for confirming, once a device has taken the offer. */
export const CONFIRM_MS = 10 * 60_000

/** 144 random bits: a link with them still fits into a small QR code. */
const TOKEN_BYTES = 18
/** Base64url of so many bytes, which a deep link of Telegram may hold. */
const TOKEN = /^[A-Za-z0-9_-]{24}$/

/** What an offer is taken with. On a command line it must not look like an option. */
export function newToken(): string {
  const token = randomBytes(TOKEN_BYTES).toString('base64url')
  return token.startsWith('-') ? newToken() : token
}

/** Whether a text can be a token at all. */
export function isToken(text: string): boolean {
  return TOKEN.test(text)
}

export function tokenHash(token: string): string {
  return createHash('sha256').update(token).digest('hex')
}

/** An identity as one text: equal for what is the same, and for nothing else. */
export function identityText(identity: DeviceIdentity): string {
  return `${identity.type} ${identity.type === 'telegram' ? identity.user : identity.spki}`
}

/**
 * Six digits that both sides compute and show: another token, or another identity put in between,
 * shows another code to one of them.
 */
export function pairingCode(token: string, identity: DeviceIdentity): string {
  const digest = createHash('sha256')
    .update(`${token}\n${identityText(identity)}`)
    .digest()
  return String(digest.readUInt32BE(0) % 1_000_000).padStart(6, '0')
}

/** By what each kind of device can be known. */
const IDENTITIES: Readonly<Record<PairingKind, readonly DeviceIdentity['type'][]>> = {
  agent: ['ed25519', 'p256', 'rsa'],
  console: ['ed25519', 'p256'],
  device: ['p256'],
  telegram: ['telegram'],
}

/** Whether a device of this kind can be known by an identity of this type. */
export function isKnownBy(kind: PairingKind, type: DeviceIdentity['type']): boolean {
  return IDENTITIES[kind].includes(type)
}

/** Why a device of this kind cannot be known by this, or nothing. */
export function badIdentity(kind: PairingKind, identity: DeviceIdentity): string | undefined {
  if (!isKnownBy(kind, identity.type)) return `a ${kind} is not known by ${identity.type}`
  if (identity.type !== 'telegram') return badKey(identity)
  return Number.isSafeInteger(identity.user) && identity.user > 0
    ? undefined
    : 'that is no account of a person'
}

function badKey(key: DeviceKey): string | undefined {
  try {
    const { asymmetricKeyType, asymmetricKeyDetails } = publicKeyOf(key.spki)
    const right =
      key.type === 'p256'
        ? asymmetricKeyType === 'ec' && asymmetricKeyDetails?.namedCurve === 'prime256v1'
        : asymmetricKeyType === key.type
    return right ? undefined : `the key is not a public key of type ${key.type}`
  } catch {
    return 'the key is not a public key'
  }
}

/**
 * Whether a device signed this text: base64 of an Ed25519 signature, or of an ECDSA one as
 * WebCrypto makes it. Never throws.
 */
export function signedBy({ identity: key }: Device, text: string, signature: string): boolean {
  if (key.type === 'telegram' || key.type === 'rsa') return false
  const bytes = Buffer.from(signature, 'base64')
  if (bytes.length !== 64 || bytes.toString('base64') !== signature) return false
  try {
    const publicKey = publicKeyOf(key.spki)
    return key.type === 'ed25519'
      ? verify(null, Buffer.from(text), publicKey, bytes)
      : verify('sha256', Buffer.from(text), { key: publicKey, dsaEncoding: 'ieee-p1363' }, bytes)
  } catch {
    return false
  }
}

function publicKeyOf(spki: string): KeyObject {
  return createPublicKey({ key: Buffer.from(spki, 'base64'), format: 'der', type: 'spki' })
}

/** Why a pairing cannot be …, or nothing. `now` in Unix milliseconds. */
export const pairingCan = {
  takeDevice({ state, expiresAt }: Pairing, now: number): string | undefined {
    if (state !== 'open') return `it is ${state}`
    return now >= expiresAt ? 'its time is over' : undefined
  },
  beConfirmed({ state, expiresAt }: Pairing, now: number): string | undefined {
    if (state === 'open') return 'no device has taken the offer yet'
    if (state !== 'presented') return `it is ${state} already`
    return now >= expiresAt ? 'its time is over' : undefined
  },
  /** An offer to an agent is taken by it, and any other by no agent. */
  beTakenBy(pairing: Pairing, agent: string | undefined): boolean {
    return offeredAgent(pairing) === agent
  },
  /** Who confirms trusts a device with the rights that were known when it was offered. */
  goTo({ rights }: Pairing, operator: Operator): string | undefined {
    return canonical(rights) === canonical(rightsOf(operator))
      ? undefined
      : `the rights of ${operator.id} were changed since it was offered`
  },
  beRefused({ state }: Pairing): string | undefined {
    return isOver(state) ? `it is ${state} already` : undefined
  },
}

/** The agent whose key an offer is for; undefined for one to a device. */
export function offeredAgent({
  kind,
  rights,
}: Pick<Pairing, 'kind' | 'rights'>): string | undefined {
  return kind === 'agent' ? (rights.agents?.[0] ?? '') : undefined
}

/** The rights of an operator alone. */
export function rightsOf({ role, agents }: Rights): Rights {
  return { role, agents }
}

export function isOver(state: Pairing['state']): boolean {
  return state !== 'open' && state !== 'presented'
}

/** A pairing as it may be shown. */
export function pairingRow(pairing: Pairing): PairingRow {
  const { tokenHash: _hash, ...row } = pairing
  return row
}

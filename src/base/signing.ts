import {
  createHash,
  createHmac,
  createPublicKey,
  createSecretKey,
  sign,
  verify,
  type KeyObject,
} from 'node:crypto'

/** Verifies what one host key signed. */
export interface HostVerifier {
  /** `ed25519:` and the first 16 hex digits of the SHA-256 of the raw public key. */
  readonly keyId: string
  /** SPKI PEM, safe to hand out. */
  readonly publicKey: string
  /** Whether `signature` (base64) is this key's signature of the UTF-8 of `text`. Never throws. */
  verify(text: string, signature: string): boolean
}

/** The key that signs locks and journal checkpoints. The private key never leaves this object. */
export interface HostKey extends HostVerifier {
  /** Base64 Ed25519 signature of the UTF-8 of `text`. */
  sign(text: string): string
  /**
   * Hex HMAC-SHA-256 of `text`, which only this key can make and check: for what this host alone
   * reads again. Far faster than a signature.
   */
  authenticate(text: string): string
}

/** Throws a TypeError when `privateKey` is not an Ed25519 key. */
export function hostKeyOf(privateKey: KeyObject): HostKey {
  // Ed25519 signatures are deterministic, so this one is a secret that belongs to the key.
  const secret = createSecretKey(sign(null, Buffer.from('clawdeck authentication key'), privateKey))
  return {
    ...verifierOf(createPublicKey(privateKey)),
    sign: (text) => sign(null, Buffer.from(text), privateKey).toString('base64'),
    authenticate: (text) => createHmac('sha256', secret).update(text).digest('hex'),
  }
}

function verifierOf(publicKey: KeyObject): HostVerifier {
  const { crv, x } = publicKey.export({ format: 'jwk' })
  if (crv !== 'Ed25519' || x === undefined) throw new TypeError('not an Ed25519 key')
  const digest = createHash('sha256').update(Buffer.from(x, 'base64url')).digest('hex')
  return {
    keyId: `ed25519:${digest.slice(0, 16)}`,
    publicKey: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
    verify: (text, signature) =>
      isSignature(signature) &&
      verify(null, Buffer.from(text), publicKey, Buffer.from(signature, 'base64')),
  }
}

/**
 * Only the canonical base64 form is accepted, so that a lock cannot be altered and still verify.
 */
function isSignature(text: string): boolean {
  return text.length === 88 && Buffer.from(text, 'base64').toString('base64') === text
}

import { DeckClientError } from './errors.ts'

const RSA = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' } as const

/** The `CryptoKey` of the platform. */
export type PlatformKey = Awaited<ReturnType<typeof crypto.subtle.importKey>>

/** An RSA key as JWK; a private one has `d` and the rest. */
export interface RsaJwk {
  kty?: string
  n?: string
  e?: string
  d?: string
  p?: string
  q?: string
  dp?: string
  dq?: string
  qi?: string
}

/** A private RSA key: PEM (PKCS#8 or PKCS#1), JWK, or a `CryptoKey` that may sign. */
export type PrivateKeySource = string | RsaJwk | PlatformKey

/** A new pair of RSA keys for signing, in the forms that are stored and sent. */
export interface ClientKeyPair {
  readonly privateKeyPem: string
  readonly publicKeyPem: string
  readonly privateJwk: RsaJwk
}

/** Makes a pair of keys: keep the private one, send the public one with `createPairing`. */
export async function generateAgentKeys(modulusLength = 2048): Promise<ClientKeyPair> {
  const pair = await crypto.subtle.generateKey(
    { ...RSA, modulusLength, publicExponent: new Uint8Array([1, 0, 1]) },
    true,
    ['sign', 'verify'],
  )
  return {
    privateKeyPem: pem('PRIVATE KEY', await crypto.subtle.exportKey('pkcs8', pair.privateKey)),
    publicKeyPem: pem('PUBLIC KEY', await crypto.subtle.exportKey('spki', pair.publicKey)),
    privateJwk: await crypto.subtle.exportKey('jwk', pair.privateKey),
  }
}

export async function importPrivateKey(
  source: PrivateKeySource,
  extractable = false,
): Promise<PlatformKey> {
  try {
    if (source instanceof CryptoKey) return source
    if (typeof source !== 'string')
      return await crypto.subtle.importKey('jwk', bareJwk(source), RSA, extractable, ['sign'])
    return await crypto.subtle.importKey('pkcs8', pkcs8Of(source), RSA, extractable, ['sign'])
  } catch (cause) {
    if (cause instanceof DeckClientError) throw cause
    throw keyError('The private key cannot be used: it has to be an RSA key', cause)
  }
}

/** The public half of a private key, as SPKI PEM. A `CryptoKey` has to be extractable. */
export async function publicKeyPemOf(source: PrivateKeySource): Promise<string> {
  try {
    const key = await importPrivateKey(source, true)
    const { kty = 'RSA', n, e } = await crypto.subtle.exportKey('jwk', key)
    if (n === undefined || e === undefined) throw new TypeError('no modulus')
    const half = await crypto.subtle.importKey('jwk', { kty, n, e }, RSA, true, ['verify'])
    return pem('PUBLIC KEY', await crypto.subtle.exportKey('spki', half))
  } catch (cause) {
    if (cause instanceof DeckClientError) throw cause
    throw keyError('The public key cannot be derived', cause)
  }
}

/** RSA PKCS#1 v1.5 with SHA-256 over the text in UTF-8, as base64. */
export async function rsaSignature(key: PlatformKey, text: string): Promise<string> {
  try {
    const bytes = await crypto.subtle.sign(RSA.name, key, new TextEncoder().encode(text))
    return base64Of(new Uint8Array(bytes))
  } catch (cause) {
    throw keyError('The private key cannot sign', cause)
  }
}

/** `alg`, `use` and `key_ops` of a stored JWK must not decide whether it can be imported. */
function bareJwk({ kty, n, e, d, p, q, dp, dq, qi }: RsaJwk): RsaJwk {
  const parts = Object.entries({ kty, n, e, d, p, q, dp, dq, qi })
  return Object.fromEntries(parts.filter(([, value]) => value !== undefined))
}

function pkcs8Of(text: string): Uint8Array<ArrayBuffer> {
  const match = /-----BEGIN (RSA )?PRIVATE KEY-----([A-Za-z0-9+/=\s]+)-----END/.exec(text)
  if (match === null) throw keyError('Expected a PEM with BEGIN PRIVATE KEY, without a passphrase')
  const bytes = Uint8Array.from(atob((match[2] as string).replace(/\s/g, '')), (char) =>
    char.charCodeAt(0),
  )
  return match[1] === undefined ? bytes : wrapped(bytes)
}

/** PKCS#1 inside of PKCS#8: version 0, the algorithm rsaEncryption, the key as an octet string. */
function wrapped(key: Uint8Array): Uint8Array<ArrayBuffer> {
  const version = [0x02, 0x01, 0x00]
  const algorithm = [0x30, 13, 6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 1, 5, 0]
  return der(0x30, Uint8Array.from([...version, ...algorithm, ...der(0x04, key)]))
}

function der(tag: number, content: Uint8Array): Uint8Array<ArrayBuffer> {
  const size = content.length
  const length = size < 128 ? [size] : [0x82, size >> 8, size & 0xff]
  return Uint8Array.from([tag, ...length, ...content])
}

function pem(label: string, bytes: ArrayBuffer): string {
  const lines = base64Of(new Uint8Array(bytes)).match(/.{1,64}/g) ?? []
  return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ''].join('\n')
}

function base64Of(bytes: Uint8Array): string {
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''))
}

function keyError(message: string, cause?: unknown): DeckClientError {
  return new DeckClientError(message, { code: 'SIGNING_FAILED', cause })
}

import { createHash, randomBytes } from 'node:crypto'

/** 256 random bits: what an API key is, besides its first letters. */
const SECRET_BYTES = 32
const PREFIX = 'cdk_'

/** A new API key, as it is shown once. */
export function newKey(): string {
  return PREFIX + randomBytes(SECRET_BYTES).toString('base64url')
}

/**
 * What is stored of a key, in hexadecimal. A key is random enough that a plain SHA-256 cannot be
 * searched, and a look-up by the hash tells by its time nothing about a key.
 */
export function keyHash(key: string): string {
  return createHash('sha256').update(key).digest('hex')
}

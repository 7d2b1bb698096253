import { randomBytes, randomUUID } from 'node:crypto'

const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz'

/** A fresh id: `prefix_` and 13 random base-32 characters (65 bits). */
export function newId(prefix: string): string {
  let text = ''
  for (const byte of randomBytes(13)) text += ALPHABET[byte & 31]
  return `${prefix}_${text}`
}

/**
 * A fresh UUID that begins with the time (version 7): rows that are written together then stand
 * together in an index, however many there are.
 */
export function timedUuid(at: number): string {
  const time = Math.trunc(at).toString(16).padStart(12, '0')
  return `${time.slice(0, 8)}-${time.slice(8)}-7${randomUUID().slice(15)}`
}

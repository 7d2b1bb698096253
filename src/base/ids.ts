import { randomBytes } from 'node:crypto'

const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz'

/** A fresh id: `prefix_` and 13 random base-32 characters (65 bits). */
export function newId(prefix: string): string {
  let text = ''
  for (const byte of randomBytes(13)) text += ALPHABET[byte & 31]
  return `${prefix}_${text}`
}

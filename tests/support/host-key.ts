import { generateKeyPairSync } from 'node:crypto'
import { hostKeyOf, type HostKey } from '../../src/base/signing.ts'

/** A fresh key that is not stored anywhere. */
export function ephemeralHostKey(): HostKey {
  return hostKeyOf(generateKeyPairSync('ed25519').privateKey)
}

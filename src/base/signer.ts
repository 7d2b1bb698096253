/** Who signs locks and checkpoints: the host key, seen from rooms that do no file I/O. */
export interface Signer {
  /** `ed25519:` and the first 16 hex digits of the SHA-256 of the raw public key. */
  readonly keyId: string
  /** Base64 Ed25519 signature of UTF-8 text. */
  sign(text: string): string
  verify(text: string, signature: string): boolean
}

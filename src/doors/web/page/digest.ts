import canonicalize from 'canonicalize'
import type { Approval } from '../../../domain/approvals/types.ts'

/** SHA-256 of UTF-8 text. */
export async function sha256Of(text: string): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text)))
}

/** SHA-256 of the canonical JSON of a value, in hexadecimal. */
export async function digestHex(value: unknown): Promise<string> {
  return hex(await sha256Of(canonicalize(value) ?? ''))
}

/** What stands for exactly this approval, as it is shown. The deck computes the same of its own. */
export async function seenDigestOf({ id, action }: Approval): Promise<string> {
  return (await digestHex([[id, action]])).slice(0, 16)
}

/** The six digits that the deck shows too, unless a token or key was put in between. */
export async function codeOf(token: string, spki: string): Promise<string> {
  const digest = await sha256Of(`${token}\np256 ${spki}`)
  const number = new DataView(digest.buffer).getUint32(0)
  return String(number % 1_000_000).padStart(6, '0')
}

/** What is signed to do an act; see `signatures.ts`. */
export async function actText(
  { deck, device }: { deck: string; device: string },
  { nonce, at }: { nonce: string; at: number },
  act: string,
  input: { confirm: { seen: string } },
): Promise<string> {
  const digest = await digestHex(input)
  return ['clawdeck act', deck, device, nonce, at, act, input.confirm.seen, digest].join('\n')
}

function hex(bytes: Uint8Array): string {
  return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('')
}

export function base64(bytes: ArrayBuffer): string {
  return btoa(String.fromCharCode(...new Uint8Array(bytes)))
}

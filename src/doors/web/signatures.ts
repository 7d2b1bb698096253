import { randomBytes } from 'node:crypto'
import { canonical, sha256 } from '../../base/canonical.ts'
import type { Clock } from '../../base/clock.ts'
import { signedBy } from '../../domain/operators/pairing/rules.ts'
import type { Device } from '../../domain/operators/pairing/types.ts'
import type { Nonce, Signed } from './page-wire.ts'

/** For so long a nonce can be signed. */
const NONCE_MS = 30_000
/** Nonces of one device at once; the oldest goes. */
const MAX_NONCES = 16

/** What a device signs to do something: this act, with this input, once, at about this time. */
export function textToSign(to: {
  deck: string
  device: string
  nonce: string
  at: number
  act: string
  input: unknown
}): string {
  const { deck, device, nonce, at, act, input } = to
  const digest = sha256(canonical(input))
  return ['clawdeck act', deck, device, nonce, at, act, seenIn(input), digest].join('\n')
}

/** The digest of what was shown to whoever decides, as their input confirms it. */
function seenIn(input: unknown): string {
  const { confirm } = (input ?? {}) as { confirm?: { seen?: unknown } }
  return typeof confirm?.seen === 'string' ? confirm.seen : ''
}

/**
 * The signatures of devices over what they do. Each is for one nonce of this deck, which is used up
 * by the first try: so a signature is worth nothing for another act or input, later, or twice.
 */
export class Signatures {
  readonly #deck: string
  readonly #clock: Clock
  readonly #nonces = new Map<string, Map<string, number>>()

  constructor(deck: string, clock: Clock) {
    this.#deck = deck
    this.#clock = clock
  }

  /** A new nonce of a device, and when it was made. */
  nonce(device: string): Nonce {
    const known = this.#nonces.get(device) ?? new Map<string, number>()
    this.#nonces.set(device, known)
    const [oldest] = known.keys()
    if (known.size >= MAX_NONCES && oldest !== undefined) known.delete(oldest)
    const [nonce, at] = [randomBytes(18).toString('base64url'), this.#clock.now()]
    known.set(nonce, at)
    return { nonce, at }
  }

  /** What is missing of a signature of this device for this act and input, or nothing. */
  missing(
    device: Device,
    { nonce, signature }: Partial<Signed>,
    act: string,
    input: unknown,
  ): string | undefined {
    const known = this.#nonces.get(device.id)
    const at = known?.get(nonce ?? '')
    known?.delete(nonce ?? '')
    if (nonce === undefined || signature === undefined) return 'a signature of this device'
    if (at === undefined) return 'a signature that was not used before'
    if (this.#clock.now() - at >= NONCE_MS) return 'a signature that is not older than 30 s'
    if (decides(input) && seenIn(input) === '') return 'a digest of what was shown'
    const text = textToSign({ deck: this.#deck, device: device.id, nonce, at, act, input })
    return signedBy(device, text, signature) ? undefined : 'a signature of this device over this'
  }
}

/** Whether this is about approvals. */
function decides(input: unknown): boolean {
  return Array.isArray((input as { ids?: unknown } | null)?.ids)
}

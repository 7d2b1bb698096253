import { randomBytes } from 'node:crypto'
import type { Clock } from '../../base/clock.ts'
import { Fault } from '../../base/fault.ts'
import { signedBy } from '../../domain/operators/pairing/rules.ts'
import type { Device } from '../../domain/operators/pairing/types.ts'

/** How long a device has for signing a challenge. */
const CHALLENGE_MS = 30_000
/** After this a device signs another challenge. */
const SESSION_MS = 12 * 3_600_000
/** More are asked by nobody: the oldest goes. */
const MAX_CHALLENGES = 1000
/** Sessions of one device at once; the oldest goes. */
const MAX_SESSIONS = 32

/** What a device signs to open a session. */
export function sessionText(deck: string, device: string, nonce: string): string {
  return `clawdeck session\n${deck}\n${device}\n${nonce}`
}

interface SessionParts {
  /** The key id of the deck: a signature for one deck opens nothing at another. */
  deck: string
  clock: Clock
  trusted: (device: string) => Device | undefined
}

/**
 * Sessions of devices: each is opened by a signature of the device's key, and lives in memory only.
 */
export class Sessions {
  readonly #parts: SessionParts
  readonly #challenges = new Map<string, { device: string; until: number }>()
  readonly #sessions = new Map<string, { device: string; until: number }>()

  constructor(parts: SessionParts) {
    this.#parts = parts
  }

  /** A text to be signed once. It is the same for devices that are not known. */
  challenge(device: string): { nonce: string; text: string } {
    const nonce = randomBytes(32).toString('base64url')
    const [oldest] = this.#challenges.keys()
    if (this.#challenges.size >= MAX_CHALLENGES && oldest !== undefined)
      this.#challenges.delete(oldest)
    this.#challenges.set(nonce, { device, until: this.#parts.clock.now() + CHALLENGE_MS })
    return { nonce, text: sessionText(this.#parts.deck, device, nonce) }
  }

  /** Opens a session for a signed challenge. Fault `refused`. */
  open(device: string, nonce: string, signature: string): { session: string; until: number } {
    const { deck, clock, trusted } = this.#parts
    const challenge = this.#challenges.get(nonce)
    this.#challenges.delete(nonce)
    const known = trusted(device)
    const proven =
      known !== undefined &&
      challenge?.device === device &&
      clock.now() < challenge.until &&
      signedBy(known, sessionText(deck, device, nonce), signature)
    if (!proven)
      throw new Fault('refused', 'this device is not trusted here, or its signature is not right', {
        hint: 'It may have been revoked. Pair it again.',
      })
    this.#makeRoom(device)
    const session = randomBytes(32).toString('base64url')
    const until = clock.now() + SESSION_MS
    this.#sessions.set(session, { device, until })
    return { session, until }
  }

  /** The trusted device that a session belongs to, or undefined. */
  deviceOf(session: string): Device | undefined {
    const found = this.#sessions.get(session)
    if (found === undefined) return undefined
    const device = this.#parts.trusted(found.device)
    if (device !== undefined && this.#parts.clock.now() < found.until) return device
    this.#sessions.delete(session)
    return undefined
  }

  /** A device may open any number of sessions, and use none of them again. */
  #makeRoom(device: string): void {
    const [oldest, ...others] = [...this.#sessions].filter(([, one]) => one.device === device)
    if (oldest !== undefined && others.length + 1 >= MAX_SESSIONS) this.#sessions.delete(oldest[0])
  }
}

import { createHash, createPublicKey, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { createVerifier, httpbis, type SignatureParameters } from 'http-message-signatures'
import type { Clock } from '../../base/clock.ts'
import { Fault } from '../../base/fault.ts'
import type { AgentKey, SigningKey } from '../../domain/agents/keys/types.ts'

/** How old a signature may be, by the clock of the deck. */
const TOLERANCE_MS = 60_000
/**
 * How far the clock of an agent may be ahead. What was dated ahead before a restart must not count
 * after it: so long after a start nothing counts.
 */
const AHEAD_MS = 3000
/** Nonces that are remembered of a key: it cannot sign more while a signature counts. */
const MOST_NONCES = 20_000
const MOST_HEADER_CHARACTERS = 2000
/** One signature, over whole components, with parameters of a plain kind. */
const PLAIN_INPUT =
  /^[a-z][a-z0-9_.-]*=\((?:"@?[a-z-]+"(?: (?="))?)+\)(?:;[a-z]+=(?:"[^"\\]{0,200}"|\d{1,15}))+$/
const COVERED = ['@method', '@path', '@query']
const PARAMETERS = ['created', 'keyid', 'nonce']

const ALGORITHMS = {
  ed25519: ['ed25519'],
  p256: ['ecdsa-p256-sha256'],
  rsa: ['rsa-pss-sha512', 'rsa-v1_5-sha256'],
} as const satisfies Record<SigningKey['type'], readonly string[]>

interface SignedParts {
  clock: Clock
  /** Since when signatures are remembered. */
  since: number
  trusted: (id: string) => AgentKey | undefined
}

/** A request whose signature is good, and how its body is checked. */
export interface SignedRequest {
  key: AgentKey
  /** Throws Fault `refused` for a body that was not signed. */
  checkBody(body: string): void
}

/**
 * Checks HTTP message signatures (RFC 9421) of agents outside of pods: over `@method`, `@path`,
 * `@query` and, with a body, `content-digest` (RFC 9530, sha-256), with `created`, `keyid` and a
 * `nonce` that is used once.
 */
export class SignedRequests {
  readonly #parts: SignedParts
  /** By key, each nonce and until when it counts, oldest first. */
  readonly #nonces = new Map<string, Map<string, number>>()

  constructor(parts: SignedParts) {
    this.#parts = parts
  }

  /** Fault `refused`, naming what is not right about the signature. */
  async verify(request: IncomingMessage): Promise<SignedRequest> {
    const { method = 'GET', url = '/', headers } = request
    const input = headers['signature-input']
    const digest = headers['content-digest']
    requirePlain(input, headers['signature'], digest)
    const covered = method === 'POST' ? [...COVERED, 'content-digest'] : COVERED
    let found: { key: AgentKey; params: SignatureParameters } | undefined
    const isGood = await httpbis
      .verifyMessage(
        {
          requiredFields: covered,
          requiredParams: PARAMETERS,
          // Times are compared with the clock of the deck, below.
          tolerance: Infinity,
          keyLookup: async (params) => {
            const key = this.#parts.trusted(String(params.keyid))
            if (key === undefined) throw refused('its key is not trusted here')
            found = { key, params }
            return verifierOf(key, params)
          },
        },
        { method, url: new URL(url, 'http://deck'), headers: headers as Record<string, string> },
      )
      .catch((cause: unknown) => {
        throw cause instanceof Fault ? cause : refused(`it cannot be read: ${messageOf(cause)}`)
      })
    if (isGood !== true || found === undefined) throw refused('it is not right')
    this.#spend(found.key.id, found.params)
    return { key: found.key, checkBody: (body) => requireDigest(digest as string, body) }
  }

  /** Each signature counts once, and for a short time. */
  #spend(key: string, { created, nonce }: SignatureParameters): void {
    const { clock, since } = this.#parts
    const now = clock.now()
    const at = created instanceof Date ? created.getTime() : NaN
    if (!(now - at <= TOLERANCE_MS && at - now <= AHEAD_MS))
      throw refused('it was made at another time; compare the clocks')
    // What was seen before a restart is not remembered.
    if (at <= since + AHEAD_MS)
      throw refused(`the deck has just started; sign again in ${AHEAD_MS / 1000} s`)
    const text = String(nonce)
    if (text.length < 16) throw refused('its nonce is shorter than 16 characters')
    const known = this.#nonces.get(key) ?? new Map<string, number>()
    this.#nonces.set(key, known)
    for (const [old, until] of known) {
      if (until > now) break
      known.delete(old)
    }
    if (known.has(text)) throw refused('it was used before')
    if (known.size >= MOST_NONCES) throw refused('its key signs too many requests')
    known.set(text, now + AHEAD_MS + TOLERANCE_MS + 1)
  }
}

function requirePlain(
  input: string | string[] | undefined,
  signature: string | string[] | undefined,
  digest: string | string[] | undefined,
): void {
  if (input === undefined || signature === undefined) throw refused('there is none')
  const all = [input, signature, digest ?? '']
  if (all.some((one) => typeof one !== 'string' || one.length > MOST_HEADER_CHARACTERS))
    throw refused('its headers are too long, or there are several')
  if (!PLAIN_INPUT.test(input as string))
    throw refused('signature-input is not of the form that is expected')
}

function verifierOf({ key: { type, spki } }: AgentKey, { alg }: SignatureParameters) {
  const algorithms: readonly string[] = ALGORITHMS[type]
  const algorithm = alg === undefined ? algorithms[0] : algorithms.find((one) => one === alg)
  if (algorithm === undefined) throw refused(`a key of type ${type} does not sign as ${alg}`)
  const key = createPublicKey({ key: Buffer.from(spki, 'base64'), format: 'der', type: 'spki' })
  return { verify: createVerifier(key, algorithm) }
}

function requireDigest(header: string | undefined, body: string): void {
  if (header === undefined && body === '') return
  const given = /(?:^|, ?)sha-256=:([A-Za-z0-9+/]{43}=):/.exec(header ?? '')?.[1]
  const made = createHash('sha256').update(body).digest()
  if (given === undefined || !timingSafeEqual(Buffer.from(given, 'base64'), made))
    throw refused('content-digest is not that of the body (sha-256)')
}

function refused(why: string): Fault {
  return new Fault('refused', `the signature does not count: ${why}`, {
    hint: 'Sign @method, @path, @query and content-digest with created, keyid and a new nonce (RFC 9421).',
  })
}

function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause)
}

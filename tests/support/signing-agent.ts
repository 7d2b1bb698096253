import { createHash, generateKeyPairSync, randomUUID, type KeyObject } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { request, type IncomingMessage } from 'node:http'
import { request as requestTls } from 'node:https'
import { join } from 'node:path'
import { createSigner, httpbis } from 'http-message-signatures'
import type { Clock } from '../../src/base/clock.ts'

const ALGORITHMS = {
  ed25519: 'ed25519',
  p256: 'ecdsa-p256-sha256',
  rsa: 'rsa-pss-sha512',
} as const
export type KeyKind = keyof typeof ALGORITHMS

export interface Signed {
  method: string
  path: string
  body: string
  headers: Record<string, string>
}

/** What differs from a request as it should be signed. */
export interface SignedDifferently {
  created?: Date
  nonce?: string
  alg?: string
  fields?: string[]
  params?: string[]
}

/** An agent outside of pods, as a program with any RFC 9421 library is one. */
export class SigningAgent {
  readonly name: string
  /** The id that the deck gave its key. */
  keyid = ''
  readonly kind: KeyKind
  readonly #clock: Pick<Clock, 'now'>
  readonly #privateKey: KeyObject
  readonly publicKey: KeyObject
  /** The path of a socket, or `https://…`. */
  place: string

  constructor(
    name: string,
    place: string,
    { kind = 'ed25519', clock = Date }: { kind?: KeyKind; clock?: Pick<Clock, 'now'> } = {},
  ) {
    this.name = name
    this.kind = kind
    this.place = place
    this.#clock = clock
    const { publicKey, privateKey } = newPair(kind)
    this.publicKey = publicKey
    this.#privateKey = privateKey
  }

  get pem(): string {
    return this.publicKey.export({ type: 'spki', format: 'pem' }).toString()
  }
  /** A file with the public key. */
  file(folder: string): string {
    const path = join(folder, `${this.name}.pub`)
    writeFileSync(path, this.pem)
    return path
  }
  get jwk(): string {
    return JSON.stringify(this.publicKey.export({ format: 'jwk' }))
  }

  async exec(command: string, wait = 0): Promise<unknown> {
    const body = JSON.stringify({ type: 'exec', target: command, argv: command.split(' ') })
    return (await this.send(await this.signed('POST', `/ask?wait=${wait}`, body))).answer
  }

  /** A request with its signature, still to be sent. */
  async signed(
    method: string,
    path: string,
    body = '',
    {
      created = new Date(this.#clock.now()),
      nonce = randomUUID(),
      alg,
      fields,
      params,
    }: SignedDifferently = {},
  ): Promise<Signed> {
    const whole = `/v1/agents/${this.name}${path}`
    const digest = createHash('sha256').update(body).digest('base64')
    const needed = ['@method', '@path', '@query', ...(body === '' ? [] : ['content-digest'])]
    const key = createSigner(this.#privateKey, ALGORITHMS[this.kind], this.keyid)
    const { headers } = await httpbis.signMessage(
      {
        key,
        name: 'sig1',
        fields: fields ?? needed,
        params: params ?? ['created', 'keyid', 'alg', 'nonce'],
        paramValues: { created, nonce, ...(alg === undefined ? {} : { alg }) },
      },
      {
        method,
        url: `http://deck${whole}`,
        headers: body === '' ? {} : { 'content-digest': `sha-256=:${digest}:` },
      },
    )
    return { method, path: whole, body, headers: headers as Record<string, string> }
  }

  send({ method, path, body, headers }: Signed): Promise<{ status: number; answer: unknown }> {
    return new Promise((resolve, reject) => {
      const options = { method, path, headers }
      const heard = (response: IncomingMessage) => {
        let text = ''
        response.setEncoding('utf8')
        response.on('data', (chunk: string) => {
          text += chunk
        })
        response.on('error', reject)
        response.on('end', () =>
          resolve({ status: response.statusCode ?? 0, answer: JSON.parse(text) }),
        )
      }
      const sent = this.place.startsWith('https:')
        ? requestTls(this.place, { ...options, rejectUnauthorized: false, agent: false }, heard)
        : request({ socketPath: this.place, ...options }, heard)
      sent.on('error', reject)
      sent.end(body)
    })
  }
}

function newPair(kind: KeyKind) {
  if (kind === 'ed25519') return generateKeyPairSync('ed25519')
  if (kind === 'p256') return generateKeyPairSync('ec', { namedCurve: 'prime256v1' })
  return generateKeyPairSync('rsa', { modulusLength: 2048 })
}

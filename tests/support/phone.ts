import { webcrypto } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { Agent, request } from 'node:https'
import { Fault, type FaultJson } from '../../src/base/fault.ts'
import type { DoorRow } from '../../src/domain/doors/types.ts'
import type { Approval } from '../../src/domain/approvals/types.ts'
import type { PageFrame, PageReader, Nonce } from '../../src/doors/web/page-wire.ts'
import { actText, base64, codeOf, seenDigestOf } from '../../src/doors/web/page/digest.ts'

interface Sent {
  headers?: Record<string, string | undefined>
  method?: string
  signal?: AbortSignal
}

/** A phone with the page, as far as its requests go: over real HTTPS, with a key of its own. */
export class Phone {
  readonly url: URL
  device = ''
  session = ''
  reader: PageReader | undefined
  readonly #keys: webcrypto.CryptoKeyPair
  readonly spki: string

  readonly #agent: Agent | false

  private constructor(url: URL, keys: webcrypto.CryptoKeyPair, spki: string, agent: Agent | false) {
    this.#agent = agent
    this.url = url
    this.#keys = keys
    this.spki = spki
  }

  /**
   * A new phone. With `from` it calls from that address of this machine, and keeps its connections
   * as a browser does.
   */
  static async at({ address }: DoorRow, from?: string): Promise<Phone> {
    const agent = from === undefined ? false : new Agent({ keepAlive: true, localAddress: from })
    const { subtle } = webcrypto
    const algorithm = { name: 'ECDSA', namedCurve: 'P-256' }
    const keys = await subtle.generateKey(algorithm, false, ['sign', 'verify'])
    const spki = base64((await subtle.exportKey('spki', keys.publicKey)) as ArrayBuffer)
    return new Phone(new URL(address?.url ?? ''), keys as webcrypto.CryptoKeyPair, spki, agent)
  }

  /** Posts as a page of this door does, unless `headers` say something else. */
  async post(path: string, body: unknown, sent: Sent = {}): Promise<IncomingMessage> {
    const text = typeof body === 'string' ? body : JSON.stringify(body)
    const headers = {
      'content-type': 'application/json',
      'content-length': String(Buffer.byteLength(text)),
      origin: this.url.origin,
      ...(this.session === '' ? {} : { authorization: `Bearer ${this.session}` }),
      ...sent.headers,
    }
    return this.send(path, { method: 'POST', ...sent, headers }, text)
  }

  send(
    path: string,
    { headers, method = 'GET', signal }: Sent,
    body = '',
  ): Promise<IncomingMessage> {
    const { hostname, port } = this.url
    return new Promise((resolve, reject) => {
      const sending = request({
        hostname,
        port,
        path,
        method,
        rejectUnauthorized: false,
        agent: this.#agent,
        headers: Object.fromEntries(
          Object.entries(headers ?? {}).filter(([, value]) => value !== undefined),
        ) as Record<string, string>,
        ...(signal === undefined ? {} : { signal }),
      })
      sending.on('response', resolve).on('error', reject)
      sending.end(body)
    })
  }

  async ask<T>(path: string, body: unknown, sent?: Sent): Promise<T> {
    const response = await this.post(path, body, sent)
    const answer = JSON.parse(await textOf(response)) as T & { fault?: FaultJson }
    if (response.statusCode !== 200 && answer.fault !== undefined)
      throw Fault.fromJson(answer.fault)
    return answer
  }

  /** Takes an offer, and answers the pairing with the code that the phone shows. */
  async present(link: string, device = 'a phone'): Promise<{ id: string; code: string }> {
    const token = tokenIn(link)
    const key = { type: 'p256', spki: this.spki }
    const presented = { token, person: 'Ada', device, key }
    const { id } = await this.ask<{ id: string }>('/v1/pair/present', presented)
    return { id, code: await codeOf(token, this.spki) }
  }

  async sign(text: string): Promise<string> {
    const how = { name: 'ECDSA', hash: 'SHA-256' }
    return base64(await webcrypto.subtle.sign(how, this.#keys.privateKey, Buffer.from(text)))
  }

  async open(device = this.device): Promise<void> {
    this.device = device
    const { nonce, text } = await this.ask<{ nonce: string; text: string }>('/v1/pair/challenge', {
      device,
    })
    const signature = await this.sign(text)
    const proof = { device, nonce, signature }
    const { session } = await this.ask<{ session: string }>('/v1/pair/session', proof)
    this.session = session
  }

  /** What the deck tells. The first frame says who reads. */
  async *follow(signal?: AbortSignal): AsyncGenerator<PageFrame> {
    const response = await this.post('/v1/follow', {}, signal === undefined ? {} : { signal })
    if (response.statusCode !== 200)
      throw Fault.fromJson((JSON.parse(await textOf(response)) as { fault: FaultJson }).fault)
    for await (const line of linesIn(response)) {
      const frame = JSON.parse(line) as PageFrame
      if (frame.kind === 'all') this.reader = frame.reader
      yield frame
    }
  }

  /** The approvals that wait, as the page shows them. */
  async waiting(): Promise<Approval[]> {
    for await (const frame of this.follow()) if (frame.kind === 'all') return frame.waiting
    throw new Error('the deck told nothing')
  }

  /** What a tap sends, signed. `change` is what somebody in between makes of it. */
  async signedInput(verb: 'allow' | 'deny', approval: Approval, more: object = {}) {
    const nonce = await this.ask<Nonce>('/v1/nonce', {})
    const { highRisk = 70, deck = '' } = this.reader ?? {}
    const { score } = approval.risk
    const risk = verb === 'allow' && score >= highRisk ? { risk: String(score) } : {}
    const confirm = { seen: await seenDigestOf(approval), ...risk }
    const input = { ids: [approval.id], confirm, ...more }
    const text = await actText({ deck, device: this.device }, nonce, `approval.${verb}`, input)
    return { input, nonce: nonce.nonce, signature: await this.sign(text) }
  }

  async decide(verb: 'allow' | 'deny', approval: Approval): Promise<unknown> {
    return this.ask(`/v1/do/approval.${verb}`, await this.signedInput(verb, approval))
  }
}

export function tokenIn(link: string): string {
  return (link.split('#')[1] ?? '').split('.')[0] ?? ''
}

export async function textOf(response: IncomingMessage): Promise<string> {
  let text = ''
  for await (const chunk of response.setEncoding('utf8')) text += String(chunk)
  return text
}

async function* linesIn(response: IncomingMessage): AsyncGenerator<string> {
  let rest = ''
  for await (const chunk of response.setEncoding('utf8')) {
    const lines = (rest + String(chunk)).split('\n')
    rest = lines.pop() ?? ''
    yield* lines.filter((line) => line !== '')
  }
}

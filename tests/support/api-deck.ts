import type { MachineClock } from '../../src/base/clock.ts'
import type { KeyRole } from '../../src/domain/governance/orgs/types.ts'
import { OPERATOR, TestDeck } from './deck.ts'

/** An answer of the governance API. */
export interface ApiAnswer<T = Record<string, unknown>> {
  status: number
  body: T
  headers: Headers
}

export interface ApiCallOptions {
  /** A role of the default organisation, or a key itself; null for no key. */
  as?: KeyRole | (string & {}) | null
  headers?: Record<string, string>
  /** Sent as it is, instead of a body as JSON. */
  raw?: string
}

/** A deck whose governance API is open, and a key for each role. */
export class ApiDeck {
  readonly deck: TestDeck
  readonly keys: Record<KeyRole, string> = { admin: '', member: '', readonly: '' }
  #url = ''

  /** `settings`: those of the API in `config.yaml`. */
  constructor(onEnd: (act: () => unknown) => void, clock?: MachineClock, settings: object = {}) {
    this.deck = new TestDeck(onEnd, clock)
    this.deck.withSettings(`api: ${JSON.stringify({ requestsPerMinute: 0, ...settings })}`)
  }

  async start(): Promise<this> {
    await this.deck.start()
    for (const role of ['admin', 'member', 'readonly'] as const)
      this.keys[role] = await this.key('org_default', role)
    return this.open()
  }

  /** Opens the API, also after another start. */
  async open(): Promise<this> {
    const place = { host: '127.0.0.1', port: 0 }
    const { address } = await this.deck.deck.doors.open('api', place, OPERATOR)
    this.#url = address?.url ?? ''
    return this
  }

  get url(): string {
    return this.#url
  }

  /** A new key of an organisation. */
  async key(org: string, role: KeyRole): Promise<string> {
    const { secret } = await this.deck.deck.orgs.createKey({ org, label: role, role }, OPERATOR)
    return secret
  }

  /** `call('POST /actions', {...})`: below `/api`, as an admin unless somebody else is named. */
  async call<T = Record<string, unknown>>(
    call: string,
    body?: object,
    { as = 'admin', headers = {}, raw }: ApiCallOptions = {},
  ): Promise<ApiAnswer<T>> {
    const [method, path] = call.split(/ (.*)/s) as [string, string]
    const key = as === null ? undefined : (this.keys[as as KeyRole] ?? as)
    const response = await fetch(`${this.#url}/api${path}`, {
      method,
      headers: {
        'content-type': 'application/json',
        ...(key === undefined ? {} : { 'x-api-key': key }),
        ...headers,
      },
      body: raw ?? (body === undefined ? null : JSON.stringify(body)),
    })
    const text = await response.text()
    return {
      status: response.status,
      headers: response.headers,
      body: (response.headers.get('content-type')?.startsWith('application/json')
        ? JSON.parse(text)
        : text) as T,
    }
  }
}

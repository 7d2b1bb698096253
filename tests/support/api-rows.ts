import { generateKeyPairSync } from 'node:crypto'
import type { Endpoint } from '../../src/commands/api/endpoint.ts'
import { inputSchema } from '../../src/commands/api/openapi.ts'
import { KEY_ROLES, type KeyRole } from '../../src/domain/governance/orgs/types.ts'
import { RIGHTS } from '../../src/domain/operators/rules.ts'

/** An open API, and keys to try it with. */
export interface ApiProbe {
  url: string
  keys: Record<KeyRole, string>
  /** A key that was revoked. */
  revoked: string
  /** An admin key of another organisation, which has nothing. */
  other: string
}

export interface RowCall {
  /** What the body or the query says. */
  input?: Record<string, unknown>
  /** What the path names; others are unknown ids. */
  names?: Record<string, string>
  /** A key; null for none. By default that of an admin. */
  key?: string | null
  headers?: Record<string, string>
  /** Sent as it is. */
  raw?: string
}

export interface RowAnswer {
  status: number
  text: string
  /** Undefined for what is not JSON. */
  body: unknown
}

export const UNKNOWN_ID = 'none_1'
/** Stands in every text that a sample makes up. */
export const MARK = 'of-the-first'
const MOST_WAIT_MS = 20_000

export function namesIn({ path }: Pick<Endpoint, 'path'>): string[] {
  return [...path.matchAll(/:([^/]+)/g)].map(([, name = '']) => name)
}

export function callName({ method, path }: Pick<Endpoint, 'method' | 'path'>): string {
  return `${method} ${path}`
}

function readsQuery({ method }: Endpoint): boolean {
  return method === 'GET' || method === 'DELETE'
}

/** What the door makes of values in a query. */
function asQuery(input: Record<string, unknown>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(input)
      .map(([name, value]) => [
        name,
        // An address has little room.
        (typeof value === 'string' ? value : JSON.stringify(value)).toWellFormed().slice(0, 1000),
      ])
      .filter(([, value]) => value !== '' && value !== 'undefined' && value !== 'null'),
  ) as Record<string, string>
}

/** What a request says in its address and in its body. */
function carried(
  row: Endpoint,
  input: Record<string, unknown>,
  raw: string | undefined,
): { query: string; body: string | null } {
  if (raw !== undefined) return { query: '', body: row.method === 'GET' ? null : raw }
  return readsQuery(row)
    ? { query: `?${String(new URLSearchParams(asQuery(input)))}`, body: null }
    : { query: '', body: JSON.stringify(input) }
}

export async function callRow(
  { url, keys }: ApiProbe,
  row: Endpoint,
  { input = {}, names = {}, key = keys.admin, headers = {}, raw }: RowCall,
): Promise<RowAnswer> {
  const path = row.path.replace(/:([^/]+)/g, (_, name: string) =>
    encodeURIComponent((names[name] ?? UNKNOWN_ID).toWellFormed()),
  )
  const { query, body } = carried(row, input, raw)
  const stop = new AbortController()
  const response = await fetch(`${url}/api${path}${query}`, {
    method: row.method,
    body,
    redirect: 'manual',
    signal: AbortSignal.any([stop.signal, AbortSignal.timeout(MOST_WAIT_MS)]),
    headers: {
      'content-type': 'application/json',
      ...(key === null ? {} : { 'x-api-key': key }),
      ...headers,
    },
  })
  const type = response.headers.get('content-type') ?? ''
  if (type.startsWith('text/event-stream')) {
    stop.abort()
    return { status: response.status, text: '', body: undefined }
  }
  const text = await response.text()
  return {
    status: response.status,
    text,
    body: type.startsWith('application/json') ? parsed(text) : undefined,
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const PUBLIC_KEY = generateKeyPairSync('rsa', { modulusLength: 2048 })
  .publicKey.export({ type: 'spki', format: 'pem' })
  .toString()

/** Values that fields have whose text alone does not say what they take. */
const NAMED_SAMPLES: Readonly<Record<string, unknown>> = {
  agent_id: 'scout',
  slug: 'first',
  url: 'https://hooks.invalid/x',
  cron_expression: '0 9 * * *',
  public_key: PUBLIC_KEY,
  _signature: '',
}
const CANDIDATES: readonly unknown[] = [
  MARK,
  '2026-01-31T12:00:00Z',
  'https://hooks.invalid/x',
  '2026-01-31',
  1,
  [MARK],
  {},
  [{}],
  true,
  '{}',
]

type JsonSchema = Record<string, unknown>

/** A value that fits a schema, as far as the schema says what fits. */
function sampleValue(name: string, schema: JsonSchema): unknown {
  const [first] = (schema['enum'] ?? []) as unknown[]
  const said = [NAMED_SAMPLES[name], schema['default'], schema['const'], first]
  const known = said.find((value) => value !== undefined)
  if (known !== undefined) return known
  const [other] = (schema['anyOf'] ?? []) as JsonSchema[]
  if (other !== undefined) return sampleValue(name, other)
  return TYPED[String(schema['type'])]?.(schema) ?? MARK
}

const someNumber = (schema: JsonSchema) => Math.max(1, Number(schema['minimum'] ?? 1))
const TYPED: Readonly<Record<string, (schema: JsonSchema) => unknown>> = {
  integer: someNumber,
  number: someNumber,
  boolean: () => true,
  array: (schema) => [sampleValue('', (schema['items'] ?? {}) as JsonSchema)],
  object: (schema) => sampleObject(schema, 'required'),
}

function sampleObject(schema: JsonSchema, of: 'required' | 'all'): Record<string, unknown> {
  const properties = (schema['properties'] ?? {}) as Record<string, JsonSchema>
  const required = (schema['required'] ?? []) as string[]
  return Object.fromEntries(
    Object.entries(properties)
      .filter(([name]) => of === 'all' || required.includes(name))
      .map(([name, property]) => [name, sampleValue(name, property)]),
  )
}

/** The fields that a row takes besides those of its path. */
export function fieldsOf(row: Endpoint): { all: string[]; required: string[] } {
  const { properties = {}, required = [] } = inputSchema(row.act.input)
  const names = new Set(namesIn(row))
  return {
    all: Object.keys(properties).filter((name) => !names.has(name)),
    required: required.filter((name) => !names.has(name)),
  }
}

/** An input that the row's schema takes: what it requires, or all that it knows. */
export function sampleOf(row: Endpoint, of: 'required' | 'all'): Record<string, unknown> {
  const { required, all } = fieldsOf(row)
  const schema = inputSchema(row.act.input) as JsonSchema
  const sample = { ...sampleObject(schema, of), ...NAMED_ROWS[callName(row)] }
  for (const name of Object.keys(sample)) if (!all.includes(name)) delete sample[name]
  for (const name of all) {
    if (!(name in sample) || fits(row, sample, name)) continue
    const found = CANDIDATES.find((value) => fits(row, { ...sample, [name]: value }, name))
    if (found !== undefined) sample[name] = found
    else if (!required.includes(name)) delete sample[name]
  }
  return sample
}

/** Rows that need more than their schema says. */
const NAMED_ROWS: Readonly<Record<string, Record<string, unknown>>> = {
  // Whoever has a key has to sign.
  'POST /pairings': { agent_id: 'signer' },
  'POST /identities': { agent_id: 'signer' },
}

/** Whether a row's schema takes this field. */
function fits(row: Endpoint, input: Record<string, unknown>, name: string): boolean {
  return !problems(row, input, {}).some(({ path }) => path[0] === name)
}

function problems(row: Endpoint, input: Record<string, unknown>, names: Record<string, string>) {
  const unknown = Object.fromEntries(namesIn(row).map((each) => [each, UNKNOWN_ID]))
  const given = readsQuery(row) ? asQuery(input) : (parsed(JSON.stringify(input)) as object)
  const result = row.act.input?.safeParse({ ...given, ...unknown, ...names })
  return result?.error?.issues ?? []
}

/** Statuses of the protocol. */
const STATUSES = new Set([200, 201, 202, 400, 401, 402, 403, 404, 409, 410, 413, 429, 503])
/** What only the inside of the deck knows. */
const INSIDE =
  /node_modules|\.ts:\d|SQLITE_|TypeError|RangeError|\bat (?:Object|async)\b|Internal error/

/** What is wrong with an answer, whatever was asked. */
export function flawOf({ status, text, body }: RowAnswer): string | undefined {
  if (!STATUSES.has(status)) return `answered ${status}: ${text.slice(0, 200)}`
  if (status < 400) return undefined
  if (typeof body !== 'object' || body === null || Array.isArray(body))
    return `answered ${status} without a JSON object`
  const { error, decision } = body as { error?: unknown; decision?: unknown }
  if (typeof error !== 'string' || error === '') return `answered ${status} without an error text`
  if (decision !== undefined && (typeof decision !== 'object' || decision === null))
    return 'answered an error whose decision is no object'
  return INSIDE.test(text) ? `tells of its inside: ${text.slice(0, 200)}` : undefined
}

/** Calls a row many times, and collects what is wrong. */
export class RowTrial {
  readonly flaws: string[] = []
  readonly #probe: ApiProbe
  readonly #row: Endpoint

  constructor(probe: ApiProbe, row: Endpoint) {
    this.#probe = probe
    this.#row = row
  }

  /** `wanted`: the statuses that are right; without it, any of the protocol. */
  async call(what: string, call: RowCall, wanted?: readonly number[]): Promise<RowAnswer> {
    const answer = await callRow(this.#probe, this.#row, call)
    const flaw = flawOf(answer)
    if (flaw !== undefined) this.flaws.push(`${what}: ${flaw}`)
    else if (wanted !== undefined && !wanted.includes(answer.status))
      this.flaws.push(
        `${what}: ${answer.status} instead of ${wanted.join(' or ')}: ${answer.text.slice(0, 200)}`,
      )
    return answer
  }

  /** The same, refused where the row's own schema does not take it. */
  async checked(what: string, call: RowCall): Promise<RowAnswer> {
    const refused = problems(this.#row, call.input ?? {}, call.names ?? {}).length > 0
    const answer = await this.call(what, call, refused ? [400] : undefined)
    const { details } = (answer.body ?? {}) as { details?: unknown }
    if (refused && answer.status === 400 && !(Array.isArray(details) && details.length > 0))
      this.flaws.push(`${what}: refused without details`)
    return answer
  }
}

/** Roles that may not call a row. */
export function rolesWithout({ method, needs }: Endpoint): KeyRole[] {
  return KEY_ROLES.filter(
    (role) => !RIGHTS[role].has(needs) || (role === 'readonly' && method !== 'GET'),
  )
}

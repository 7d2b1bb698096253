import { Resolver, lookup } from 'node:dns/promises'
import type { ClientRequest, IncomingMessage, RequestOptions } from 'node:http'
import { isIP, type LookupFunction } from 'node:net'
import { errno, Fault } from '../../base/fault.ts'
import { http } from '../../base/http.ts'
import { plain } from '../../base/text.ts'
import type { Outbound, OutboundAnswer, OutboundRequest } from '../../ports/outbound.ts'
import { addressRules, type AddressRules } from './addresses.ts'

/** The addresses of a host. */
export type ResolveHost = (host: string) => Promise<string[]>

interface OutboundOptions {
  allowPrivate: readonly string[]
  /** The setting that this is, for who is refused. */
  setting?: string
  timeoutMs?: number
  /** For tests. */
  resolve?: ResolveHost
}

const TIMEOUT_MS = 10_000
const DNS_TIMEOUT_MS = 2000
/** What is read of an answer unless more is wanted, in bytes; and what is shown. */
const MAX_ANSWER = 1024

/** Posts to public addresses, and to those that settings allow. */
export function outboundPost({
  allowPrivate,
  setting = 'webhooks.allowPrivate',
  timeoutMs = TIMEOUT_MS,
  resolve,
}: OutboundOptions): Outbound {
  const rules = addressRules(allowPrivate)
  const destination = (url: string) =>
    resolved(url, { rules, setting, resolve: resolve ?? resolverFor(rules) })
  return {
    async check(url) {
      await destination(url)
    },
    async post(request) {
      const allowedMs = Math.min(request.timeoutMs ?? timeoutMs, timeoutMs)
      const limit = AbortSignal.timeout(allowedMs)
      const signal = AbortSignal.any([request.signal, limit])
      try {
        const to = await orAborted(destination(request.url), signal)
        return await send(to, request, signal)
      } catch (thrown) {
        throw limit.aborted
          ? new Fault('timeout', `no answer within ${allowedMs / 1000} s`)
          : asFailure(thrown)
      }
    },
  }
}

interface Destination {
  url: URL
  addresses: readonly string[]
}

/** Fault `refused` if any address of the host is not allowed. */
async function resolved(
  text: string,
  { rules, setting, resolve }: { rules: AddressRules; setting: string; resolve: ResolveHost },
): Promise<Destination> {
  const url = new URL(text)
  if (url.protocol !== 'https:' && url.protocol !== 'http:')
    throw new Fault('refused', `${url.protocol} is not https`)
  const host = url.hostname.replace(/^\[|\]$/g, '')
  const addresses = isIP(host) === 0 ? await addressesOf(host, resolve) : [host]
  for (const address of addresses) {
    const refusal = rules.refusal(host, address, url.protocol === 'https:')
    if (refusal !== undefined)
      throw new Fault('refused', plain(refusal, 300), {
        hint: `To allow it, name the host or its network in ${setting} of config.yaml.`,
      })
  }
  return { url, addresses }
}

async function addressesOf(host: string, resolve: ResolveHost): Promise<string[]> {
  const addresses = await resolve(host).catch(() => [])
  if (addresses.length > 0) return addresses
  throw new Fault('not.possible', `${plain(host, 260)} has no address`)
}

/**
 * Hosts that settings name may stand in the system's own tables. All others are asked of DNS, in a
 * way that holds no thread while a name server is silent.
 */
function resolverFor(rules: AddressRules): ResolveHost {
  return async (host) => {
    if (rules.names(host)) return (await lookup(host, { all: true })).map(({ address }) => address)
    const resolver = new Resolver({ timeout: DNS_TIMEOUT_MS, tries: 2 })
    const found = await Promise.allSettled([resolver.resolve4(host), resolver.resolve6(host)])
    return found.flatMap((one) => (one.status === 'fulfilled' ? one.value : []))
  }
}

/** Connects to the addresses that were checked, whatever the name resolves to by then. */
function pinned(addresses: readonly string[]): LookupFunction {
  const all = addresses.map((address) => ({ address, family: isIP(address) }))
  return (_host, options, callback) => {
    if (options.all === true) callback(null, all)
    else callback(null, all[0]?.address ?? '', all[0]?.family)
  }
}

async function send(
  { url, addresses }: Destination,
  { headers, body, maxAnswer = MAX_ANSWER }: OutboundRequest,
  signal: AbortSignal,
): Promise<OutboundAnswer> {
  const options: RequestOptions = {
    method: 'POST',
    headers: { ...headers, 'content-length': String(Buffer.byteLength(body)) },
    lookup: pinned(addresses),
    agent: false,
    signal,
  }
  const request =
    url.protocol === 'https:'
      ? process.getBuiltinModule('node:https').request(url, options)
      : http().request(url, options)
  const response = await answered(request, body)
  // Whoever answers without an end is cut off, which must not count as a failure.
  response.on('error', () => undefined)
  const { statusCode: status = 0 } = response
  const read = await beginning(response, maxAnswer)
  request.destroy()
  const whole = read.toString('utf8')
  const text = plain(whole.slice(0, MAX_ANSWER), MAX_ANSWER)
  return { status, text, body: read.length > maxAnswer ? undefined : whole }
}

function answered(request: ClientRequest, body: string): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    request.on('response', resolve)
    request.on('error', reject)
    request.end(body)
  })
}

/** The answer, or if it is longer than `max`, more than that of it. */
async function beginning(response: IncomingMessage, max: number): Promise<Buffer> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of response as AsyncIterable<Buffer>) {
    chunks.push(chunk)
    size += chunk.length
    if (size > max) break
  }
  return Buffer.concat(chunks)
}

function orAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const aborted = Promise.withResolvers<never>()
  const abort = () => aborted.reject(signal.reason)
  signal.addEventListener('abort', abort, { once: true })
  return Promise.race([work, aborted.promise]).finally(() =>
    signal.removeEventListener('abort', abort),
  )
}

function asFailure(thrown: unknown): Fault {
  if (thrown instanceof Fault) return thrown
  const why = errno(thrown) ?? (thrown instanceof Error ? thrown.message : String(thrown))
  return new Fault('not.possible', `it cannot be reached: ${plain(why, 200)}`, { cause: thrown })
}

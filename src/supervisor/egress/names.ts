import { lookup, Resolver } from 'node:dns/promises'
import { networkInterfaces } from 'node:os'

const DNS_TIMEOUT_MS = 2000
const OWN_MS = 5000

/** The addresses of a name. The system's own tables count only for names that a rule names. */
export async function addressesOf(host: string, isNamed: boolean): Promise<string[]> {
  if (host === 'localhost' || host.endsWith('.localhost')) return ['127.0.0.1', '::1']
  if (isNamed) return (await lookup(host, { all: true })).map(({ address }) => address)
  // It holds no thread while a name server is silent.
  const resolver = new Resolver({ timeout: DNS_TIMEOUT_MS, tries: 2 })
  const found = await Promise.allSettled([resolver.resolve4(host), resolver.resolve6(host)])
  return found.flatMap((one) => (one.status === 'fulfilled' ? one.value : []))
}

/** The addresses of this machine, read again every few seconds. */
export class OwnAddresses {
  #known: ReadonlySet<string> = new Set()
  #readAt = -Infinity

  get now(): ReadonlySet<string> {
    if (performance.now() - this.#readAt > OWN_MS) {
      this.#readAt = performance.now()
      const all = Object.values(networkInterfaces()).flatMap((each) => each ?? [])
      this.#known = new Set(all.map(({ address }) => address))
    }
    return this.#known
  }
}

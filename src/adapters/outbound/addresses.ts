import ipaddr from 'ipaddr.js'

type Address = ipaddr.IPv4 | ipaddr.IPv6

/** Which addresses may be sent to. */
export interface AddressRules {
  /** Whether settings name this host. */
  names(host: string): boolean
  /** Why this address of a host may not be sent to, or nothing. */
  refusal(host: string, address: string, isEncrypted: boolean): string | undefined
}

/** Allowed for a host that is named; never the addresses at which clouds serve credentials. */
const NAMED_RANGES: ReadonlySet<string> = new Set(['private', 'uniqueLocal', 'loopback'])

/**
 * Public addresses, by TLS; and of the others those that `allowPrivate` names, by host name,
 * address or CIDR.
 */
export function addressRules(allowPrivate: readonly string[]): AddressRules {
  const networks = allowPrivate.flatMap(networkOf)
  const hosts = new Set(allowPrivate.map((entry) => entry.toLowerCase()))
  const isAllowed = (host: string, address: Address) =>
    networks.some(([network, bits]) => isWithin(address, network, bits)) ||
    (hosts.has(host.toLowerCase()) && NAMED_RANGES.has(address.range()))
  return {
    names: (host) => hosts.has(host.toLowerCase()),
    refusal(host, text, isEncrypted) {
      if (!ipaddr.isValid(text)) return `${host} has no valid address`
      const address = ipaddr.process(text)
      if (isAllowed(host, address)) return undefined
      const where = host === text ? host : `${host} is at ${text}, which`
      if (!isPublic(address)) return `${where} is not a public address`
      return isEncrypted ? undefined : `${host} is a public address: use https`
    },
  }
}

const GLOBAL_IPV6 = ipaddr.IPv6.parse('2000::')

function isPublic(address: Address): boolean {
  if (address.range() !== 'unicast') return false
  return address.kind() === 'ipv4' || isWithin(address, GLOBAL_IPV6, 3)
}

function isWithin(address: Address, network: Address, bits: number): boolean {
  return address.kind() === network.kind() && address.match(network as never, bits)
}

function networkOf(entry: string): [network: Address, bits: number][] {
  if (ipaddr.isValidCIDR(entry)) return [ipaddr.parseCIDR(entry)]
  if (!ipaddr.isValid(entry)) return []
  const address = ipaddr.process(entry)
  return [[address, address.kind() === 'ipv4' ? 32 : 128]]
}

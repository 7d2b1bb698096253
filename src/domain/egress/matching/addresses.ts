import ipaddr from 'ipaddr.js'

type Address = ipaddr.IPv4 | ipaddr.IPv6

const GLOBAL_IPV6 = ipaddr.IPv6.parse('2000::')

/** What the ranges of addresses are that nobody reaches without a rule that names the address. */
const WHAT: Record<string, string> = {
  loopback: 'an address of this machine itself',
  linkLocal: 'a link-local address, where clouds serve credentials',
  private: 'a private address',
  uniqueLocal: 'a private address',
  carrierGradeNat: 'an address of a provider network',
  unspecified: 'no address of a host',
  multicast: 'a multicast address',
  broadcast: 'a broadcast address',
}

/** Why an address is not one of the public internet, in words; undefined for one that is. */
export function whyNotPublic(text: string, own: ReadonlySet<string>): string | undefined {
  if (!ipaddr.isValid(text)) return 'no address'
  if (own.has(text)) return 'an address of this machine itself'
  const address = ipaddr.process(text)
  const range = address.range()
  if (range !== 'unicast') return WHAT[range] ?? `a reserved address (${range})`
  if (address.kind() === 'ipv6' && !(address as ipaddr.IPv6).match(GLOBAL_IPV6, 3))
    return 'a reserved address'
  return undefined
}

/** A network by its first bits, as a key of maps; undefined if the text is neither of both. */
export function networkOf(text: string): { bits: number; key: string } | undefined {
  if (ipaddr.isValidCIDR(text)) {
    const [address, bits] = ipaddr.parseCIDR(text)
    return isPlainly(text.replace(/\/.*/, ''), address)
      ? { bits, key: networkKey(address, bits) }
      : undefined
  }
  if (!ipaddr.isValid(text) || !/^[0-9a-f.:]+$/i.test(text)) return undefined
  const address = ipaddr.process(text)
  const bits = address.kind() === 'ipv4' ? 32 : 128
  return { bits, key: networkKey(address, bits) }
}

/** Whether a network is written as everybody reads it: IPv4 in four decimal parts, or IPv6. */
function isPlainly(text: string, address: Address): boolean {
  return address.kind() === 'ipv4'
    ? ipaddr.IPv4.isValidFourPartDecimal(text)
    : !(address as ipaddr.IPv6).isIPv4MappedAddress()
}

/** The first `bits` of an address as a key. Those of IPv4 and IPv6 differ. */
export function networkKey(address: Address, bits: number): string {
  return keyOfBytes(address.kind(), address.toByteArray(), bits)
}

/** The same for the bytes of an address. */
export function keyOfBytes(kind: 'ipv4' | 'ipv6', bytes: readonly number[], bits: number): string {
  if (kind === 'ipv4') {
    const [a = 0, b = 0, c = 0, d = 0] = bytes
    const whole = ((a << 24) | (b << 16) | (c << 8) | d) >>> 0
    return `${bits}/${bits === 0 ? 0 : whole >>> (32 - bits)}`
  }
  const whole = bits >> 3
  let key = `v6 ${bits}/`
  for (let i = 0; i < whole; i++) key += String.fromCharCode(bytes[i] as number)
  if ((bits & 7) !== 0)
    key += String.fromCharCode((bytes[whole] as number) & (0xff << (8 - (bits & 7))) & 0xff)
  return key
}

const IPV4 = /^(\d+)\.(\d+)\.(\d+)\.(\d+)$/

/** The bytes of an address in its one spelling. Undefined for a text that is none. */
export function addressBytes(text: string): { kind: 'ipv4' | 'ipv6'; bytes: number[] } | undefined {
  const found = IPV4.exec(text)
  if (found !== null) return { kind: 'ipv4', bytes: found.slice(1).map(Number) }
  const address = parsedAddress(text)
  return address && { kind: address.kind(), bytes: address.toByteArray() }
}

/** An address, however it is written. Undefined for a text that is none. */
export function parsedAddress(text: string): Address | undefined {
  return ipaddr.isValid(text) ? ipaddr.process(text) : undefined
}

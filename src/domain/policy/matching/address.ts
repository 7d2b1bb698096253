import { glob } from '../../../base/glob.ts'

/**
 * Method, scheme and the rest. Clients accept any slashes after a web scheme, or none: `http:host`.
 */
const ADDRESS = /^(?:([A-Z]+) +)?(?:(https?|wss?|ftp):[/\\]*|([a-z][a-z0-9+.-]*):\/\/)?(.*)$/s
/** IPv6 addresses that contain an IPv4 address in their last two groups. */
const EMBEDDED_V4 = /^\[(?:::|::ffff:|::ffff:0:|64:ff9b::)([0-9a-f]{1,4}):([0-9a-f]{1,4})\]$/

/**
 * The host that a client would connect to, for any spelling: numbers in any base, full-width
 * digits, IPv4 in IPv6. Undefined if it is not an address.
 */
export function hostOf(target: string): string | undefined {
  return parsed(target)?.host
}

/** Scheme, host and port of a request, and its method, which is GET by default. */
export function authorityOf(target: string): { method: string; authority: string } {
  const read = parsed(target)
  return {
    method: read?.method.trim() || 'GET',
    authority: read === undefined ? target : `${read.scheme}${read.host}${read.port}`,
  }
}

/**
 * Spellings of an address for restrictions: with and without method and scheme, decoded, and
 * normalised.
 */
export function addressSpellings(target: string): string[] {
  const address = target.replace(/^[A-Z]+ /, '')
  const bare = address.replace(/^[a-z][a-z0-9+.-]*:\/\//, '')
  const decoded = bare.replace(/(?:%[0-9a-f]{2})+/gi, (run) => {
    try {
      return decodeURIComponent(run)
    } catch {
      return run
    }
  })
  const plain = [address, bare, decoded, bare.replace(/^[^/?#]*@/, '')]
  const read = parsed(target)
  if (read === undefined) return plain
  const where = [`${read.host}${read.port}${read.rest}`, `${read.host}${read.rest}`]
  const full = `${read.scheme}${where[0]}`
  return [...plain, read.host, ...where, full, `${read.method}${full}`]
}

function parsed(
  target: string,
): { method: string; scheme: string; host: string; port: string; rest: string } | undefined {
  const [, method, web, other, after = ''] = ADDRESS.exec(target) ?? []
  const scheme = web ?? other
  const text = `http://${after}`
  if (!URL.canParse(text)) return undefined
  const { hostname, port, pathname, search, hash } = new URL(text)
  return {
    method: method === undefined ? '' : `${method} `,
    scheme: scheme === undefined ? '' : `${scheme}://`,
    host: embeddedV4(hostname).replace(/\.$/, ''),
    port: port === '' ? '' : `:${port}`,
    rest: `${pathname}${search}${hash}`,
  }
}

function embeddedV4(host: string): string {
  const [, high, low] = EMBEDDED_V4.exec(host) ?? []
  if (high === undefined || low === undefined) return host
  const bits = [Number.parseInt(high, 16), Number.parseInt(low, 16)]
  return bits.flatMap((b) => [b >> 8, b & 255]).join('.')
}

const HOST_CHAR = /[\p{L}\p{N}._:[\]-]/u
const WILD = /(?<!\\)(?:\\\\)*[*?]/

/**
 * For permissions: whether the host of an address matches the host of a pattern, where a star
 * matches host characters only. A star directly after a whole name (`https://a.test*`) is part of
 * the path. This is required in addition to a match of the whole pattern.
 */
export function hostMatches(pattern: string, target: string): boolean {
  if (!WILD.test(pattern)) return true
  const wanted = pattern.replace(/^[A-Z*?]+ +/, '').replace(/^[a-z*?][a-z0-9+.*?-]*:\/\//, '')
  const bare = target.replace(/^[A-Z]+ +/, '').replace(/^[a-z][a-z0-9+.-]*:\/\//, '')
  const host = bare.replace(/[/?#\\].*$/s, '')
  const end = wanted.search(/[/#]|\\\?/)
  const authority = end < 0 ? wanted : wanted.slice(0, end)
  if (end < 0 && /^\*+$/.test(authority)) return true
  const ofPath = end < 0 ? /^(.*[\p{L}\p{N}\]])\*$/su.exec(authority)?.[1] : undefined
  const within = (char: string) => HOST_CHAR.test(char)
  if (end >= 0 && !glob(wanted.slice(end), bare.slice(host.length))) return false
  if (ofPath === undefined) return glob(authority, host, within)
  return glob(ofPath, host, within) || glob(ofPath, host.replace(/:\d+$/, ''), within)
}

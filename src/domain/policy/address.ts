import { glob } from '../../base/glob.ts'

/** Method, scheme, the rest. Clients take a web scheme's slashes as they come: `http:\\\\host`, `http:host`. */
const ADDRESS = /^(?:([A-Z]+) +)?(?:(https?|wss?|ftp):[/\\]*|([a-z][a-z0-9+.-]*):\/\/)?(.*)$/s
/** Prefixes under which IPv6 carries an IPv4 address in its last two groups. */
const CARRIED_V4 = /^\[(?:::|::ffff:|::ffff:0:|64:ff9b::)([0-9a-f]{1,4}):([0-9a-f]{1,4})\]$/

/**
 * The host that a client would reach, however it is spelled: numbers in any base, full-width digits, IPv4 inside of
 * IPv6. Undefined when no client would make anything of it.
 */
export function hostOf(target: string): string | undefined {
  return parsed(target)?.host
}

/** Where a client would send a request, with scheme and port as they are written, and by which method; GET if none is named. */
export function authorityOf(target: string): { method: string; authority: string } {
  const read = parsed(target)
  return {
    method: read?.method.trim() || 'GET',
    authority: read === undefined ? target : `${read.scheme}${read.host}${read.port}`,
  }
}

/** The ways in which a no is compared with an address: with and without method and scheme, decoded, and as a client reads it. */
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
    host: unmapped(hostname).replace(/\.$/, ''),
    port: port === '' ? '' : `:${port}`,
    rest: `${pathname}${search}${hash}`,
  }
}

function unmapped(host: string): string {
  const [, high, low] = CARRIED_V4.exec(host) ?? []
  if (high === undefined || low === undefined) return host
  const bits = [Number.parseInt(high, 16), Number.parseInt(low, 16)]
  return bits.flatMap((b) => [b >> 8, b & 255]).join('.')
}

const HOST_CHAR = /[\p{L}\p{N}._:[\]-]/u
const WILD = /(?<!\\)(?:\\\\)*[*?]/

/**
 * For saying yes: whether an address is at a host of the pattern, where a star among the pattern's host stands for
 * nothing but host. A star right behind a whole name (`https://a.test*`) is the path's. To be asked besides the whole
 * pattern, never instead.
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

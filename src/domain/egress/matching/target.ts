import { domainToASCII } from 'node:url'
import ipaddr from 'ipaddr.js'
import type { NetTarget } from './types.ts'

/** A host as it is compared: one spelling for each name and address. */
export interface ReadHost {
  host: string
  isAddress: boolean
}

/** Why a text is not what it should be, in words for whoever wrote it. */
export interface Unreadable {
  problem: string
}

const MAX_HOST = 255
const NAME =
  /^(?=.{1,253}$)[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?(?:\.[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?)*$/
/** A last label that clients take for the end of an IPv4 address, in any base. */
const NUMERIC_END = /(?:^|\.)(?:[0-9]+|0x[0-9a-f]*)\.?$/i
const PORT = /^[1-9][0-9]{0,4}$/

/**
 * Reads a host as clients do: names in Unicode, IPv4 addresses in any base and with parts left out,
 * IPv4 in IPv6. What could mean two hosts to two readers is refused.
 */
export function readHost(text: string): ReadHost | Unreadable {
  if (text === '') return { problem: 'the host is missing' }
  if (text.length > MAX_HOST) return { problem: 'the host is too long' }
  if (text.includes('@'))
    return { problem: 'a user name or password in the address is not supported' }
  if (text.startsWith('[') || text.includes(':')) return readIpv6(text)
  if (/[\u0000-\u0020\u007f%\\/?#<>^|"`{}[\]]/.test(text))
    return { problem: 'the host has characters that no name has' }
  const ascii = domainToASCII(text)
  if (ascii === '') return { problem: 'the host is not a valid name' }
  const name = ascii.endsWith('.') ? ascii.slice(0, -1) : ascii
  if (NUMERIC_END.test(name)) return readIpv4(name)
  return NAME.test(name)
    ? { host: name, isAddress: false }
    : { problem: 'the host is not a valid name' }
}

function readIpv6(text: string): ReadHost | Unreadable {
  const inner = text.startsWith('[') && text.endsWith(']') ? text.slice(1, -1) : text
  if (!ipaddr.IPv6.isValid(inner) || inner.includes('%'))
    return { problem: 'the host is not a valid IPv6 address' }
  return { host: addressText(ipaddr.process(inner)), isAddress: true }
}

function readIpv4(text: string): ReadHost | Unreadable {
  const url = URL.parse(`http://${text}/`)
  if (url === null || !ipaddr.IPv4.isValidFourPartDecimal(url.hostname))
    return { problem: 'the host looks like an address, but is none' }
  return { host: url.hostname, isAddress: true }
}

/** An address in its shortest form. IPv4 in IPv6 is the IPv4 address that is meant. */
export function addressText(address: ipaddr.IPv4 | ipaddr.IPv6): string {
  return address.kind() === 'ipv6' ? (address as ipaddr.IPv6).toRFC5952String() : address.toString()
}

/** Reads `host:port`, as CONNECT names where it goes. */
export function readAuthority(
  text: string,
  defaultPort?: number,
): (ReadHost & { port: number }) | Unreadable {
  const colon = /^(?:\[[^\]]*\]|[^:[\]]*):/.exec(text)?.[0].length ?? 0
  if (colon === 0 && defaultPort === undefined) return { problem: 'the port is missing' }
  const host = readHost(colon === 0 ? text : text.slice(0, colon - 1))
  if ('problem' in host) return host
  if (colon === 0) return { ...host, port: defaultPort as number }
  const port = text.slice(colon)
  return PORT.test(port) && Number(port) <= 65_535
    ? { ...host, port: Number(port) }
    : { problem: 'the port is not a number from 1 to 65535' }
}

/** A plain HTTP request to a proxy. What is judged is what is sent on: `path` is normalised. */
export interface ReadRequest extends ReadHost {
  port: number
  path: string
}

const MAX_URL = 8192
const HTTP_URL = /^http:\/\/([^/?#\\]*)([/?][\u0021-\u0022\u0024-\u005b\u005d-\u007e]*)?$/i

/** Reads the URL of a plain request. */
export function readAbsoluteUrl(text: string): ReadRequest | Unreadable {
  if (text.length > MAX_URL) return { problem: `the address has more than ${MAX_URL} characters` }
  const [whole, authority = '', rest = '/'] = HTTP_URL.exec(text) ?? []
  if (whole === undefined) return { problem: 'the address is not a plain http:// address' }
  const where = readAuthority(authority, 80)
  if ('problem' in where) return where
  const path = pathOf(rest)
  return path === undefined ? { problem: 'the path cannot be read' } : { ...where, path }
}

/** Path and query without `.` and `..`, also where these are percent-encoded. */
function pathOf(rest: string): string | undefined {
  const url = URL.parse(`http://host.invalid${rest}`)
  return url === null ? undefined : `${url.pathname}${url.search}`
}

/** `host:port`, with brackets where they are needed. */
export function authorityText({ host, port }: { host: string; port: number }): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`
}

/** The target of a question about a tunnel. */
export function tunnelText(where: { host: string; port: number }): string {
  return `CONNECT ${authorityText(where)}`
}

/** The target of a question about a plain request. */
export function requestText(method: string, { port, path, ...where }: ReadRequest): string {
  const authority = authorityText({ ...where, port })
  return `${method} http://${port === 80 ? authority.slice(0, -3) : authority}${path}`
}

const DEFAULT_PORTS: Record<string, number> = { http: 80, ws: 80, https: 443, wss: 443, ftp: 21 }

/**
 * Reads the target of an action of type `net`, whoever asks: `CONNECT host:port`, or a URL with or
 * without method and scheme. Undefined for what names no host.
 */
export function readNetTarget(text: string): NetTarget | undefined {
  const [, method = 'GET', rest = text] = /^([A-Z]{1,20}) +(\S.*)$/s.exec(text) ?? []
  if (method === 'CONNECT') {
    const where = readAuthority(rest)
    if ('problem' in where) return undefined
    return { ...where, method: undefined, path: undefined }
  }
  return readUrlTarget(method, rest)
}

function readUrlTarget(method: string, text: string): NetTarget | undefined {
  const [, scheme = '', after = text] = /^([a-z][a-z0-9+.-]*):\/\/(.*)$/is.exec(text) ?? []
  const end = after.search(/[/?#\\]/)
  const authority = end < 0 ? after : after.slice(0, end)
  const where = readAuthority(authority, DEFAULT_PORTS[scheme.toLowerCase()] ?? 0)
  if ('problem' in where) return undefined
  const path = pathOf(end < 0 ? '/' : after.slice(end))
  if (path === undefined) return undefined
  return { ...where, port: where.port === 0 ? undefined : where.port, method, path }
}

import type { IncomingHttpHeaders } from 'node:http'
import type { DoorPlace } from '../../domain/doors/types.ts'
import { hostAndPort, isLoopback } from '../../wire/places.ts'

/** The addresses by which browsers may know this door. Another name may lead to it by DNS. */
export function authorities(place: DoorPlace): ReadonlySet<string> {
  return new Set([
    hostAndPort(place),
    ...(isLoopback(place.host) ? [`localhost:${place.port}`] : []),
  ])
}

/** Why a request did not come from a page of this door, or nothing. */
export function foreign(
  headers: IncomingHttpHeaders,
  known: ReadonlySet<string>,
  wants: 'file' | 'data',
): 'another host' | 'another origin' | 'another site' | undefined {
  const { host = '', origin } = headers
  if (!known.has(host.toLowerCase())) return 'another host'
  if (wants === 'file') return undefined
  if (origin?.toLowerCase() !== `https://${host.toLowerCase()}`) return 'another origin'
  const site = headers['sec-fetch-site']
  return site === undefined || site === 'same-origin' ? undefined : 'another site'
}

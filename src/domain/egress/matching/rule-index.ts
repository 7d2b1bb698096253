import { globOf } from '../../../base/glob.ts'
import { addressBytes, keyOfBytes, networkOf } from './addresses.ts'
import type { EgressMatch, NetTarget } from './types.ts'

/** Whether a request is what a rule means. Of a tunnel, method and path are not known. */
export type EgressLikelihood = 'certain' | 'possible' | 'none'

/** The ports of a rule that names none, where it allows. */
const USUAL_PORTS: readonly number[] = [80, 443]

interface Indexed<T> {
  item: T
  ports: ReadonlySet<number> | undefined
  methods: ReadonlySet<string> | undefined
  path: ((text: string) => boolean) | undefined
}

/** Rules of one host by port; those of any port have the key 0. */
type ByPort<T> = Map<number, Indexed<T>[]>

const ANY_PORT = 0

/**
 * Rules by host and port, so that a request is compared with few of them: names by themselves and
 * by each of their ends at a dot, addresses by the networks that contain them.
 */
export class EgressIndex<T> {
  readonly #names = new Map<string, ByPort<T>>()
  readonly #below = new Map<string, ByPort<T>>()
  readonly #networks = new Map<string, ByPort<T>>()
  /** Lengths of networks that there are, of IPv4 and of IPv6. */
  readonly #lengths = { ipv4: new Set<number>(), ipv6: new Set<number>() }
  readonly #any: ByPort<T> = new Map()
  size = 0

  /** `allows`: without ports it is about the usual ones only. */
  add(item: T, match: EgressMatch, allows: boolean): void {
    this.size++
    const ports = match.port ?? (allows ? USUAL_PORTS : undefined)
    const indexed: Indexed<T> = {
      item,
      ports: ports && new Set(ports),
      methods: match.method && new Set(match.method),
      path: match.path === undefined ? undefined : pathTest(match.path),
    }
    const byPort = this.#placeOf(match.host)
    for (const port of ports ?? [ANY_PORT]) {
      const list = byPort.get(port)
      if (list === undefined) byPort.set(port, [indexed])
      else list.push(indexed)
    }
  }

  #placeOf(host: string): ByPort<T> {
    if (host === '*') return this.#any
    if (host.startsWith('*.')) return placeIn(this.#below, host.slice(2))
    const network = networkOf(host)
    if (network === undefined) return placeIn(this.#names, host)
    this.#lengths[host.includes(':') ? 'ipv6' : 'ipv4'].add(network.bits)
    return placeIn(this.#networks, network.key)
  }

  /** The rules that a request is, or could be, an example of. */
  find(target: NetTarget): { item: T; likelihood: EgressLikelihood }[] {
    const found: { item: T; likelihood: EgressLikelihood }[] = []
    for (const place of this.#placesFor(target))
      for (const list of listsAt(place, target.port))
        for (const indexed of list) {
          const likelihood = likelihoodOf(indexed, target)
          if (likelihood !== 'none') found.push({ item: indexed.item, likelihood })
        }
    return found
  }

  /** The rules that name an address, or a network that contains it, whatever is asked there. */
  forAddress(address: string, port: number): T[] {
    const target = { host: address, isAddress: true, port }
    return this.#networksFor(target).flatMap((place) =>
      listsAt(place, port).flatMap((list) => list.map(({ item }) => item)),
    )
  }

  /** Whether a rule names exactly this name. */
  namesHost(host: string): boolean {
    return this.#names.has(host)
  }

  #placesFor(target: NetTarget): ByPort<T>[] {
    const { host } = target
    const places = target.isAddress ? this.#networksFor(target) : this.#namesFor(host)
    if (this.#any.size > 0) places.push(this.#any)
    return places
  }

  #namesFor(host: string): ByPort<T>[] {
    const places: ByPort<T>[] = []
    const exact = this.#names.get(host)
    if (exact !== undefined) places.push(exact)
    if (this.#below.size === 0) return places
    for (let dot = host.indexOf('.'); dot >= 0; dot = host.indexOf('.', dot + 1)) {
      const place = this.#below.get(host.slice(dot + 1))
      if (place !== undefined) places.push(place)
    }
    return places
  }

  #networksFor({ host }: Pick<NetTarget, 'host'>): ByPort<T>[] {
    const address = addressBytes(host)
    if (address === undefined) return []
    const places: ByPort<T>[] = []
    for (const bits of this.#lengths[address.kind]) {
      const place = this.#networks.get(keyOfBytes(address.kind, address.bytes, bits))
      if (place !== undefined) places.push(place)
    }
    return places
  }
}

function placeIn<T>(map: Map<string, ByPort<T>>, key: string): ByPort<T> {
  let place = map.get(key)
  if (place === undefined) map.set(key, (place = new Map()))
  return place
}

/** A question that names no port could be about any of them. */
function listsAt<T>(place: ByPort<T>, port: number | undefined): Indexed<T>[][] {
  if (port === undefined) return [[...new Set([...place.values()].flat())]]
  const lists: Indexed<T>[][] = []
  for (const key of [ANY_PORT, port]) {
    const list = place.get(key)
    if (list !== undefined) lists.push(list)
  }
  return lists
}

function likelihoodOf<T>(
  { ports, methods, path }: Indexed<T>,
  target: NetTarget,
): EgressLikelihood {
  if (methods !== undefined && target.method !== undefined && !methods.has(target.method))
    return 'none'
  if (path !== undefined && target.path !== undefined && !path(target.path)) return 'none'
  return isUnknown(ports, target.port) ||
    isUnknown(methods, target.method) ||
    isUnknown(path, target.path)
    ? 'possible'
    : 'certain'
}

/** Whether a rule is about something that a question does not say. */
function isUnknown(wanted: unknown, known: unknown): boolean {
  return wanted !== undefined && known === undefined
}

/** A pattern without a query is compared with the path alone. */
function pathTest(pattern: string): (text: string) => boolean {
  const test = globOf(pattern)
  if (pattern.includes('?')) return (text) => test(text)
  return (text) => {
    const query = text.indexOf('?')
    return test(query < 0 ? text : text.slice(0, query))
  }
}

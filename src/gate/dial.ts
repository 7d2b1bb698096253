import { connect, isIP, type LookupFunction, type Socket } from 'node:net'
import type { EgressRefusal } from '../domain/egress/types.ts'
import type { GateJudge, GateLimits } from './types.ts'

interface Destination {
  host: string
  port: number
  isAddress: boolean
}

export interface DialContext {
  judge: GateJudge
  limits: GateLimits
  /** Aborted when nobody wants the connection any more. */
  signal: AbortSignal
}

/** A connection, or why there is none. */
export type Dialled = { socket: Socket } | { refusal: EgressRefusal }

/**
 * Connects to a host. Its name is resolved here and now, and the connection goes to an address that
 * was looked at, whatever the name means a moment later.
 */
export async function dial(
  { host, port, isAddress }: Destination,
  { judge, limits, signal }: DialContext,
): Promise<Dialled> {
  const addresses = isAddress ? [host] : await judge.resolve(host).catch(() => [])
  if (addresses.length === 0)
    return {
      refusal: {
        code: 'name.unresolved',
        reason: `${host} has no address`,
        next: 'Check the name. Names are resolved outside of the pod.',
      },
    }
  const whys = addresses.map((address) => judge.whyNotAddress(host, address, port))
  const open = addresses.filter((_, at) => whys[at] === undefined)
  if (open.length === 0)
    return {
      refusal: {
        code: 'address.refused',
        reason: whys[0] as string,
        next: 'An operator can allow the address itself in `egress` of policies.yaml.',
      },
    }
  return connected({ host, port }, open, { limits, signal })
}

function connected(
  { host, port }: { host: string; port: number },
  addresses: readonly string[],
  { limits, signal }: Pick<DialContext, 'limits' | 'signal'>,
): Promise<Dialled> {
  return new Promise((resolve) => {
    const socket = connect({
      host: addresses.length === 1 ? (addresses[0] as string) : host,
      port,
      lookup: pinned(addresses),
      autoSelectFamily: true,
      allowHalfOpen: true,
      noDelay: true,
    })
    const failed = (why: string) => {
      end()
      socket.on('error', () => undefined).destroy()
      const reason = `${host}:${port} cannot be reached: ${why}`
      resolve({ refusal: { code: 'not.reachable', reason, next: 'Try again later.' } })
    }
    const onError = (error: NodeJS.ErrnoException) => failed(error.code ?? 'error')
    const onAbort = () => failed('whoever asked is gone')
    const timer = setTimeout(() => failed('no answer in time'), limits.dialMs)
    const end = () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', onAbort)
      socket.off('error', onError)
    }
    socket.on('error', onError)
    signal.addEventListener('abort', onAbort, { once: true })
    socket.once('connect', () => {
      end()
      resolve({ socket })
    })
    if (signal.aborted) onAbort()
  })
}

/** Answers with the addresses that were looked at, and no others. */
function pinned(addresses: readonly string[]): LookupFunction {
  const all = addresses.map((address) => ({ address, family: isIP(address) }))
  return (_host, options, callback) => {
    if (options.all === true) callback(null, all)
    else callback(null, all[0]?.address ?? '', all[0]?.family)
  }
}

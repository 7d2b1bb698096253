import type { AddressInfo, Server } from 'node:net'
import { networkInterfaces } from 'node:os'
import { errno, Fault } from '../base/fault.ts'
import type { DoorPlace } from '../domain/doors/types.ts'
import { isLoopback } from '../wire/places.ts'

/** Listens, and answers at which port. Fault `not.possible`. */
export function listenAt(server: Server, { host, port }: DoorPlace): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause) => reject(unusablePlace({ host, port }, cause)))
    server.listen({ host, port, exclusive: true }, () =>
      resolve((server.address() as AddressInfo).port),
    )
  })
}

function unusablePlace({ host, port }: DoorPlace, cause: unknown): Fault {
  const code = errno(cause)
  if (code === 'EADDRNOTAVAIL' || code === 'EINVAL') return notOwn(host, cause)
  if (code === 'EADDRINUSE')
    return new Fault('not.possible', `another program listens at port ${port} of ${host}`, {
      cause,
      hint: 'Choose another one with --port',
    })
  return new Fault('not.possible', `port ${port} of ${host} cannot be used: ${String(cause)}`, {
    cause,
    hint: 'Choose another one with --port',
  })
}

function notOwn(host: string, cause?: unknown): Fault {
  const own = ownAddresses().filter((address) => !isLoopback(address))
  return new Fault('not.possible', `${host} is not an address of this machine`, {
    cause,
    hint: `It has: ${own.join(', ') || 'none but its loopback'}`,
  })
}

/** Fault `not.possible` for an address of another machine. */
export function requireOwn(host: string): void {
  if (!isLoopback(host) && !ownAddresses().includes(host)) throw notOwn(host)
}

function ownAddresses(): string[] {
  return Object.values(networkInterfaces())
    .flatMap((all) => all ?? [])
    .filter(({ scopeid }) => (scopeid ?? 0) === 0)
    .map(({ address }) => address)
}

import type { Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import { networkInterfaces } from 'node:os'
import type { Clock } from '../base/clock.ts'
import { errno, Fault } from '../base/fault.ts'
import type { HostKey } from '../base/signing.ts'
import type { Home } from '../config/home.ts'
import type { DoorOpener, DoorPlace, OpenDoor } from '../domain/doors/types.ts'
import { hostAndPort, isLoopback } from '../wire/places.ts'
import type { ComposedDeck } from './compose/deck.ts'
import type { Execute } from './execute.ts'
import { refusalsAt } from './refusals.ts'
import { closeServer } from './sockets.ts'

interface WebContext {
  home: Home
  composed: ComposedDeck
  key: HostKey
  clock: Clock
  log: (what: string) => void
  execute: Execute
}

/** How the page for phones is opened. Its code is loaded only then. */
export function webOpener(context: WebContext): DoorOpener {
  return async ({ host, port }): Promise<OpenDoor> => {
    if (!isOwn(host)) throw notOwn(host)
    const { home, composed, key, clock, log, execute } = context
    const [{ webDoor }, { Sessions }, { Signatures }, { openCertificate }] = await Promise.all([
      import('../doors/web/door.ts'),
      import('../doors/access/sessions.ts'),
      import('../doors/web/signatures.ts'),
      import('../doors/web/certificate.ts'),
    ])
    const certificate = await openCertificate(home.secrets, host, clock.now())
    const trusted = (id: string) => {
      const device = composed.access.trusted(id)
      return device?.kind === 'device' ? device : undefined
    }
    const place = { host, port }
    const { journal } = composed.record
    const server = await webDoor({
      operators: composed.operators,
      sessions: new Sessions({ deck: key.keyId, clock, trusted }),
      signatures: new Signatures(key.keyId, clock),
      execute,
      log,
      now: clock.now.bind(clock),
      deck: key.keyId,
      certificate,
      place: () => place,
      refused: refusalsAt('web', { journal, clock, problem: log }),
    })
    place.port = await listenAt(server, place)
    const url = `https://${hostAndPort(place)}`
    log(`the page for phones is at ${url}`)
    const { fingerprint, validUntil } = certificate
    return {
      address: { place, url, fingerprint, validUntil },
      [Symbol.asyncDispose]: () => closeServer(server),
    }
  }
}

/** Listens, and answers at which port. Fault `not.possible`. */
function listenAt(server: Server, { host, port }: DoorPlace): Promise<number> {
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
      hint: 'Choose another one: clawdeck access serve --port <port>',
    })
  return new Fault('not.possible', `port ${port} of ${host} cannot be used: ${String(cause)}`, {
    cause,
    hint: 'Choose another one: clawdeck access serve --port <port>',
  })
}

function notOwn(host: string, cause?: unknown): Fault {
  const own = ownAddresses().filter((address) => !isLoopback(address))
  return new Fault('not.possible', `${host} is not an address of this machine`, {
    cause,
    hint: `It has: ${own.join(', ') || 'none but its loopback'}`,
  })
}

function isOwn(host: string): boolean {
  return isLoopback(host) || ownAddresses().includes(host)
}

function ownAddresses(): string[] {
  return Object.values(networkInterfaces())
    .flatMap((all) => all ?? [])
    .filter(({ scopeid }) => (scopeid ?? 0) === 0)
    .map(({ address }) => address)
}

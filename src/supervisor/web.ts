import type { DoorOpener, OpenDoor } from '../domain/doors/types.ts'
import { hostAndPort } from '../wire/places.ts'
import type { DoorContext } from './door-context.ts'
import { listenAt, requireOwn } from './listen-at.ts'
import { refusalsAt } from './refusals.ts'
import { closeServer } from './sockets.ts'

/** How the page for phones is opened. Its code is loaded only then. */
export function webOpener(context: DoorContext): DoorOpener {
  return async ({ host, port }): Promise<OpenDoor> => {
    requireOwn(host)
    const { home, composed, key, clock, log, execute, outside } = context
    const [{ webDoor }, { Sessions }, { Signatures }, { ServedCertificate }, agents] =
      await Promise.all([
        import('../doors/web/door.ts'),
        import('../doors/access/sessions.ts'),
        import('../doors/web/signatures.ts'),
        import('../doors/web/served-certificate.ts'),
        outside(),
      ])
    await using parts = new AsyncDisposableStack()
    const certificate = parts.use(
      await ServedCertificate.open({ secrets: home.secrets, host, clock, log }),
    )
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
      agents,
      execute,
      log,
      now: clock.now.bind(clock),
      deck: key.keyId,
      certificate: () => certificate.current,
      place: () => place,
      refused: refusalsAt('web', { journal, clock, problem: log }),
    })
    certificate.onRenewed(({ key: own, cert }) => server.setSecureContext({ key: own, cert }))
    place.port = await listenAt(server, place)
    const url = `https://${hostAndPort(place)}`
    log(`the page for phones is at ${url}`)
    parts.defer(() => closeServer(server))
    const open = parts.move()
    return {
      get address() {
        const { fingerprint, validUntil } = certificate.current
        return { place, url, fingerprint, validUntil }
      },
      [Symbol.asyncDispose]: () => open.disposeAsync(),
    }
  }
}

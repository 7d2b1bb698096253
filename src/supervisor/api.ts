import type { Clock } from '../base/clock.ts'
import type { Deck } from '../commands/deck.ts'
import type { Home } from '../config/home.ts'
import type { Settings } from '../config/settings.ts'
import type { DoorOpener, OpenDoor } from '../domain/doors/types.ts'
import { hostAndPort, isLoopback } from '../wire/places.ts'
import type { ComposedDeck } from './compose/deck.ts'
import { executor } from './execute.ts'
import { listenAt, requireOwn } from './listen-at.ts'
import { refusedActs } from './refusals.ts'
import { closeServer } from './sockets.ts'
import type { Turns } from './turns/turns.ts'

interface ApiContext {
  home: Home
  composed: ComposedDeck
  deck: Deck
  clock: Clock
  turns: Turns
  settings: Settings
  version: string
  log: (what: string) => void
}

/** How the governance API is opened. Its code is loaded only then. */
export function apiOpener(context: ApiContext): DoorOpener {
  return async ({ host, port }): Promise<OpenDoor> => {
    requireOwn(host)
    const { composed, deck, clock, turns, settings, version, log } = context
    const [{ apiDoor }, { apiEndpoints }, api] = await Promise.all([
      import('../doors/dashclaw/door.ts'),
      import('../commands/api/endpoints.ts'),
      deck.governance(),
    ])
    const { journal } = composed.record
    const place = { host, port }
    const certificate = await certificateFor(context, host)
    const url = () => `${certificate === undefined ? 'http' : 'https'}://${hostAndPort(place)}`
    const acts = new Map(apiEndpoints.map(({ act }) => [act.id, act]))
    const { server, beside } = apiDoor({
      endpoints: apiEndpoints,
      execute: executor({
        deck: { ...deck, ...api } as unknown as Deck,
        journal,
        refused: refusedActs({ journal, clock, problem: log }),
        find: (id) => acts.get(id),
      }),
      orgs: api.orgs,
      inTurn: (key, work, bytes) => turns.take(key, work, bytes),
      clock,
      requestsPerMinute: settings.api.requestsPerMinute,
      version,
      baseUrl: api.baseUrl,
      log,
      ...(certificate === undefined ? {} : { tls: certificate }),
    })
    place.port = await listenAt(server, place)
    const { doors } = composed
    doors.setBeside(beside)
    api.signalWatch.start(log)
    log(`the governance API is at ${url()}`)
    return {
      address: {
        place,
        url: url(),
        fingerprint: certificate?.fingerprint ?? '',
        validUntil: certificate?.validUntil ?? 0,
      },
      async [Symbol.asyncDispose]() {
        doors.setBeside(undefined)
        api.signalWatch.stop()
        api.stream.endAll()
        await closeServer(server)
      },
    }
  }
}

/** None where only this machine listens: there the API is served without TLS. */
async function certificateFor({ home, clock }: ApiContext, host: string) {
  if (isLoopback(host)) return undefined
  const { openCertificate } = await import('../doors/web/certificate.ts')
  return openCertificate(home.secrets, host, clock.now())
}

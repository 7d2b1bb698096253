import { Fault } from '../../../base/fault.ts'
import type { Journal } from '../../../journal/journal.ts'
import type { Store } from '../../../store/open.ts'
import type { Operator } from '../types.ts'
import { identityText, tokenHash } from './rules.ts'
import type { Device, DeviceIdentity, DeviceKind, Pairing } from './types.ts'

/** Pairings and devices as they are now. */
export interface PairingReader {
  /** Offers that are not over. */
  going(): Pairing[]
  trusted(): Device[]
  /** The trusted device with this identity. */
  known(identity: DeviceIdentity): Device | undefined
  /** The trusted devices of a kind. */
  ofKind(kind: DeviceKind): Device[]
  /** Whether an offer of a kind waits for a device. */
  isOffered(kind: DeviceKind): boolean
  /** Fault `not.found`. */
  pairing(id: string): Pairing
  /** Fault `not.found`. */
  device(id: string): Device
  /** The pairing whose token an account at Telegram took. Fault `not.found`. */
  taken(token: string, user: number): Pairing
  /** The trusted device of an account at Telegram. Fault `not.found`. */
  ofAccount(user: number): Device
  /** Fault `not.found`, also for one who was removed. */
  operator(id: string): Operator
}

export function pairingReader({
  store,
  journal: { rows },
}: {
  store: Store
  journal: Journal
}): PairingReader {
  const going = store
    .prepare<[], string>("SELECT row FROM pairing WHERE state IN ('open', 'presented')")
    .pluck()
  const trusted = store
    .prepare<[], string>("SELECT row FROM device WHERE state = 'trusted' ORDER BY id")
    .pluck()
  const offers = () => going.all().map((row) => JSON.parse(row) as Pairing)
  const devices = () => trusted.all().map((row) => JSON.parse(row) as Device)
  return {
    going: offers,
    trusted: devices,
    known(identity) {
      const text = identityText(identity)
      return devices().find((device) => identityText(device.identity) === text)
    },
    ofKind: (kind) => devices().filter((device) => device.kind === kind),
    isOffered: (kind) => offers().some((offer) => offer.kind === kind && offer.state === 'open'),
    pairing: (id) =>
      rows.get<Pairing>('pairing', id) ??
      missing(`no pairing ${id}`, '`clawdeck access list` shows what is open.'),
    device: (id) =>
      rows.get<Device>('device', id) ??
      missing(`no device ${id}`, '`clawdeck access list` shows the devices that are trusted.'),
    taken(token, user) {
      const hash = tokenHash(token)
      const found = offers().find((offer) => offer.tokenHash === hash)
      return isAccount(found?.presented?.identity, user) && found !== undefined
        ? found
        : missing(
            'no account of this number has taken an offer with this token',
            '`clawdeck access pairings` shows who has taken an offer.',
          )
    },
    ofAccount: (user) =>
      devices().find(({ identity }) => isAccount(identity, user)) ??
      missing(
        `no account ${user} at Telegram is paired`,
        '`clawdeck access list telegram` shows those that are.',
      ),
    operator(id) {
      const operator = rows.get<Operator>('operator', id)
      return operator?.state === 'active'
        ? operator
        : missing(
            `no operator ${id}`,
            '`clawdeck operators list` shows who may work with this deck.',
          )
    },
  }
}

function isAccount(identity: DeviceIdentity | undefined, user: number): boolean {
  return identity?.type === 'telegram' && identity.user === user
}

function missing(what: string, hint: string): never {
  throw new Fault('not.found', what, { hint })
}

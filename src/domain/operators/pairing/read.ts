import { Fault } from '../../../base/fault.ts'
import type { Journal } from '../../../journal/journal.ts'
import type { Store } from '../../../store/open.ts'
import type { Operator } from '../types.ts'
import type { Device, Pairing } from './types.ts'

/** Pairings and devices as they are now. */
export interface PairingReader {
  /** Offers that are not over. */
  going(): Pairing[]
  trusted(): Device[]
  /** Fault `not.found`. */
  pairing(id: string): Pairing
  /** Fault `not.found`. */
  device(id: string): Device
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
  return {
    going: () => going.all().map((row) => JSON.parse(row) as Pairing),
    trusted: () => trusted.all().map((row) => JSON.parse(row) as Device),
    pairing: (id) =>
      rows.get<Pairing>('pairing', id) ??
      missing(`no pairing ${id}`, '`clawdeck access list` shows what is open.'),
    device: (id) =>
      rows.get<Device>('device', id) ??
      missing(`no device ${id}`, '`clawdeck access list` shows the devices that are trusted.'),
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

function missing(what: string, hint: string): never {
  throw new Fault('not.found', what, { hint })
}

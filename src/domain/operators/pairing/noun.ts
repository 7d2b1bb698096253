import { body, noun, type BodiesOf } from '../../../journal/noun.ts'
import type { Rows } from '../../../journal/tables/rows.ts'
import { CONFIRM_MS } from './rules.ts'
import type { Device, Pairing, PairingRow, Presented } from './types.ts'

const pairingEvents = {
  'pairing.offered':
    body<Omit<Pairing, 'offeredAt' | 'offeredBy' | 'state' | 'presented' | 'device'>>(),
  'pairing.presented': body<{ id: string; presented: Presented }>(),
  /** Somebody showed a token that no open offer has. */
  'pairing.guessed': body<{ tries: number }>(),
  'pairing.refused': body<{ id: string }>(),
  'pairing.expired': body<{ id: string }>(),
  'pairing.locked': body<{ id: string }>(),
  /** The key of an agent is trusted by it. Of a device, `device.trusted` says so. */
  'pairing.confirmed': body<{ id: string; key: string }>(),
}

const deviceEvents = {
  'device.trusted': body<{ pairing: string } & Omit<Device, 'trustedAt' | 'trustedBy' | 'state'>>(),
  'device.revoked': body<{ id: string; operator: string }>(),
}

declare module '../../../journal/types.ts' {
  interface EventBodies extends BodiesOf<typeof pairingEvents>, BodiesOf<typeof deviceEvents> {}
  interface MirroredRows {
    pairing: PairingRow
    device: Device
  }
}

function change(rows: Rows, id: string, part: Partial<Pairing>): void {
  const pairing = rows.get<Pairing>('pairing', id)
  if (pairing !== undefined) rows.put('pairing', id, { ...pairing, ...part })
}

/** Offers to trust a device. */
export const pairingNoun = noun({
  name: 'pairing',
  columns: { state: { path: 'state', type: 'TEXT' } },
  indexes: [['state']],
  events: pairingEvents,
  folds: {
    'pairing.offered': ({ at, actor, body: offered }, rows) =>
      rows.put('pairing', offered.id, {
        ...offered,
        offeredAt: at,
        offeredBy: actor,
        state: 'open',
        presented: null,
        device: null,
      } satisfies Pairing),
    'pairing.presented': ({ at, body: { id, presented } }, rows) =>
      change(rows, id, { state: 'presented', presented, expiresAt: at + CONFIRM_MS }),
    'pairing.refused': ({ body: { id } }, rows) => change(rows, id, { state: 'refused' }),
    'pairing.expired': ({ body: { id } }, rows) => change(rows, id, { state: 'expired' }),
    'pairing.locked': ({ body: { id } }, rows) => change(rows, id, { state: 'locked' }),
    'pairing.confirmed': ({ body: { id, key } }, rows) =>
      change(rows, id, { state: 'confirmed', device: key }),
    'device.trusted': ({ body: { pairing, id } }, rows) =>
      change(rows, pairing, { state: 'confirmed', device: id }),
  },
  grants: (here, expected) => isOpen(here) && !isOpen(expected),
  mirror: ["WHERE state IN ('open', 'presented')"],
})

function isOpen(row: object | undefined): boolean {
  const { state } = (row ?? {}) as Partial<Pairing>
  return state === 'open' || state === 'presented'
}

/** What the deck trusts of each operator. */
export const deviceNoun = noun({
  name: 'device',
  columns: {
    state: { path: 'state', type: 'TEXT' },
    operator: { path: 'operator', type: 'TEXT' },
  },
  indexes: [['state'], ['operator']],
  events: deviceEvents,
  folds: {
    'device.trusted': ({ at, actor, body }, rows) => {
      const { id, operator, kind, name, identity } = body
      const device = { id, operator, kind, name, identity, trustedAt: at, trustedBy: actor }
      rows.put('device', id, { ...device, state: 'trusted' } satisfies Device)
    },
    'device.revoked': ({ body: { id } }, rows) => {
      const device = rows.get<Device>('device', id)
      if (device !== undefined) rows.put('device', id, { ...device, state: 'revoked' })
    },
  },
  grants: (here, expected) => isTrusted(here) && !isTrusted(expected),
  mirror: ["WHERE state = 'trusted'"],
})

function isTrusted(row: object | undefined): boolean {
  return (row as Partial<Device> | undefined)?.state === 'trusted'
}

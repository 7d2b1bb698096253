import { findFace } from '../../../commands/registry.ts'
import type { PairingOffer } from '../../../domain/operators/pairing/types.ts'
import { qrModules } from '../../text/qr.ts'
import type { UiLayer } from '../store/layer.ts'
import { changeLayer, pushLayer } from '../store/store.ts'
import type { ConsoleContext } from './context.ts'

/** Shows an offer that was just made: a code to scan where it is for a phone. */
export function showOffer({ store }: ConsoleContext, { pairing, link }: PairingOffer): void {
  const layer = { kind: 'pairing', id: pairing.id, link, qr: null } as const
  pushLayer(store, layer)
  if (findFace('access.pair')?.qr?.({ pairing, link } as never) === undefined) return
  const isMine = (one: UiLayer): boolean => one.kind === 'pairing' && one.id === pairing.id
  void qrModules(link).then((qr) => changeLayer(store, isMine, () => ({ ...layer, qr })))
}

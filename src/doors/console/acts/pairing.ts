import { plain } from '../../../base/text.ts'
import { findFace } from '../../../commands/registry.ts'
import { offeredAgent } from '../../../domain/operators/pairing/rules.ts'
import type { PairingRow } from '../../../domain/operators/pairing/types.ts'
import { operatorId } from '../../../domain/operators/rules.ts'
import { pushLayer } from '../store/store.ts'
import { tableOf } from '../store/world.ts'
import type { ConsoleContext } from './context.ts'
import { field, openForm } from './fields.ts'
import { send } from './send.ts'

/** Asks what to pair, and for whom. */
export function openPairForm(context: ConsoleContext): void {
  const agents = [...tableOf(context.store.getState().world, 'agent').keys()]
  openForm(context, {
    title: 'Pair a device',
    intro: ['A phone uses the page of this deck: clawdeck access serve opens it.'],
    fields: [
      field('kind', { label: 'device', text: 'device', about: '', choices: KINDS, notes: NOTES }),
      field('scope', { label: 'for', text: 'deck', about: '', choices: ['deck', ...agents] }),
      field('role', {
        label: 'role',
        text: 'operator',
        about: 'of a new operator',
        choices: ['viewer', 'operator', 'owner'],
      }),
      field('operator', {
        label: 'operator',
        text: '',
        about: 'a device more of this operator; empty for a new one',
      }),
      field('expires', { label: 'seconds', text: '60', about: 'for which the offer is open' }),
    ],
    purpose: { actId: 'access.pair', input: {}, kind: 'act' },
  })
}

const KINDS = ['device', 'console', 'telegram', 'agent']
const NOTES = {
  device: 'a phone, or another browser',
  console: 'another terminal',
  telegram: 'an account at Telegram, which has to be set up: access bot',
  agent: 'an agent that runs elsewhere, named by “for”',
}

/** A name that no operator has: `root` is taken where root runs the deck. */
function freeName({ store }: ConsoleContext, name: string): string {
  const taken = tableOf(store.getState().world, 'operator')
  let free = name
  for (let i = 2; taken.has(free); i++) free = `${name}-${i}`
  return free
}

/** Confirms a pairing whose code is on the screen; elsewhere it is shown first. */
export function confirmPairing(context: ConsoleContext, pairing: PairingRow): void {
  const { store } = context
  const { id, operator, presented } = pairing
  const isForNew = operator === null && offeredAgent(pairing) === undefined
  const isShown = store.getState().ui.layers.some((one) => one.kind === 'pairing' && one.id === id)
  const face = findFace('access.confirm')
  if (!isShown) pushLayer(store, { kind: 'pairing', id, link: null, qr: null })
  else if (face !== undefined && presented !== null && !isForNew)
    void send(context, face, { id, confirm: { code: presented.code } })
  else if (presented !== null)
    openForm(context, {
      title: 'Confirm pairing',
      intro: [
        `${plain(presented.person, 60)} with ${plain(presented.device, 60)} shows the code ${presented.code}.`,
      ],
      fields: [
        field('operator', {
          label: 'new name',
          text: freeName(context, operatorId(presented.person)),
          about: 'how the new operator is called here',
        }),
      ],
      purpose: {
        actId: 'access.confirm',
        input: { id, confirm: { code: presented.code } },
        kind: 'act',
      },
    })
}

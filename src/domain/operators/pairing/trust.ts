import { Fault } from '../../../base/fault.ts'
import type { Journal } from '../../../journal/journal.ts'
import type { Draft } from '../../../journal/types.ts'
import { operatorCan } from '../rules.ts'
import type { Rights } from '../types.ts'
import type { PairingReader } from './read.ts'
import { offeredAgent, pairingCan } from './rules.ts'
import type { DeviceIdentity, DeviceKey, DeviceKind, Pairing, Presented } from './types.ts'

/** The keys of agents outside of pods. */
export interface PairedKeys {
  /** Fault `not.possible` for an agent that needs no key. */
  requireOutside(agent: string): void
  /** What trusts a key of such an agent. Fault `not.possible`. */
  trusting(key: { id: string; agent: string; key: DeviceKey }, actor: string): Draft[]
}

interface TrustParts {
  journal: Journal
  read: PairingReader
  agentKeys: PairedKeys
}

/** What comes of an offer that was taken: `id` is that of the new device or key. */
interface NewTrust {
  id: string
  operator: string | undefined
}

/** What trusts whoever took an offer. */
export class Trust {
  readonly #parts: TrustParts

  constructor(parts: TrustParts) {
    this.#parts = parts
  }

  /** Faults: `input.invalid`, `not.possible`. */
  drafts(pairing: Pairing, confirmed: NewTrust, actor: string): Draft[] {
    const { presented } = pairing
    const agent = offeredAgent(pairing)
    if (presented === null) return []
    if (agent === undefined) return this.#ofDevice({ ...pairing, presented }, confirmed, actor)
    const { id } = confirmed
    const key = presented.identity as DeviceKey
    return [
      ...this.#parts.agentKeys.trusting({ id, agent, key }, actor),
      { type: 'pairing.confirmed', actor, subject: agent, body: { id: pairing.id, key: id } },
    ]
  }

  #ofDevice(
    pairing: Pairing & { presented: Presented },
    { id, operator }: NewTrust,
    actor: string,
  ): Draft[] {
    const owner = pairing.operator ?? operator
    if (owner === undefined)
      throw new Fault('input.invalid', 'say which operator this device belongs to', {
        hint: 'Name a new operator for it: --operator <name>',
      })
    const { device: name, identity } = pairing.presented
    this.#requireNew(identity)
    const kind = pairing.kind as DeviceKind
    const body = { pairing: pairing.id, id, operator: owner, kind, name, identity }
    return [
      ...this.#operatorFor(pairing, owner, actor),
      { type: 'device.trusted', actor, subject: '', body },
    ]
  }

  /** Of two devices with one identity it could not be said which one does something. */
  #requireNew(identity: DeviceIdentity): void {
    const same = this.#parts.read.known(identity)
    if (same === undefined) return
    throw new Fault('not.possible', `it is ${same.id} of ${same.operator} already`, {
      hint: `To give it to somebody else, revoke it first: clawdeck access revoke ${same.id}`,
    })
  }

  /** What adds the operator of a confirmed device, unless they are known. */
  #operatorFor(pairing: Pairing, id: string, actor: string): Draft[] {
    const { journal, read } = this.#parts
    if (pairing.operator !== null) {
      const reason = pairingCan.goTo(pairing, read.operator(pairing.operator))
      if (reason !== undefined) throw new Fault('not.possible', reason, { hint: 'Offer it again.' })
      return []
    }
    if (journal.rows.get('operator', id) !== undefined)
      throw new Fault('not.possible', `${id} is taken`, {
        hint: 'To add a device to somebody, offer it to them: access pair … --operator.',
      })
    const rights = pairing.rights as Rights
    const person = { id, kind: 'person', ...rights, local: false, keyHash: null } as const
    const reason = operatorCan.be({ ...person, addedAt: 0, addedBy: '', state: 'active' }, person)
    if (reason !== undefined) throw new Fault('not.possible', reason)
    return [{ type: 'operator.added', actor, subject: '', body: person }]
  }
}

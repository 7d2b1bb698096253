import type { Clock } from '../../../base/clock.ts'
import { Fault } from '../../../base/fault.ts'
import { newId } from '../../../base/ids.ts'
import type { Journal } from '../../../journal/journal.ts'
import type { Draft } from '../../../journal/types.ts'
import type { Store } from '../../../store/open.ts'
import { Changes } from './changes.ts'
import { over } from './drafts.ts'
import { pairingReader, type PairingReader } from './read.ts'
import {
  offeredAgent,
  badIdentity,
  isKnownBy,
  isOver,
  newToken,
  pairingRow,
  pairingCan,
  pairingCode,
  rightsOf,
  tokenHash,
} from './rules.ts'
import { Trust, type PairedKeys } from './trust.ts'
import { WrongTokens } from './wrong-tokens.ts'
import type {
  Device,
  DeviceIdentity,
  PairedAgent,
  PairingOffer,
  Pairing,
  PairingRow,
  PairingService,
  PairingTerms,
  Presentation,
} from './types.ts'

/** What doors need of pairing, besides the service. */
interface PairingParts {
  journal: Journal
  store: Store
  clock: Clock
  /**
   * What the other side opens to take an offer. Fault `not.possible` where no door is open for it.
   */
  linkOf: (offer: Pick<PairingTerms, 'kind' | 'rights'>, token: string) => string
  agentKeys: PairedKeys
  /** Ends what doors do for a device whose trust has ended. */
  cutOff: (device: string, why: string) => void
  problem: (what: string) => void
}

/** Makes the pairing of a deck. Offers that the last supervisor left open are over. */
export async function openPairing(parts: PairingParts): Promise<Pairings> {
  const pairings = new Pairings(parts)
  await pairings.endLeftOver()
  return pairings
}

export class Pairings implements PairingService, AsyncDisposable {
  readonly #parts: PairingParts
  /** Pairings and devices as they are now. */
  readonly read: PairingReader
  readonly #timers = new Map<string, () => void>()
  readonly #changes = new Changes()
  readonly #wrong: WrongTokens
  readonly #trust: Trust

  constructor(parts: PairingParts) {
    this.#parts = parts
    this.read = pairingReader(parts)
    this.#wrong = new WrongTokens(parts)
    this.#trust = new Trust({ ...parts, read: this.read })
  }

  async endLeftOver(): Promise<void> {
    const left = this.read.going()
    if (left.length > 0)
      await this.#parts.journal.append(() => left.map(({ id }) => over('pairing.expired', id)))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const cancel of this.#timers.values()) cancel()
  }

  async offer(
    { kind, operator, rights: asked, seconds }: PairingTerms,
    actor: string,
  ): Promise<PairingOffer> {
    const { journal, clock, linkOf, agentKeys } = this.#parts
    const token = newToken()
    const id = newId('pai')
    const link = linkOf({ kind, rights: asked }, token)
    await journal.append(() => {
      const rights = operator === null ? asked : rightsOf(this.read.operator(operator))
      if (rights.role === 'owner' && rights.agents !== null)
        throw new Fault('not.possible', 'an owner is an owner of the whole deck')
      if (rights.role === 'agent') agentKeys.requireOutside(rights.agents[0] ?? '')
      const expiresAt = clock.now() + seconds * 1000
      const body = { id, kind, operator, rights, tokenHash: tokenHash(token), expiresAt }
      return [{ type: 'pairing.offered', actor, subject: '', body }]
    })
    const pairing = this.read.pairing(id)
    this.#endInTime(pairing)
    this.#changes.announce()
    return { pairing: pairingRow(pairing), token, link }
  }

  async present(
    { token, agent, person, device, identity }: Presentation,
    actor: string,
  ): Promise<PairingRow> {
    const { journal, clock } = this.#parts
    const hash = tokenHash(token)
    let id: string | undefined
    const events = await journal.append(() => {
      // The hash of a random token is looked for: the time that takes tells nothing about a token.
      const found = this.read.going().find((pairing) => pairing.tokenHash === hash)
      const fits =
        found !== undefined &&
        pairingCan.takeDevice(found, clock.now()) === undefined &&
        badIdentity(found.kind, identity) === undefined &&
        pairingCan.beTakenBy(found, agent)
      if (!fits) return this.#guessed(identity.type, actor)
      id = found.id
      const presented = { person, device, identity, code: pairingCode(token, identity) }
      return [{ type: 'pairing.presented', actor, subject: '', body: { id, presented } }]
    })
    this.#changes.announce()
    if (events.length === 0) await this.#wrong.whileIdle(actor)
    if (id === undefined)
      throw new Fault('refused', 'this link does not work', {
        hint: 'It may be over or used already. Ask for a new one.',
      })
    this.#wrong.forget(identity.type)
    const pairing = this.read.pairing(id)
    this.#endInTime(pairing)
    return pairingRow(pairing)
  }

  async confirm(
    id: string,
    operator: string | undefined,
    actor: string,
  ): Promise<Device | PairedAgent> {
    const { journal, clock } = this.#parts
    const agent = offeredAgent(this.read.pairing(id))
    const newOne = newId(agent === undefined ? 'dev' : 'key')
    await journal.append(() => {
      const pairing = this.read.pairing(id)
      const reason = pairingCan.beConfirmed(pairing, clock.now())
      if (reason !== undefined) throw new Fault('not.possible', reason)
      return this.#trust.drafts(pairing, { id: newOne, operator }, actor)
    })
    this.#end(id)
    return agent === undefined ? this.read.device(newOne) : { id: newOne, agent }
  }

  async refuse(id: string, actor: string): Promise<PairingRow> {
    await this.#parts.journal.append(() => {
      const reason = pairingCan.beRefused(this.read.pairing(id))
      if (reason !== undefined) throw new Fault('not.possible', reason)
      return [{ type: 'pairing.refused', actor, subject: '', body: { id } }]
    })
    this.#end(id)
    return pairingRow(this.read.pairing(id))
  }

  async get(id: string): Promise<PairingRow> {
    return pairingRow(this.read.pairing(id))
  }

  async taken(token: string, user: number): Promise<PairingRow> {
    return pairingRow(this.read.taken(token, user))
  }

  async ofAccount(user: number): Promise<Device> {
    return this.read.ofAccount(user)
  }

  async list(): Promise<{ pairings: PairingRow[]; devices: Device[] }> {
    return { pairings: this.read.going().map(pairingRow), devices: this.read.trusted() }
  }

  async revoke(device: string, actor: string): Promise<Device> {
    await this.#parts.journal.append(() => {
      const { state, operator } = this.read.device(device)
      if (state === 'revoked') throw new Fault('not.possible', `${device} was revoked before`)
      return [{ type: 'device.revoked', actor, subject: '', body: { id: device, operator } }]
    })
    this.#parts.cutOff(device, `${device} was revoked`)
    this.#changes.announce()
    return this.read.device(device)
  }

  async *await(id: string, token: string, signal: AbortSignal): AsyncGenerator<PairingRow> {
    const pairing = this.#parts.journal.rows.get<Pairing>('pairing', id)
    if (pairing?.tokenHash !== tokenHash(token))
      throw new Fault('refused', 'this link does not work')
    yield* this.follow(id, signal)
  }

  async *follow(id: string, signal: AbortSignal): AsyncGenerator<PairingRow> {
    let last = ''
    while (!signal.aborted) {
      const pairing = this.read.pairing(id)
      if (pairing.state === last) {
        await this.#changes.next(signal)
        continue
      }
      last = pairing.state
      yield pairingRow(pairing)
      if (isOver(pairing.state)) return
    }
  }

  /** The trusted device with this id, or undefined. */
  trusted(id: string): Device | undefined {
    const device = this.#parts.journal.rows.get<Device>('device', id)
    return device?.state === 'trusted' ? device : undefined
  }

  /** What a wrong token leaves, if it could be for an open offer: the fifth ends all of those. */
  #guessed(type: DeviceIdentity['type'], actor: string): Draft[] {
    const open = this.read
      .going()
      .filter(({ state, kind }) => state === 'open' && isKnownBy(kind, type))
    if (open.length === 0) return []
    const { draft, tooMany } = this.#wrong.whileOpen(type, actor)
    if (!tooMany) return [draft]
    for (const { id } of open) this.#cancel(id)
    return [draft, ...open.map(({ id }) => over('pairing.locked', id))]
  }

  #endInTime({ id, expiresAt }: Pairing): void {
    const { journal, clock, problem } = this.#parts
    this.#cancel(id)
    const end = () => {
      journal
        .append(() => (isOver(this.read.pairing(id).state) ? [] : [over('pairing.expired', id)]))
        .then(() => this.#end(id))
        .catch((thrown: unknown) => problem(`${id} could not be ended: ${String(thrown)}`))
    }
    this.#timers.set(id, clock.after(expiresAt - clock.now(), end))
  }

  #end(id: string): void {
    this.#cancel(id)
    this.#changes.announce()
  }

  #cancel(id: string): void {
    this.#timers.get(id)?.()
    this.#timers.delete(id)
  }
}

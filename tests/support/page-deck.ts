import type { MachineClock } from '../../src/base/clock.ts'
import type { DoorRow } from '../../src/domain/doors/types.ts'
import type { Device, PairingOffer } from '../../src/domain/operators/pairing/types.ts'
import { openLink } from '../../src/doors/operator/client.ts'
import type { Link } from '../../src/doors/operator/link.ts'
import { TestDeck } from './deck.ts'
import { Phone } from './phone.ts'

/** A deck that serves the page, with the owner's link to it. */
export class PageDeck {
  readonly deck: TestDeck
  readonly owner: Link
  door: DoorRow

  private constructor(deck: TestDeck, owner: Link, door: DoorRow) {
    this.deck = deck
    this.owner = owner
    this.door = door
  }

  static async open(onEnd: (act: () => unknown) => void, clock?: MachineClock): Promise<PageDeck> {
    const deck = await new TestDeck(onEnd, clock).start()
    const owner = openLink(deck.home.socket, 'cli')
    onEnd(() => owner.close())
    const door = (await owner.do('access.serve', { port: 0 })) as DoorRow
    return new PageDeck(deck, owner, door)
  }

  async offered(input: object = {}): Promise<PairingOffer> {
    const terms = { kind: 'device', scope: 'deck', role: 'operator', ...input }
    const offer = await this.owner.do('access.pair', terms)
    return offer as PairingOffer
  }

  /** Confirms whoever took an offer, as somebody does who compared the codes. */
  async confirm(id: string, code: string, operator?: string): Promise<Device> {
    const named = operator === undefined ? {} : { operator }
    return (await this.owner.do('access.confirm', { id, ...named, confirm: { code } })) as Device
  }

  /** A question that waits, as the phone sees it. */
  async question(phone: Phone, more: object = {}) {
    const agent = await this.deck.agent('a1')
    const { id } = await agent.ask({ type: 'exec', target: 'git push origin main', ...more })
    const approval = (await phone.waiting()).find((one) => one.id === id)
    if (approval === undefined) throw new Error('the phone does not see the question')
    return { agent, approval }
  }

  /** A phone that is paired, with an open session. */
  async phone(input: object = {}, operator = 'ada'): Promise<Phone> {
    const phone = await Phone.at(this.door)
    const { link } = await this.offered(input)
    const { id, code } = await phone.present(link)
    const device = await this.confirm(id, code, 'operator' in input ? undefined : operator)
    await phone.open(device.id)
    return phone
  }
}

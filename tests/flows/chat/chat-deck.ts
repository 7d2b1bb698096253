import { writeFileSync } from 'node:fs'
import type { PairingOffer } from '../../../src/domain/operators/pairing/types.ts'
import { openLink } from '../../../src/doors/operator/client.ts'
import type { Link } from '../../../src/doors/operator/link.ts'
import { systemClock, type MachineClock } from '../../../src/base/clock.ts'
import { BotApi, TOKEN } from '../../support/bot-api.ts'
import { ChatUser } from '../../support/chat-user.ts'
import { TestDeck } from '../../support/deck.ts'

/** A deck whose bot is at a Bot API server of this test. */
export class ChatDeck {
  readonly api = new BotApi()
  readonly deck: TestDeck
  #owner: Link | undefined

  constructor(onEnd: (act: () => unknown) => void, clock: MachineClock = systemClock) {
    onEnd(() => this.api.stop())
    this.deck = new TestDeck(onEnd, clock)
    onEnd(() => this.#owner?.close())
  }

  /** `more`: other lines of `config.yaml`. */
  async start(settings = 'digestAt: null', more = ''): Promise<this> {
    await this.api.start()
    await this.restartWith(settings, more)
    this.#owner = openLink(this.deck.home.socket, 'cli')
    await this.owner.do('chat.connect', { token: TOKEN })
    return this
  }

  async restartWith(settings: string, more = ''): Promise<void> {
    await this.deck.stop()
    const telegram = `telegram: { apiRoot: "${this.api.root}", ${settings} }\n`
    writeFileSync(this.deck.home.config, `${telegram}${more}`)
    await this.deck.start()
  }

  get owner(): Link {
    if (this.#owner === undefined) throw new Error('the deck is not started')
    return this.#owner
  }

  person(user: number, name?: string): ChatUser {
    return new ChatUser(this.api, user, name)
  }

  async offered(input: object = {}): Promise<PairingOffer> {
    const offer = { kind: 'telegram', scope: 'deck', ...input }
    return (await this.owner.do('access.pair', offer)) as PairingOffer
  }

  /** Somebody whose account is paired, as a new operator of that name. */
  async paired(operator: string, user: number, input: object = {}): Promise<ChatUser> {
    const person = this.person(user, operator)
    const { pairing, token } = await this.offered({ role: 'operator', ...input })
    person.says(`/start ${token}`)
    const code = /\d{6}/.exec((await person.sees(/Your code is/)).text)?.[0]
    await this.owner.do('access.confirm', { id: pairing.id, operator, confirm: { code } })
    await person.sees(/You are paired/)
    return person
  }

  types(): string[] {
    return this.deck.events().map(({ type }) => type)
  }

  decisions() {
    return this.deck.events().filter(({ type }) => type === 'approval.decided')
  }
}

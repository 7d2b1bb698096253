import { DeckClient, type ClientOptions } from '../../src/client/client.ts'
import type { Approval } from '../../src/domain/approvals/types.ts'
import type { DeskTrace } from '../../src/domain/governance/ledger/desk.ts'
import { ApiDeck } from './api-deck.ts'
import { ModelStandIn } from './model-stand-in.ts'
import { until } from './until.ts'

type LedgerRow = Record<string, unknown> & { action_id: string; declared_goal: string }

/** A deck with its API on, a client of it with a key, and a model: all of it over HTTP on loopback. */
export class ClientDeck {
  readonly api: ApiDeck
  readonly model: ModelStandIn
  readonly client: DeckClient

  private constructor(api: ApiDeck, model: ModelStandIn, options: Partial<ClientOptions>) {
    this.api = api
    this.model = model
    this.client = new DeckClient({
      baseUrl: api.url,
      apiKey: api.keys.member,
      agentId: 'app',
      ...options,
    })
  }

  static async start(
    onEnd: (act: () => unknown) => void,
    options: Partial<ClientOptions> = {},
  ): Promise<ClientDeck> {
    const api = await new ApiDeck(onEnd).start()
    const model = await ModelStandIn.start()
    onEnd(() => model[Symbol.asyncDispose]())
    return new ClientDeck(api, model, options)
  }

  /** What stands in the ledger, in the order in which it began. */
  async ledger(): Promise<LedgerRow[]> {
    const { body } = await this.api.call<{ actions: LedgerRow[] }>('GET /actions')
    return body.actions.toReversed()
  }

  /** The question that waits for an operator, once there is one. */
  async waiting(): Promise<Approval> {
    const { approvals } = this.api.deck.deck
    return until('an action waits', async () => (await approvals.list('pending', 1))[0])
  }

  /** What `y` in the console does, or `e` with another text. */
  async allow(edited?: string): Promise<void> {
    const edit = edited === undefined ? {} : { edit: { target: edited } }
    const { id } = await this.waiting()
    await this.api.deck.deck.approvals.allow(id, edit, 'operator:maya/console')
  }

  async deny(note: string): Promise<void> {
    const { id } = await this.waiting()
    await this.api.deck.deck.approvals.deny(id, { note }, 'operator:maya/console')
  }

  /** What `ledger show` tells. */
  async trace(actionId: string): Promise<DeskTrace> {
    return (await this.api.deck.deck.governance()).desk.show(actionId)
  }
}

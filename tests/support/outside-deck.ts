import type { AgentKey } from '../../src/domain/agents/keys/types.ts'
import { openLink } from '../../src/doors/operator/client.ts'
import type { Link } from '../../src/doors/operator/link.ts'
import { ManualClock } from './clock.ts'
import { TestDeck } from './deck.ts'
import { SigningAgent, type KeyKind } from './signing-agent.ts'

/** For so long after a start no signature counts. */
const START_MS = 4000

/** A deck with an agent outside of pods that is started, and has no key yet. */
export class OutsideDeck {
  readonly clock: ManualClock
  readonly deck: TestDeck
  readonly owner: Link

  private constructor(clock: ManualClock, deck: TestDeck, owner: Link) {
    this.clock = clock
    this.deck = deck
    this.owner = owner
  }

  static async open(onEnd: (act: () => unknown) => void): Promise<OutsideDeck> {
    const clock = new ManualClock()
    const deck = await new TestDeck(onEnd, clock).withAccess().start()
    const owner = openLink(deck.home.socket, 'cli')
    onEnd(() => owner.close())
    await owner.do('agent.create', { template: 'coder', agent: 'far', backend: 'outside' })
    await owner.do('agent.start', { agent: 'far' })
    clock.advance(START_MS)
    return new OutsideDeck(clock, deck, owner)
  }

  /** A program that is the agent `name`, as far as it has a key. */
  agent(name = 'far', kind: KeyKind = 'ed25519'): SigningAgent {
    return new SigningAgent(name, this.deck.accessSocket, { kind, clock: this.clock })
  }

  async trust(agent: SigningAgent): Promise<SigningAgent> {
    const file = agent.file(this.deck.home.root)
    const key = (await this.owner.do('agent_key.add', { agent: agent.name, file })) as AgentKey
    agent.keyid = key.id
    return agent
  }

  async restart(): Promise<void> {
    await this.deck.stop()
    await this.deck.start()
  }
}

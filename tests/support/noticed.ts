import { questionOf } from '../../src/domain/alerts/rules.ts'
import type { Draft, EventType } from '../../src/journal/types.ts'
import type { TestDeck } from './deck.ts'

/** Opens a question for an operator, as their console would, until it is left. */
export async function lookAt(
  deck: TestDeck,
  id: string,
  operator: string,
  leaving: AbortController,
): Promise<string> {
  const look = deck.deck.onlookers.look(id, operator, leaving.signal)[Symbol.asyncIterator]()
  await look.next()
  void look.next()
  return id
}

/** Has a question escalated, as nobody answered it. */
export async function escalated(deck: TestDeck, id: string, step: number): Promise<void> {
  const question = questionOf(await deck.deck.approvals.get(id))
  const body = { id, step, of: 2, to: ['console'], question }
  await deck.running.composed.record.journal.append(() => [
    { type: 'approval.escalated', actor: 'supervisor', subject: 'a1', body },
  ])
}

/** A heartbeat of an agent of the governance API. Answers its name in the deck. */
export async function beat({ deck }: TestDeck, status: string): Promise<string> {
  const { presences } = await deck.governance()
  const author = { org: 'org_default', slug: 'default', actor: 'key:k1' }
  await presences.beat(author, {
    agentId: 'scout',
    label: null,
    status,
    task: null,
    metadata: null,
  })
  return 'scout@default'
}

/** Writes down something about operators who are not there. */
export function absent(deck: TestDeck, type: EventType, body: object): Promise<unknown> {
  const { journal } = deck.running.composed.record
  return journal.append(() => [{ type, actor: 'supervisor', subject: '', body } as Draft])
}

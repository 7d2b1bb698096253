import type { RuleRow } from '../../src/domain/rules/types.ts'
import { OPERATOR, type Heard, type TestAgent, type TestDeck } from './deck.ts'

export const PUSH = 'git push origin main'

/** Asks for a command, and an operator allows it. */
export async function allowed(deck: TestDeck, agent: TestAgent, command = PUSH): Promise<Heard> {
  const heard = await agent.exec(command)
  await deck.deck.approvals.allow(heard.id, {}, OPERATOR)
  return heard
}

/** The rule that three approvals confirm. */
export async function learned(deck: TestDeck, agent: TestAgent): Promise<RuleRow> {
  for (let i = 0; i < 3; i++) await allowed(deck, agent)
  return (await deck.deck.rules.list({ status: 'confirmed', limit: 1 }))[0] as RuleRow
}

import { describe, expect, test } from 'vitest'
import type { CreatedAction, DeckClient, GuardAnswer } from '../../src/client/client.ts'
import { route } from '../../src/client/core/route.ts'

/** Never called: what it says is checked by the compiler. */
export async function wellTypedCalls(deck: DeckClient): Promise<void> {
  const guard: GuardAnswer = await deck.guard({ action_type: 'x' }, { includeSignals: true })
  guard.risk_score.toFixed()
  const created: CreatedAction = await deck.createAction({ actionType: 'x', declaredGoal: 'y' })
  await deck.updateOutcome(created.action_id, { status: 'completed', durationMs: 3 })
  await deck.closeThread('ct_1')
  await deck.closeThread('ct_1', 'done')
  await deck.closeThread('ct_1', { summary: 'done' })
  await deck.createPromptVersion('pt_1', { content: 'x', modelHint: null })
  await deck.createPairing({ publicKeyPem: 'PEM' })
  await deck.sendMessage({ to: 'ops', type: 'info', body: 'x', threadId: 'mt_1' })
  await deck.heartbeat('busy', { disk: 1 })
  await deck.heartbeat({ status: 'busy', currentTaskId: 't' })
  await deck.getPendingApprovals(5, 10)
  await deck.getPendingApprovals({ limit: 5 })
  const text: string = await deck.downloadComplianceExport('x')
  text.trim()
  // @ts-expect-error the description is missing
  await deck.registerOpenLoop('act_1', 'question')
  // @ts-expect-error no such filter
  await deck.getActions({ statuss: 'x' })
  // @ts-expect-error no such decision
  await deck.approveAction('act_1', 'maybe')
  // @ts-expect-error a number is needed
  await deck.createScore('act_1', 'scorer', 'high')
  // @ts-expect-error nothing to get
  await deck.getWebhook('wh_1')
}

describe('a row of the table', () => {
  test('that does not fit its types is not compiled', () => {
    // @ts-expect-error a required field has no place in the signature
    const missing = route<{ a: string; b: string }, string>()('GET x', 'a')
    // @ts-expect-error the signature names a field that is not there
    const unknown = route<{ a: string }, string>()('GET x', 'a c')
    const whole = route<{ a: string; c?: number }, string>()('GET x/:b', 'a c:number?')
    expect([missing.call, unknown.call, whole.call]).toEqual(['GET x', 'GET x', 'GET x/:b'])
  })
})

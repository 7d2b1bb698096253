import { afterEach, expect, test } from 'vitest'
import { openHostKey } from '../../../src/config/host-key.ts'
import { GuardedAgents } from '../../../src/domain/agents/guarded-agents.ts'
import { TestDeck } from '../../support/deck.ts'

const cleanups: (() => unknown)[] = []
afterEach(async () => {
  for (const act of cleanups.splice(0).toReversed()) await act()
})

test('an agent is guarded within the lock that the journal names, and within no other', async () => {
  const deck = await new TestDeck((act) => cleanups.push(act)).start()
  await deck.agent('a1')
  const { name, lock } = await deck.deck.agents.get('a1')
  const guarded = new GuardedAgents(deck.home, await openHostKey(deck.home.secrets))
  await expect(guarded.add({ name, lock: 'f'.repeat(64) })).rejects.toMatchObject({
    code: 'lock.invalid',
  })
  expect(guarded.boundsOf('a1')).toHaveProperty('refusal')
  await guarded.add({ name, lock })
  expect(guarded.boundsOf('a1')).toHaveProperty('bounds')
})

import { afterEach, expect, test } from 'vitest'
import { runDemo } from '../../../src/supervisor/demo/demo.ts'
import { TestDeck } from '../../support/deck.ts'

const cleanups: (() => unknown)[] = []
afterEach(async () => {
  for (const act of cleanups.splice(0).toReversed()) await act()
})

test('the demo has learned: rules in every state, one that a yes would confirm, and a lesson that waits for it', async () => {
  const deck = await new TestDeck((act) => cleanups.push(act)).start()
  const ended = new AbortController()
  let asked = 0
  cleanups.push(() => ended.abort())
  await runDemo(
    deck.deck,
    { log: () => undefined, usage: () => undefined, whileHeld: () => undefined },
    (agent) => deck.home.agent(agent).door,
    ended.signal,
  )
  const { counts } = await deck.deck.rules.status()
  for (const [status, many] of Object.entries(counts)) expect(many, status).toBeGreaterThan(0)
  const rules = await deck.deck.rules.list({ limit: 100 })
  expect(rules).toContainEqual(
    expect.objectContaining({ status: 'candidate', support: 2, needed: 3, scopeKey: 'ops' }),
  )
  expect(rules).toContainEqual(
    expect.objectContaining({ status: 'suspended', suspensionReason: 'repeated_failure' }),
  )
  await deck.event(
    (event) =>
      event.type === 'approval.requested' &&
      JSON.stringify(event.body).includes('docker compose pull') &&
      ++asked === 3,
  )
})

import { afterEach, describe, expect, test } from 'vitest'
import { openLink } from '../../../src/doors/operator/client.ts'
import { ManualClock } from '../../support/clock.ts'
import { TestDeck } from '../../support/deck.ts'
import { until } from '../../support/until.ts'

const MINUTE_MS = 60_000
const cleanups: (() => unknown)[] = []
afterEach(async () => {
  for (const act of cleanups.splice(0).toReversed()) await act()
})

async function watched(response: 'freeze' | 'deny') {
  const clock = new ManualClock()
  const deck = new TestDeck((act) => cleanups.push(act), clock)
  await deck.withSettings(`deadMan: { minutes: 30, warnMinutes: 5, response: ${response} }`).start()
  const link = openLink(deck.home.socket, 'cli')
  cleanups.push(() => link.close())
  const heard = (type: string) =>
    until(type, () => deck.events().some((event) => event.type === type))
  return { clock, deck, link, heard, a1: await deck.agent('a1') }
}

describe('when no operator is seen', () => {
  test('it warns, and then freezes the fleet until somebody thaws it', async () => {
    const { clock, deck, link, heard } = await watched('freeze')
    clock.advance(20 * MINUTE_MS)
    await link.do('agent.list')
    clock.advance(24 * MINUTE_MS)
    expect(deck.events().some(({ type }) => type === 'absence.warned')).toBe(false)
    clock.advance(MINUTE_MS)
    await heard('absence.warned')
    clock.advance(5 * MINUTE_MS)
    await heard('fleet.frozen')
    expect(await deck.event(({ type }) => type === 'fleet.frozen')).toMatchObject({
      actor: 'supervisor',
      body: { why: 'no operator was seen for 30 minutes' },
    })
    await until('paused', () => deck.memory.pods.factsOf('a1').paused)
    await link.do('agent.list')
    await heard('absence.ended')
    expect(deck.memory.pods.factsOf('a1').paused).toBe(true)
    await link.do('fleet.thaw')
    expect(deck.memory.pods.factsOf('a1').paused).toBe(false)
  })

  test('or denies everything until somebody is seen', async () => {
    const { clock, link, heard, a1 } = await watched('deny')
    clock.advance(25 * MINUTE_MS)
    await heard('absence.warned')
    clock.advance(5 * MINUTE_MS)
    await heard('absence.reached')
    expect(await a1.exec('git status')).toMatchObject({
      decision: 'block',
      reasons: [{ text: expect.stringContaining('no operator was seen') }],
    })
    await link.do('agent.list')
    await heard('absence.ended')
    expect(await a1.exec('git status')).toMatchObject({ decision: 'allow' })
  })

  test('a warning is over when somebody is seen in time', async () => {
    const { clock, deck, link, heard } = await watched('freeze')
    clock.advance(25 * MINUTE_MS)
    await heard('absence.warned')
    await link.do('agent.list')
    await heard('absence.ended')
    clock.advance(24 * MINUTE_MS)
    expect(deck.events().some(({ type }) => type === 'fleet.frozen')).toBe(false)
  })
})
